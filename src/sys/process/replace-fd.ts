/**
 * Makes one descriptor lead where another does, in one step. Source: dup2(2).
 */
import { closeSync, constants, openSync, readlinkSync } from 'node:fs';
import { check, native, nativeAvailable } from '../call/native.ts';

/**
 * Afterwards `target` is what `fd` is.
 *
 * @throws SysError
 */
export function replaceFd(fd: number, target: number): void {
  if (nativeAvailable().ok) {
    check(native().libc.dup2(fd, target), 'dup2');
    return;
  }
  // Without native calls: the lowest free number is taken, which is the one just closed.
  const path = readlinkSync(`/proc/self/fd/${fd}`);
  closeSync(target);
  openSync(path, constants.O_RDWR | constants.O_NOCTTY);
}
