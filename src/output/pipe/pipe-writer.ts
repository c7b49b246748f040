/**
 * HOT PATH. Writes a queue of records into a pipe or FIFO that never blocks, in groups of whole records.
 *
 * The kernel takes a group of at most PIPE_BUF bytes whole or not at all, so that other writers to the same FIFO never
 * come in between, and a reader that dies is never in the middle of one. Only a longer record may be taken in parts;
 * its rest goes before everything else. What a reader left unread can be taken back: the next reader gets it from the
 * beginning of a record. Source: pipe(7).
 */
import { closeSync, readSync, writeSync } from 'node:fs';
import { errorCode } from '../../sys/call/error-text.ts';
import { tryOpenReadSide } from '../../sys/file/fifo.ts';
import { countRecords, type LineQueue } from '../../queue/line-queue.ts';
import { SentHistory } from './sent-history.ts';

/** Source: pipe(7). */
const PIPE_BUF = 4096;
/** Bytes written at once before others get their turn. */
const TURN_BYTES = 256 * 1024;
/** Maximum content of a pipe, unless its owner enlarged it. Source: pipe(7). */
const READ_BYTES = 64 * 1024;
const LF = 0x0a;

/** How a turn ended: nothing is left, the pipe takes no more now, or the turn was over. */
export type TurnEnd = 'empty' | 'full' | 'more';

export class PipeWriter {
  readonly #queue: LineQueue;
  /** Created by the first write: an idle pipe has none. */
  #history: SentHistory | null = null;
  /** What was taken back; precedes the queue. */
  #again: Buffer = Buffer.alloc(0);

  constructor(queue: LineQueue) {
    this.#queue = queue;
  }

  /** Bytes waiting. */
  get pendingBytes(): number {
    return this.#again.length + this.#queue.queuedBytes;
  }

  /** Records waiting, including partly written ones. */
  countRecords(): number {
    return countRecords(this.#again, 0, this.#again.length) + this.#queue.countRecords();
  }

  /** @throws the system's error, EPIPE if nobody reads */
  write(fd: number): TurnEnd {
    for (let bytes = 0; bytes < TURN_BYTES; ) {
      if (this.pendingBytes === 0) return 'empty';
      const written = this.#writeGroup(fd);
      if (written === 0) return 'full';
      bytes += written;
    }
    return this.pendingBytes === 0 ? 'empty' : 'more';
  }

  /**
   * Takes back what nobody has read, from the beginning of the record that the reader was in the middle of.
   *
   * @returns records that cannot be sent again, 0 or 1
   */
  takeBack(fd: number): number {
    if (this.#history === null) return 0;
    const { bytes, torn } = this.#history.takeLast(readAway(fd));
    this.#again = Buffer.concat([bytes, this.#again]);
    if (torn === 'open') this.#skipRecord();
    return torn === 'no' ? 0 : 1;
  }

  /** Drops everything that is waiting. @returns the number of records dropped */
  clear(): number {
    const again = countRecords(this.#again, 0, this.#again.length);
    this.#again = Buffer.alloc(0);
    return again + this.#queue.clear();
  }

  #writeGroup(fd: number): number {
    const again = this.#again;
    if (again.length > 0) {
      const written = this.#tryWrite(fd, again, 0, groupEnd(again, 0, again.length));
      this.#again = again.subarray(written);
      return written;
    }
    const head = this.#queue.head();
    if (head === null) return 0;
    const written = this.#tryWrite(fd, head.bytes, head.begin, groupEnd(head.bytes, head.begin, head.end));
    this.#queue.consume(written);
    return written;
  }

  /** @returns bytes written, 0 if the pipe is full */
  #tryWrite(fd: number, bytes: Buffer, begin: number, end: number): number {
    try {
      const written = writeSync(fd, bytes, begin, end - begin);
      this.#history ??= new SentHistory();
      this.#history.add(bytes, begin, written);
      return written;
    } catch (error) {
      if (errorCode(error) === 'EAGAIN') return 0;
      throw error;
    }
  }

  /** The rest of a record whose beginning is lost. */
  #skipRecord(): void {
    const inAgain = this.#again.indexOf(LF);
    if (this.#again.length > 0) {
      this.#again = this.#again.subarray(inAgain + 1);
      return;
    }
    const head = this.#queue.head();
    if (head !== null) this.#queue.consume(head.bytes.indexOf(LF, head.begin) + 1 - head.begin);
  }
}

/** @returns the end of the whole records that one atomic write takes, or of the one that is longer */
function groupEnd(bytes: Buffer, begin: number, end: number): number {
  if (end - begin <= PIPE_BUF) return end;
  const last = bytes.lastIndexOf(LF, begin + PIPE_BUF - 1);
  if (last >= begin) return last + 1;
  const long = bytes.indexOf(LF, begin);
  return long === -1 || long >= end ? end : long + 1;
}

/** Drains what the pipe still holds. */
function readAway(writeFd: number): Buffer {
  const fd = tryOpenReadSide(writeFd);
  if (fd === -1) return Buffer.alloc(0);
  try {
    return readToEnd(fd);
  } finally {
    closeSync(fd);
  }
}

/** Drains what a pipe still holds; `readFd` must not block, and is not closed. */
export function readToEnd(readFd: number): Buffer {
  const parts: Buffer[] = [];
  for (;;) {
    const part = Buffer.allocUnsafe(READ_BYTES);
    const read = tryRead(readFd, part);
    if (read === 0) return Buffer.concat(parts);
    parts.push(part.subarray(0, read));
  }
}

/** @returns 0 if nothing is left */
function tryRead(fd: number, bytes: Buffer): number {
  try {
    return readSync(fd, bytes);
  } catch (error) {
    if (errorCode(error) === 'EAGAIN') return 0;
    throw error;
  }
}
