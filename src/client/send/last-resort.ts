/**
 * Where messages go that the daemon does not get: the console, as LOG_CONS has it, and standard error. Both are written
 * once and without a check, as syslog(3) does it.
 */
import { closeSync, constants, openSync, writeSync } from 'node:fs';

const STDERR_FD = 2;
const { O_NOCTTY, O_NONBLOCK, O_WRONLY } = constants;
const LINE_END = Buffer.from('\r\n');

/** @param shown tag and text. Source: glibc misc/syslog.c: `%s\r\n`; non-blocking here */
export function writeConsole(path: string, shown: Uint8Array): void {
  try {
    const fd = openSync(path, O_WRONLY | O_NOCTTY | O_NONBLOCK);
    try {
      writeSync(fd, Buffer.concat([shown, LINE_END]));
    } finally {
      closeSync(fd);
    }
  } catch {
    // There is no console, or nobody may write to it.
  }
}

/** Standard error gets the bytes as they are, and a newline where there is none at the end. */
export function writeStderr(bytes: Uint8Array): void {
  try {
    writeSync(STDERR_FD, bytes.at(-1) === 0x0a ? bytes : Buffer.concat([bytes, Buffer.from('\n')]));
  } catch {
    // Nobody is there to read it.
  }
}
