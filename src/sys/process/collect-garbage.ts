/**
 * Collects garbage at a moment of our choice. After a program is loaded, V8 starts marking in small steps between
 * events, for ten milliseconds: too long for a socket that holds ten datagrams.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Does nothing if this version of V8 does not offer it. */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('typeof gc === "function" ? gc : null');
  if (isTask(collect)) collect();
}

/**
 * Keeps the young generation at its current size. Otherwise it doubles, up to 32 MiB, while a large configuration is
 * loaded, and stays so: wasted memory for a program that allocates next to nothing per message. V8 takes the two sizes
 * only at its start, out of reach of a program; its growth can be limited at any time.
 */
export function stopYoungGrowth(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}

function isTask(value: unknown): value is () => void {
  return typeof value === 'function';
}
