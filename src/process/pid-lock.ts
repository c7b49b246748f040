/**
 * Who owns a pid file: the process with the write lock on it; without native calls, the one whose pid it contains.
 * Source: fcntl(2), proc(5).
 */
import { readFileSync, readSync } from 'node:fs';
import { nativeAvailable } from '../sys/call/native.ts';
import { lockOwner, tryWriteLock, unlock } from '../sys/file/record-lock.ts';

/** Longer than any pid. */
const LOOK_BYTES = 64;

/**
 * Takes the lock.
 *
 * @param program part of the command line by which another instance is recognized if there are no locks
 * @returns the pid of the process that has it, as far as known; null: this process has it
 */
export function takeLock(fd: number, program: string): string | null {
  if (!hasLocks()) return livingOwner(fd, program);
  if (tryWriteLock(fd)) return null;
  const pid = lockOwner(fd);
  return pid === null || pid <= 0 ? writtenPid(fd) : String(pid);
}

export function releaseLock(fd: number): void {
  if (hasLocks()) unlock(fd);
}

/** Locks need native calls. */
export function hasLocks(): boolean {
  return nativeAvailable().ok;
}

/** @returns the beginning of the file */
export function readBeginning(fd: number): string {
  const text = Buffer.alloc(LOOK_BYTES);
  return text.toString('latin1', 0, readSync(fd, text, 0, text.length, 0));
}

/** The daemon is alive if its pid is, and belongs to this program. */
function livingOwner(fd: number, program: string): string | null {
  const pid = writtenPid(fd);
  try {
    return readFileSync(`/proc/${Number(pid)}/cmdline`, 'latin1').includes(program) ? pid : null;
  } catch {
    return null;
  }
}

function writtenPid(fd: number): string {
  try {
    return readBeginning(fd).trim() || 'unknown';
  } catch {
    return 'unknown';
  }
}
