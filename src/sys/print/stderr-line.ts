/**
 * Lines on the daemon's standard error: whatever is behind it, a line is written at once or dropped, and the next
 * one that goes through is preceded by one with the number. Never throws, never waits, keeps nothing but the rest
 * of one line. Source: write(2), pipe(7), proc_pid_fd(5).
 *
 * Descriptor 2 is shared with other processes, which a changed O_NONBLOCK would harm. Pipes and terminals are
 * therefore opened once more. Regular files never answer EAGAIN and are written as they are, since O_APPEND would
 * disagree with the offset that they share with standard output. Sockets, and what may not be opened, are asked
 * first whether there is room.
 */
import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs';
import { POLL, POLLFD } from '../call/abi.ts';
import { errorCode } from '../call/error-text.ts';
import { native, nativeAvailable } from '../call/native.ts';
import { visibleText } from './visible-text.ts';

const STDERR_FD = 2;
const { O_APPEND, O_NOCTTY, O_NONBLOCK, O_WRONLY } = constants;
/** poll(2) promises room for no more: PIPE_BUF. */
const PIECE_BYTES = 4096;

/** Where the bytes go. `asked`: poll(2) says whether a write would wait. */
interface Way {
  readonly fd: number;
  readonly asked: boolean;
}

/** Lines to one descriptor. */
export class LineWriter {
  readonly #fd: number;
  /** Null: not open yet. */
  #way: Way | null = null;
  /** What is still missing of a line that went through in part. */
  #rest: Uint8Array = new Uint8Array();
  #dropped = 0;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** `text` without its newline. */
  write(text: string): void {
    if (!this.#finishRest() || !this.#tellDropped() || !this.#put(`${text}\n`)) this.#dropped++;
  }

  /** The descriptor leads elsewhere now: nothing is said there of what was before. */
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

  /** @returns whether it went through, in part at least */
  #put(line: string): boolean {
    const bytes = Buffer.from(line);
    const sent = this.#send(bytes);
    if (sent > 0) this.#rest = bytes.subarray(sent);
    return sent > 0;
  }

  /** @returns how many bytes went through */
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
      // Full, hung up, nobody reads it: whatever it is, it is counted.
    }
    return sent;
  }
}

/** @throws ENXIO where a FIFO has no reader at present */
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

/** @returns how many bytes from `off` on went through */
function writePiece({ fd, asked }: Way, bytes: Uint8Array, off: number): number {
  if (!asked) return writeSync(fd, bytes, off);
  return hasRoom(fd) ? writeSync(fd, bytes, off, Math.min(PIECE_BYTES, bytes.length - off)) : 0;
}

/** Without native calls nobody can be asked. True where a write would fail at once, too. */
function hasRoom(fd: number): boolean {
  if (!nativeAvailable().ok) return true;
  const entry = Buffer.alloc(POLLFD.size);
  entry.writeInt32LE(fd, POLLFD.fd);
  entry.writeInt16LE(POLL.OUT, POLLFD.events);
  return native().libc.poll(entry, 1, 0) !== 0;
}

// As there is one descriptor 2 in a process, there is one of these.
const stderr = new LineWriter(STDERR_FD);

/** Writes one line, without waiting and without failing; `text` is without its newline, and need not be safe. */
export function writeStderrLine(text: string): void {
  stderr.write(visibleText(text, '\t'));
}

/** To be called when descriptor 2 has been made to lead elsewhere. */
export function resetStderr(): void {
  stderr.reset();
}
