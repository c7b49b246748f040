/**
 * Ends the process without waiting for its threads: one that hangs in a write to a dead disk would hold up
 * exit(3) for ever. Source: _exit(2).
 */
import { native, nativeAvailable } from '../call/native.ts';

/** Does not return. Without native calls it is the ordinary end. */
export function exitNow(status: number): never {
  if (nativeAvailable().ok) native().libc.exitNow(status);
  process.exit(status);
}
