/**
 * What the program says: bytes as they came, and whole before the call returns. On a terminal, where foreign bytes could
 * do harm, control characters are shown as escapes.
 *
 * A text is a string with a character for each byte, here as in the whole program.
 */
import { fstatSync, writeSync } from 'node:fs';
import { errnoOf, errorCode } from '../../sys/call/error-text.ts';
import { visibleLines } from '../../sys/print/visible-text.ts';
import { LoggerFailure, strerror } from './failure.ts';

const STDOUT_FD = 1;
const STDERR_FD = 2;
/** Between two attempts at a descriptor that somebody else made non-blocking. */
const PAUSE_MS = 10;

/** @throws LoggerFailure, e.g. on a full disk */
export function printStdout(text: string): void {
  try {
    writeAll(STDOUT_FD, Buffer.from(text, 'latin1'));
  } catch (error) {
    throw new LoggerFailure(`write error: ${strerror(errnoOf(error))}`);
  }
}

/** Nothing is said where that fails: there is nowhere to complain. */
export function printStderr(text: string): void {
  const bytes = Buffer.from(text, 'latin1');
  try {
    writeAll(STDERR_FD, isTerminal() ? Buffer.from(visibleLines(bytes.toString('utf8'))) : bytes);
  } catch {
    // As util-linux does it.
  }
}

/** The stream of Node.js makes a pipe non-blocking and takes long to load: it is asked about devices only. */
function isTerminal(): boolean {
  return fstatSync(STDERR_FD).isCharacterDevice() && process.stderr.isTTY;
}

function writeAll(fd: number, bytes: Buffer): void {
  for (let off = 0; off < bytes.length; ) {
    try {
      off += writeSync(fd, bytes, off);
    } catch (error) {
      if (errorCode(error) === 'EPIPE') endByPipeSignal();
      if (errorCode(error) !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    }
  }
}

/** Node.js ignores SIGPIPE, which ends other programs whose reader is gone. Giving a listener back makes it deadly. */
function endByPipeSignal(): void {
  const nothing = (): void => undefined;
  process.on('SIGPIPE', nothing);
  process.off('SIGPIPE', nothing);
  process.kill(process.pid, 'SIGPIPE');
}
