/**
 * Atomically makes one descriptor a duplicate of another. Source: dup2(2).
 */
import { closeSync, constants, openSync, readlinkSync } from 'node:fs';
import { check, native, nativeAvailable } from '../call/native.ts';

/**
 * Makes `target` a duplicate of `fd`.
 *
 * @throws SysError
 */
export function replaceFd(fd: number, target: number): void {
  if (nativeAvailable().ok) {
    check(native().libc.dup2(fd, target), 'dup2');
    return;
  }
  // Without native calls: open(2) takes the lowest free number, which is the one just closed.
  const path = readlinkSync(`/proc/self/fd/${fd}`);
  closeSync(target);
  openSync(path, constants.O_RDWR | constants.O_NOCTTY);
}
