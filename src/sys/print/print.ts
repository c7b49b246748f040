/**
 * Output of commands that end by themselves: all of it is written before the call returns, unlike with the streams
 * of Node.js, whose failures come later as events. The daemon itself uses stderr-line.ts, which never waits.
 *
 * Whatever a text holds, no control character but tabs and ends of lines reaches the terminal.
 */
import { writeSync } from 'node:fs';
import { errorCode, errorText } from '../call/error-text.ts';
import { visibleLines, visiblePainted } from './visible-text.ts';

const STDOUT_FD = 1;
const STDERR_FD = 2;
/** Between two attempts at a descriptor that somebody else made non-blocking, and how many there are: 10 seconds. */
const PAUSE_MS = 10;
const ATTEMPTS_MAX = 1000;

/** What a command has to say cannot be said; the message is for the operator. */
export class PrintError extends Error {
  override readonly name = 'PrintError';
}

/**
 * Nothing happens where the reader is gone: it has seen what it wanted.
 *
 * @throws PrintError, e.g. on a full disk
 */
export function printStdout(text: string): void {
  printOut(visibleLines(text));
}

/** As {@link printStdout}, with colours. @throws PrintError */
export function printPainted(text: string): void {
  printOut(visiblePainted(text));
}

function printOut(text: string): void {
  try {
    print(STDOUT_FD, text);
  } catch (error) {
    throw new PrintError(`cannot write to standard output: ${errorText(error)}`, { cause: error });
  }
}

/** Never throws: there is nowhere to complain. */
export function printStderr(text: string): void {
  try {
    print(STDERR_FD, visibleLines(text));
  } catch {
    // The exit status tells.
  }
}

function print(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  let attempts = 0;
  for (let off = 0; off < bytes.length; ) {
    try {
      off += writeSync(fd, bytes, off);
      attempts = 0;
    } catch (error) {
      if (errorCode(error) === 'EPIPE') return;
      if (errorCode(error) !== 'EAGAIN' || ++attempts === ATTEMPTS_MAX) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    }
  }
}
