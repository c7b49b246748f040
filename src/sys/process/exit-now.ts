/**
 * Ends the process without waiting for its threads: one that hangs in a write to a dead disk would block exit(3)
 * forever. Source: _exit(2).
 */
import { native, nativeAvailable } from '../call/native.ts';

/** Does not return. Without native calls this is an ordinary exit. */
export function exitNow(status: number): never {
  if (nativeAvailable().ok) native().libc.exitNow(status);
  process.exit(status);
}
