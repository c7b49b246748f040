/**
 * HOT PATH. Whole records, each ending in a newline, waiting to be written: bounded in bytes, in the order of
 * their arrival.
 *
 * The pipeline appends at `chunk.bytes[chunk.end]`, the writer takes from the oldest chunk. Both may work on
 * the same chunk: the writer only reads what lies before the end that it saw. Records hold no newline but
 * their last byte, so they can be counted and cut apart without further book-keeping.
 */
import { type Chunk, type ChunkPool, createChunk, SMALL_CHUNK_BYTES } from './chunk-pool.ts';

const LF = 0x0a;
/** Chunks that a queue gets however much memory the others hold: what works goes on working. */
const SURE_CHUNKS = 2;

/** @returns how many records end in `bytes` from `begin` to `end`. */
export function countRecords(bytes: Buffer, begin: number, end: number): number {
  let count = 0;
  for (let at = bytes.indexOf(LF, begin); at !== -1 && at < end; at = bytes.indexOf(LF, at + 1)) count++;
  return count;
}

export class LineQueue {
  /** Bytes that wait, at most {@link limitBytes} and one record. */
  queuedBytes = 0;
  limitBytes: number;
  readonly #pool: ChunkPool;
  /** Oldest first; the last one is appended to. */
  readonly #chunks: Chunk[] = [];
  /** Records of chunks that no longer change. */
  readonly #counted = new Map<Chunk, number>();
  /** The chunk that is appended to; valid after {@link reserve} returned true. */
  chunk: Chunk;
  readonly #none: Chunk = createChunk(0);
  /** So much was written lately that a small chunk would only make one write more. */
  #busy = false;

  constructor(pool: ChunkPool, limitBytes: number) {
    this.#pool = pool;
    this.limitBytes = limitBytes;
    this.chunk = this.#none;
  }

  /**
   * Makes room for a record of at most `bytes` bytes at the end of {@link chunk}.
   *
   * @returns false where the queue is full: the record is to be counted as dropped.
   */
  reserve(bytes: number): boolean {
    if (this.queuedBytes >= this.limitBytes) return false;
    if (this.chunk.bytes.length - this.chunk.end >= bytes) return true;
    if (this.#chunks.length > 0) this.#busy = true;
    const chunk = this.#pool.take(bytes, !this.#busy, this.#chunks.length < SURE_CHUNKS);
    if (chunk === null) return false;
    this.chunk = chunk;
    this.#chunks.push(chunk);
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
    this.#pool.give(first);
  }

  /** Puts back the last `bytes` bytes that were consumed from the head; the head must still be the same. */
  unconsume(bytes: number): void {
    const first = this.#chunks[0];
    if (first === undefined || first.begin < bytes) return;
    first.begin -= bytes;
    this.queuedBytes += bytes;
  }

  /**
   * Drops all that waits.
   *
   * @param headInUse a write that cannot be stopped still reads the head: its memory must never serve another
   * @returns how many records that were
   */
  clear(headInUse = false): number {
    let records = 0;
    for (const [idx, chunk] of this.#chunks.entries()) {
      records += countRecords(chunk.bytes, chunk.begin, chunk.end);
      if (idx === 0 && headInUse) this.#pool.abandon(chunk);
      else this.#pool.give(chunk);
    }
    this.#chunks.length = 0;
    this.#counted.clear();
    this.chunk = this.#none;
    this.queuedBytes = 0;
    return records;
  }
}
