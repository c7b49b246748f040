/**
 * Starts programs so that a failure causes neither an event without a listener nor a leak. Source: fork(2), execve(2),
 * child_process of Node.js.
 *
 * Node reports some failures by throwing (ENOMEM, E2BIG), others by an event (ENOENT, EAGAIN). When descriptors run out
 * (EMFILE, ENFILE) the event comes from a child without the streams its type promises, and libuv leaks what it had
 * already opened. So the number of free descriptors is checked first.
 */
import { type ChildProcess, spawn, type SpawnOptions, type StdioOptions } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

/** Source: open(2): needs no permission to read, only a descriptor. */
const O_PATH = 0o10000000;
/** /dev/null for all ignored streams, and the pipe that reports the result of execve(2). */
const ALWAYS_FDS = 3;
const FDS_OF_A_PIPE = 2;

/**
 * @returns the running child, with all its streams; a later `error` event is ignored
 * @throws the system's error: nothing runs
 */
export function spawnProgram(file: string, args: readonly string[], options: SpawnOptions): Promise<ChildProcess> {
  return new Promise((resolve, reject) => {
    const child = startProgram(file, args, options);
    child.on('error', reject);
    child.once('spawn', () => resolve(child));
  });
}

/**
 * The same without waiting, for callers that need the pid: without one the program does not run, and `error` says why.
 *
 * @returns a child that needs a listener for `error` before the caller returns to the event loop
 * @throws the system's error
 */
export function startProgram(file: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  assertDescriptors(ALWAYS_FDS + FDS_OF_A_PIPE * countPipes(options.stdio));
  return spawn(file, args, options);
}

function countPipes(stdio: StdioOptions | undefined): number {
  if (!Array.isArray(stdio)) return stdio === undefined || stdio === 'pipe' ? 3 : 0;
  return stdio.filter((entry) => entry === 'pipe').length;
}

/** @throws the system's error if fewer descriptors are free */
function assertDescriptors(count: number): void {
  const fds: number[] = [];
  try {
    while (fds.length < count) fds.push(openSync('/', O_PATH));
  } finally {
    for (const fd of fds) closeSync(fd);
  }
}
