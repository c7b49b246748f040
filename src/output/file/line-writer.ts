/**
 * HOT PATH. Writes what is queued to an open descriptor, one write at a time in the thread pool, when it is this file's
 * turn (write-gate.ts, write-pace.ts). Keeps track of a partial record at the end of the file.
 */
import { errorCode } from '../../sys/call/error-text.ts';
import type { Chunk } from '../../queue/chunk-pool.ts';
import type { LineQueue } from '../../queue/line-queue.ts';
import { TornEnd } from './torn-end.ts';
import type { GatedWriter, WriteGate } from './write-gate.ts';
import { WritePace } from './write-pace.ts';

/** Errors that mean: no room at present. */
const NO_ROOM: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

export type WriteDone = (error: Error | null, written: number) => void;

/** Like `write` of node:fs, at the end of the file. */
export type WriteCall = (
  fd: number,
  bytes: Buffer,
  begin: number,
  length: number,
  position: null,
  done: WriteDone,
) => void;

/**
 * What a failed write means: nothing, a terminal that takes no bytes, a full disk, or a descriptor that must be closed.
 */
export type WriteFailure = 'interrupted' | 'stalled' | 'no room' | 'broken';

export function writeFailure(error: Error): WriteFailure {
  const code = errorCode(error);
  if (code === 'EINTR') return 'interrupted';
  if (code === 'EAGAIN') return 'stalled';
  return NO_ROOM.has(code) ? 'no room' : 'broken';
}

export interface LineWriterParts {
  readonly queue: LineQueue;
  readonly gate: WriteGate;
  readonly write: WriteCall;
  /** It is this file's turn: {@link LineWriter.start} may be called. */
  readonly turn: () => void;
  /** The write has ended. */
  readonly ended: WriteDone;
}

export class LineWriter implements GatedWriter {
  readonly torn: TornEnd;
  readonly #parts: LineWriterParts;
  readonly #pace = new WritePace();
  #running = false;

  constructor(parts: LineWriterParts) {
    this.#parts = parts;
    this.torn = new TornEnd(parts.queue);
  }

  /** @returns milliseconds until a write may ask for its turn; 0 or less: now */
  waitMs(nowMs: number): number {
    return this.#pace.waitMs(nowMs);
  }

  /** Asks for a turn, which may come before this returns. */
  request(nowMs: number): void {
    this.#parts.gate.enter(this, nowMs);
  }

  startWrite(): void {
    this.#parts.turn();
    if (!this.#running) this.#parts.gate.leave(this);
  }

  /** Starts a write of the head up to `end`. `accepted`: number of records that the queue has ever taken. */
  start(fd: number, head: Chunk, end: number, nowMs: number, accepted: number): void {
    const { queue, write } = this.#parts;
    this.#running = true;
    queue.headInUse = true;
    this.#pace.started(nowMs, accepted);
    write(fd, head.bytes, head.begin, end - head.begin, null, this.#onWritten);
  }

  /** Removes `written` bytes from the queue. @returns whether they were still there */
  took(written: number): boolean {
    const { queue } = this.#parts;
    const head = queue.head();
    if (head === null) return false;
    this.torn.wrote(head, written);
    queue.consume(written);
    return true;
  }

  /** It no longer waits for its turn; a write in progress continues. */
  withdraw(): void {
    this.#parts.gate.withdraw(this);
  }

  readonly #onWritten: WriteDone = (error, written) => {
    this.#running = false;
    this.#parts.queue.headInUse = false;
    this.#parts.gate.leave(this);
    this.#parts.ended(error, written);
  };
}
