/**
 * Output of commands that end by themselves. Everything is written before the call returns, unlike with Node's streams,
 * which report failures later as events. The daemon itself uses stderr-line.ts, which never waits.
 *
 * Whatever the text, no control character but tabs and newlines reaches the terminal.
 */
import { writeSync } from 'node:fs';
import { errorCode, errorText } from '../call/error-text.ts';
import { visibleLines, visiblePainted } from './visible-text.ts';

const STDOUT_FD = 1;
const STDERR_FD = 2;
/**
 * Pause between two attempts at a descriptor that somebody else made non-blocking, and the number of attempts: 10
 * seconds in all.
 */
const PAUSE_MS = 10;
const ATTEMPTS_MAX = 1000;

/** The output of a command cannot be written; the message is for the operator. */
export class PrintError extends Error {
  override readonly name = 'PrintError';
}

/**
 * Silent if the reader is gone: it has seen enough.
 *
 * @throws PrintError, e.g. on a full disk
 */
export function printStdout(text: string): void {
  printOut(visibleLines(text));
}

/** As {@link printStdout}, with colors. @throws PrintError */
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
    // The exit status will tell.
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
