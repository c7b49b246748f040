/**
 * HOT PATH. Whole records, each ending in a newline, waiting to be written: bounded in bytes, in order of arrival.
 *
 * The pipeline appends at `chunk.bytes[chunk.end]`, the writer takes from the oldest chunk. Both may work on the same
 * chunk: the writer only reads up to the end that it saw. A record's only newline is its last byte, so records can be
 * counted and separated without further bookkeeping.
 */
import { type Chunk, type ChunkPool, createChunk, SMALL_CHUNK_BYTES } from './chunk-pool.ts';
import type { Holder } from './queue-budget.ts';

const LF = 0x0a;

/** The output that writes what is queued. */
export interface QueueOwner {
  /** Inputs wait for this queue while it is behind: it never refuses a record, whatever its limit. Missing: never. */
  isFirm?(): boolean;
  /** Dropped `records` waiting records to make room for others. */
  evicted(records: number): void;
}

const NOBODY: QueueOwner = { evicted: () => undefined };

/** @returns the number of records in `bytes` from `begin` to `end` */
export function countRecords(bytes: Buffer, begin: number, end: number): number {
  let count = 0;
  for (let at = bytes.indexOf(LF, begin); at !== -1 && at < end; at = bytes.indexOf(LF, at + 1)) count++;
  return count;
}

export class LineQueue implements Holder {
  /** Bytes waiting; at most {@link limitBytes} plus one record, unless the owner is firm. */
  queuedBytes = 0;
  /** Memory of its chunks. */
  heldBytes = 0;
  limitBytes: number;
  /** A write that cannot be stopped is reading the head. */
  headInUse = false;
  readonly #pool: ChunkPool;
  readonly #owner: QueueOwner;
  /** Oldest first; the last one is appended to. */
  readonly #chunks: Chunk[] = [];
  /** Record counts of chunks that no longer change. */
  readonly #counted = new Map<Chunk, number>();
  /** The chunk that is appended to; valid after {@link reserve} returned true. */
  chunk: Chunk;
  readonly #none: Chunk = createChunk(0);
  /** So much was written lately that a small chunk would only cost an extra write. */
  #busy = false;

  constructor(pool: ChunkPool, limitBytes: number, owner: QueueOwner = NOBODY) {
    this.#pool = pool;
    this.limitBytes = limitBytes;
    this.#owner = owner;
    this.chunk = this.#none;
  }

  /**
   * Makes room for a record of at most `bytes` bytes at the end of {@link chunk}.
   *
   * @returns false if the queue is full: count the record as dropped
   */
  reserve(bytes: number): boolean {
    if (this.queuedBytes >= this.limitBytes && !this.isFirm()) return false;
    if (this.chunk.bytes.length - this.chunk.end >= bytes) return true;
    if (this.#chunks.length > 0) this.#busy = true;
    const chunk = this.#pool.take(bytes, !this.#busy, this);
    if (chunk === null) return false;
    this.chunk = chunk;
    this.heldBytes += chunk.bytes.length;
    if (this.#chunks.push(chunk) === 1) this.#pool.budget.enter(this);
    return true;
  }

  /** Ends the record that was written at the end of {@link chunk}; `end` is the offset after it. */
  commit(end: number): void {
    this.queuedBytes += end - this.chunk.end;
    this.chunk.end = end;
  }

  /**
   * Counts waiting records by reading them: for statistics, not on the path of a message. Chunks between the head and
   * the one appended to do not change and are counted only once.
   */
  countRecords(): number {
    let records = 0;
    for (const [idx, chunk] of this.#chunks.entries()) {
      const changes = idx === 0 || chunk === this.chunk;
      const known = changes ? undefined : this.#counted.get(chunk);
      const count = known ?? countRecords(chunk.bytes, chunk.begin, chunk.end);
      if (!changes) this.#counted.set(chunk, count);
      records += count;
    }
    return records;
  }

  /** @returns the chunk to write from, or null if nothing is waiting */
  head(): Chunk | null {
    const first = this.#chunks[0];
    return first !== undefined && first.begin < first.end ? first : null;
  }

  /** Removes `bytes` written bytes from the head. */
  consume(bytes: number): void {
    const first = this.#chunks[0];
    if (first === undefined) return;
    first.begin += bytes;
    this.queuedBytes -= bytes;
    if (first.begin < first.end) return;
    this.#chunks.shift();
    this.#busy = first.end > SMALL_CHUNK_BYTES;
    this.#counted.delete(first);
    if (first === this.chunk) this.chunk = this.#none;
    this.heldBytes -= first.bytes.length;
    if (this.#chunks.length === 0) this.#pool.budget.leave(this);
    this.#pool.give(first);
  }

  /** Puts back the last `bytes` bytes consumed from the head, which must still be the same chunk. */
  unconsume(bytes: number): void {
    const first = this.#chunks[0];
    if (first === undefined || first.begin < bytes) return;
    first.begin -= bytes;
    this.queuedBytes += bytes;
  }

  /** Whether inputs wait for this queue so that it loses nothing. */
  isFirm(): boolean {
    return this.#owner.isFirm?.() === true;
  }

  /** The head stays while a write reads it, or while part of a record is written. */
  canGive(): boolean {
    const first = this.#chunks[0];
    if (this.#chunks.length !== 1 || first === undefined) return first !== undefined;
    return !this.headInUse && (first.begin === 0 || first.bytes[first.begin - 1] === LF);
  }

  /** Drops the newest chunk: the oldest records are kept, as when a queue is full. */
  giveRoom(): number {
    const last = this.canGive() ? this.#chunks.pop() : undefined;
    if (last === undefined) return 0;
    this.chunk = this.#none;
    this.#counted.delete(last);
    this.queuedBytes -= last.end - last.begin;
    this.heldBytes -= last.bytes.length;
    if (this.#chunks.length === 0) this.#pool.budget.leave(this);
    const records = countRecords(last.bytes, last.begin, last.end);
    this.#pool.give(last);
    this.#owner.evicted(records);
    return last.bytes.length;
  }

  /**
   * Drops everything that is waiting. If a write still reads the head, its memory is never reused.
   *
   * @returns the number of records dropped
   */
  clear(): number {
    let records = 0;
    for (const [idx, chunk] of this.#chunks.entries()) {
      records += countRecords(chunk.bytes, chunk.begin, chunk.end);
      if (idx === 0 && this.headInUse) this.#pool.abandon(chunk);
      else this.#pool.give(chunk);
    }
    this.#pool.budget.leave(this);
    this.#chunks.length = 0;
    this.#counted.clear();
    this.chunk = this.#none;
    this.queuedBytes = 0;
    this.heldBytes = 0;
    return records;
  }
}
