/**
 * Becoming a daemon, seen from the daemon: nothing inherited is left open, and what started it learns that it is
 * ready. Source: daemon(7).
 */
import { closeSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { replaceFd } from '../sys/replace-fd.ts';
import { resetStderr } from '../sys/stderr-line.ts';
import { DETACHED_VARIABLE, READY_FD, READY_LINE } from './detach.ts';

const STDIO_FDS: readonly number[] = [0, 1, 2];
/** Source: fcntl(2), in the octal notation of /proc/PID/fdinfo. */
const O_CLOEXEC = 0o2000000;

/** @returns whether this process was started to be the daemon; asked once, at the beginning. */
export function isDetached(): boolean {
  const detached = process.env[DETACHED_VARIABLE] !== undefined;
  delete process.env[DETACHED_VARIABLE];
  return detached;
}

function isInherited(fd: number): boolean {
  try {
    const flags = /^flags:\s+(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & O_CLOEXEC) === 0;
  } catch {
    return false;
  }
}

/**
 * Closes what the starting process left open. Node opens its own descriptors close-on-exec, so that those without
 * it are somebody else's.
 */
export function closeInherited(): void {
  for (const name of readdirSync('/proc/self/fd')) {
    const fd = Number(name);
    if (fd > READY_FD && isInherited(fd)) closeSync(fd);
  }
}

/** Leaves the directory and the terminal that the daemon was started from, and says that it is ready. */
export function announceReady(): void {
  process.chdir('/');
  const nowhere = openSync('/dev/null', 'r+');
  for (const fd of STDIO_FDS) replaceFd(nowhere, fd);
  closeSync(nowhere);
  resetStderr();
  writeSync(READY_FD, READY_LINE);
  closeSync(READY_FD);
}
