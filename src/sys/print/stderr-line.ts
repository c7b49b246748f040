/**
 * Lines on the daemon's standard error. A line is written at once or dropped; the next line that can be written is
 * preceded by one with the number dropped. Never throws, never waits, keeps nothing but the rest of one line. Source:
 * write(2), pipe(7), proc_pid_fd(5).
 *
 * Descriptor 2 is shared with other processes, which a changed O_NONBLOCK would harm, so pipes and terminals are opened
 * again. Regular files never return EAGAIN and are written through descriptor 2, since O_APPEND would conflict with the
 * offset they share with standard output. Sockets, and what cannot be opened again, are polled for room first.
 */
import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs';
import { POLL, POLLFD } from '../call/abi.ts';
import { errorCode } from '../call/error-text.ts';
import { native, nativeAvailable } from '../call/native.ts';
import { visibleText } from './visible-text.ts';

const STDERR_FD = 2;
const { O_APPEND, O_NOCTTY, O_NONBLOCK, O_WRONLY } = constants;
/** poll(2) guarantees room for no more than PIPE_BUF. */
const PIECE_BYTES = 4096;

/** Where the bytes go. `asked`: poll(2) is asked first whether a write would block. */
interface Way {
  readonly fd: number;
  readonly asked: boolean;
}

/** Lines to one descriptor. */
export class LineWriter {
  readonly #fd: number;
  /** Null: not open yet. */
  #way: Way | null = null;
  /** The unwritten rest of a line that was written in part. */
  #rest: Uint8Array = new Uint8Array();
  #dropped = 0;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** `text` without its newline. */
  write(text: string): void {
    if (!this.#finishRest() || !this.#tellDropped() || !this.#put(`${text}\n`)) this.#dropped++;
  }

  /** The descriptor leads elsewhere now: forgets what was dropped before. */
  reset(): void {
    if (this.#way !== null && this.#way.fd !== this.#fd) closeSync(this.#way.fd);
    this.#way = null;
    this.#rest = new Uint8Array();
    this.#dropped = 0;
  }

  #finishRest(): boolean {
    if (this.#rest.length > 0) this.#rest = this.#rest.subarray(this.#send(this.#rest));
    return this.#rest.length === 0;
  }

  #tellDropped(): boolean {
    if (this.#dropped === 0) return true;
    const lines = `${this.#dropped} line${this.#dropped === 1 ? '' : 's'}`;
    if (!this.#put(`tsyslogd: dropped ${lines} to standard error\n`)) return false;
    this.#dropped = 0;
    return this.#rest.length === 0;
  }

  /** @returns whether the line was written, at least in part */
  #put(line: string): boolean {
    const bytes = Buffer.from(line);
    const sent = this.#send(bytes);
    if (sent > 0) this.#rest = bytes.subarray(sent);
    return sent > 0;
  }

  /** @returns number of bytes written */
  #send(bytes: Uint8Array): number {
    let sent = 0;
    try {
      this.#way ??= openWay(this.#fd);
      while (sent < bytes.length) {
        const piece = writePiece(this.#way, bytes, sent);
        if (piece === 0) break;
        sent += piece;
      }
    } catch {
      // Full, hung up, or without a reader: counted either way.
    }
    return sent;
  }
}

/** @throws ENXIO if a FIFO has no reader at present */
function openWay(fd: number): Way {
  const stat = fstatSync(fd);
  if (stat.isFile()) return { fd, asked: false };
  if (stat.isSocket()) return { fd, asked: true };
  try {
    const own = openSync(`/proc/self/fd/${fd}`, O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY);
    return { fd: own, asked: false };
  } catch (error) {
    if (stat.isFIFO() && errorCode(error) === 'ENXIO') throw error;
    return { fd, asked: true };
  }
}

/** @returns number of bytes written from `off` on */
function writePiece({ fd, asked }: Way, bytes: Uint8Array, off: number): number {
  if (!asked) return writeSync(fd, bytes, off);
  return hasRoom(fd) ? writeSync(fd, bytes, off, Math.min(PIECE_BYTES, bytes.length - off)) : 0;
}

/** True without native calls, when there is no poll(2), and if a write would fail at once. */
function hasRoom(fd: number): boolean {
  if (!nativeAvailable().ok) return true;
  const entry = Buffer.alloc(POLLFD.size);
  entry.writeInt32LE(fd, POLLFD.fd);
  entry.writeInt16LE(POLL.OUT, POLLFD.events);
  return native().libc.poll(entry, 1, 0) !== 0;
}

// One for the process, like descriptor 2.
const stderr = new LineWriter(STDERR_FD);

/** Writes one line without waiting and without failing; `text` has no newline and need not be safe. */
export function writeStderrLine(text: string): void {
  stderr.write(visibleText(text, '\t'));
}

/** Call this after redirecting descriptor 2. */
export function resetStderr(): void {
  stderr.reset();
}
