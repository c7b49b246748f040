/**
 * A write lock on a whole file, which the daemon takes on its pid file. Source: fcntl(2) F_SETLK, F_GETLK.
 *
 * The lock belongs to the process, not to the descriptor. It vanishes when ANY descriptor of that file in the process
 * is closed, even one unrelated to the lock: do not read the file by its path while holding the lock. Child processes
 * do not inherit it.
 */
import { FCNTL, FLOCK } from '../call/abi.ts';
import { SysError } from '../call/errors.ts';
import { check, native } from '../call/native.ts';

/**
 * Takes the lock without waiting. The descriptor must be open for writing.
 *
 * @returns false if another process has it
 * @throws SysError for anything else
 */
export function tryWriteLock(fd: number): boolean {
  const { libc, errno } = native();
  if (libc.fcntl(fd, FCNTL.SETLK, 'void *', wholeFile()) !== -1) return true;
  const error = new SysError('fcntl', errno());
  if (error.code === 'EAGAIN' || error.code === 'EACCES') return false;
  throw error;
}

/** Releases the lock; the descriptor stays open. @throws SysError */
export function unlock(fd: number): void {
  const lock = wholeFile();
  lock.writeInt16LE(FCNTL.UNLCK, FLOCK.type);
  check(native().libc.fcntl(fd, FCNTL.SETLK, 'void *', lock), 'fcntl');
}

/**
 * @returns the pid of the process that has the lock; null if none has it, or only this process. 0: a process in another
 *   pid namespace; -1: a lock that belongs to no process
 * @throws SysError
 */
export function lockOwner(fd: number): number | null {
  const { libc, errno } = native();
  const lock = wholeFile();
  if (libc.fcntl(fd, FCNTL.GETLK, 'void *', lock) === -1) throw new SysError('fcntl', errno());
  return lock.readInt16LE(FLOCK.type) === FCNTL.UNLCK ? null : lock.readInt32LE(FLOCK.pid);
}

/** struct flock: F_WRLCK from the start (SEEK_SET is 0) with length 0, to the end however far the file grows. */
function wholeFile(): Buffer {
  const lock = Buffer.alloc(FLOCK.size);
  lock.writeInt16LE(FCNTL.WRLCK, FLOCK.type);
  return lock;
}
