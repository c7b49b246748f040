/**
 * Waits for something that no event reports, such as a line written by another process.
 */
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 5;
/** A machine may be ten times slower than another. */
export const PATIENCE_MS = 60_000;

/**
 * @param probe undefined or false: not yet
 * @returns the first other value that `probe` yields
 * @throws after `patienceMs`, naming `what` and the result of `found`
 */
export async function until<T>(
  what: string,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  patienceMs = PATIENCE_MS,
  found: () => string = () => '',
): Promise<T> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const value = await probe();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > deadline) throw new Error(`waited ${patienceMs} ms in vain until ${what}: ${found()}`);
    await delay(POLL_MS);
  }
}
