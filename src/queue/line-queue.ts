/**
 * HOT PATH. Whole records, each ending in a newline, waiting to be written: bounded in bytes, in the order of
 * their arrival.
 *
 * The pipeline appends at `chunk.bytes[chunk.end]`, the writer takes from the oldest chunk. Both may work on
 * the same chunk: the writer only reads what lies before the end that it saw. Records hold no newline but
 * their last byte, so they can be counted and cut apart without further book-keeping.
 */
import { type Chunk, type ChunkPool, createChunk, SMALL_CHUNK_BYTES } from './chunk-pool.ts';
import type { Holder } from './queue-budget.ts';

const LF = 0x0a;

/** Whoever writes what is queued. */
export interface QueueOwner {
  /** Inputs wait for it while it is behind: its queue never refuses a record, whatever its limit. Missing: never. */
  isFirm?(): boolean;
  /** `records` that waited gave room to others. */
  evicted(records: number): void;
}

const NOBODY: QueueOwner = { evicted: () => undefined };

/** @returns how many records end in `bytes` from `begin` to `end`. */
export function countRecords(bytes: Buffer, begin: number, end: number): number {
  let count = 0;
  for (let at = bytes.indexOf(LF, begin); at !== -1 && at < end; at = bytes.indexOf(LF, at + 1)) count++;
  return count;
}

export class LineQueue implements Holder {
  /** Bytes that wait; at most {@link limitBytes} and one record, unless the owner is firm. */
  queuedBytes = 0;
  /** Memory of the chunks. */
  heldBytes = 0;
  limitBytes: number;
  /** A write that cannot be stopped reads the head. */
  headInUse = false;
  readonly #pool: ChunkPool;
  readonly #owner: QueueOwner;
  /** Oldest first; the last one is appended to. */
  readonly #chunks: Chunk[] = [];
  /** Records of chunks that no longer change. */
  readonly #counted = new Map<Chunk, number>();
  /** The chunk that is appended to; valid after {@link reserve} returned true. */
  chunk: Chunk;
  readonly #none: Chunk = createChunk(0);
  /** So much was written lately that a small chunk would only make one write more. */
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
   * @returns false where the queue is full: the record is to be counted as dropped.
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

  /** Ends the record that was written at the end of {@link chunk}; `end` is the offset behind it. */
  commit(end: number): void {
    this.queuedBytes += end - this.chunk.end;
    this.chunk.end = end;
  }

  /**
   * Counts what waits, by looking at it: for statistics, not for the way of a message. What lies between the chunk
   * that is written and the one that is appended to does not change, and is looked at once only.
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

  /** @returns the chunk to write from, or null where nothing waits. */
  head(): Chunk | null {
    const first = this.#chunks[0];
    return first !== undefined && first.begin < first.end ? first : null;
  }

  /** Takes away `bytes` bytes from the head: they are written. */
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

  /** Puts back the last `bytes` bytes that were consumed from the head; the head must still be the same. */
  unconsume(bytes: number): void {
    const first = this.#chunks[0];
    if (first === undefined || first.begin < bytes) return;
    first.begin -= bytes;
    this.queuedBytes += bytes;
  }

  /** Whether inputs wait for it rather than that it loses something. */
  isFirm(): boolean {
    return this.#owner.isFirm?.() === true;
  }

  /** The head stays while a write reads it, and where a part of a record is written. */
  canGive(): boolean {
    const first = this.#chunks[0];
    if (this.#chunks.length !== 1 || first === undefined) return first !== undefined;
    return !this.headInUse && (first.begin === 0 || first.bytes[first.begin - 1] === LF);
  }

  /** Drops the newest chunk: what came first is kept, as where a queue is full. */
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
   * Drops all that waits. Where a write still reads the head, its memory never serves another.
   *
   * @returns how many records that were
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
