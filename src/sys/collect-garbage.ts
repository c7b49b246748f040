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

function isTask(value: unknown): value is () => void {
  return typeof value === 'function';
}
