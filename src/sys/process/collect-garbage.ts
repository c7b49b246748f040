/**
 * Collects garbage at a moment of our choice. V8 begins to mark when a program has been loaded, for ten milliseconds
 * in small steps between events: too long for a socket that holds ten datagrams.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Where this version of V8 does not offer it, nothing is done. */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('typeof gc === "function" ? gc : null');
  if (isTask(collect)) collect();
}

/**
 * Keeps the young generation at the size that it has now. It would otherwise double up to 32 MiB while a large
 * configuration is loaded, and stay so: for a program that allocates next to nothing per message, memory without use.
 * The two sizes that V8 takes at its start cannot be given by a program; how it grows can, at any time.
 */
export function stopYoungGrowth(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}

function isTask(value: unknown): value is () => void {
  return typeof value === 'function';
}
