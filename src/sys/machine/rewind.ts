/**
 * Seeks to the beginning of a file. Source: lseek(2); for /dev/kmsg: the first record.
 */
import { native, nativeAvailable } from '../call/native.ts';

const SEEK_SET = 0;

/** Never fails; without native calls it does nothing. */
export function rewindFd(fd: number): void {
  if (nativeAvailable().ok) native().libc.lseek(fd, 0, SEEK_SET);
}
