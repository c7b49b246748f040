/**
 * Keeps programs that this process starts from inheriting the descriptors it was started with. Descriptors that Node.js
 * and this room open are close-on-exec anyway. Source: fcntl(2) FD_CLOEXEC.
 */
import { readdirSync } from 'node:fs';
import { native, nativeAvailable } from '../call/native.ts';

const F_SETFD = 2;
const FD_CLOEXEC = 1;
/** Standard input, output and error are set up for each program. */
const FIRST_OTHER_FD = 3;

/** Never fails; without native calls or /proc it does nothing. */
export function closeOthersOnExec(): void {
  if (!nativeAvailable().ok) return;
  const { libc } = native();
  for (const fd of openFds()) if (fd >= FIRST_OTHER_FD) libc.fcntlInt(fd, F_SETFD, 'int', FD_CLOEXEC);
}

function openFds(): readonly number[] {
  try {
    return readdirSync('/proc/self/fd').map(Number);
  } catch {
    return [];
  }
}
