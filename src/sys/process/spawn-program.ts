/**
 * Starts programs, so that what goes wrong is neither an event that nobody listens to nor a leak. Source: fork(2),
 * execve(2), child_process of Node.js.
 *
 * Node tells some failures by throwing (ENOMEM, E2BIG), some by an event (ENOENT, EAGAIN). Where descriptors run out
 * (EMFILE, ENFILE) the event comes from a child without the streams that its type promises, and libuv leaves open
 * what it had opened for it by then: so it is tried first whether there are enough.
 */
import { type ChildProcess, spawn, type SpawnOptions, type StdioOptions } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

/** Source: open(2): needs no right to read, only a descriptor. */
const O_PATH = 0o10000000;
/** /dev/null for all streams that are ignored, and the pipe that tells what became of execve(2). */
const ALWAYS_FDS = 3;
const FDS_OF_A_PIPE = 2;

/**
 * @returns the running child, with all its streams; an `error` event that comes later is ignored
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
 * The same at once, for who needs the pid: without one the program does not run, and `error` tells why.
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

/** @throws the system's error where so many descriptors are not free */
function assertDescriptors(count: number): void {
  const fds: number[] = [];
  try {
    while (fds.length < count) fds.push(openSync('/', O_PATH));
  } finally {
    for (const fd of fds) closeSync(fd);
  }
}
