/**
 * Blocks of memory that queues borrow and return, so that an idle destination holds none. queue-budget.ts decides how
 * much all queues together may hold.
 */
import { type ByteBlock, viewOf } from '../dgram-parser/columns/byte-block.ts';
import { MEMORY_DEFAULT_BYTES } from '../protocol/limits.ts';
import { type Holder, QueueBudget } from './queue-budget.ts';

/** Size of an ordinary chunk: the most that one write takes, unless a single record is longer. */
export const CHUNK_BYTES = 64 * 1024;

/** Size of a small chunk, for a queue that has little to write: there may be hundreds. */
export const SMALL_CHUNK_BYTES = 8 * 1024;

/** Bytes of free chunks that are always kept. */
const KEPT_BYTES = 4 * 1024 * 1024;
/**
 * Bytes of free chunks kept beyond the limit: a chunk of one size must not become garbage to make room for the other.
 */
const SLACK_BYTES = 1024 * 1024;
/** Other free chunks are left to the garbage collector when unused for this time. */
const TRIM_MS = 5000;

export interface Chunk extends ByteBlock {
  /** Bytes before this offset are written. */
  begin: number;
  /** Bytes from this offset on are free. */
  end: number;
}

/** @returns an empty chunk of `size` bytes, not zeroed */
export function createChunk(size: number): Chunk {
  const bytes = Buffer.allocUnsafeSlow(size);
  return { bytes, view: viewOf(bytes), begin: 0, end: 0 };
}

/** The ordinary size for records that do not fit into a small chunk; longer ones get their own. */
function chunkSize(bytes: number, small: boolean): number {
  return Math.max(bytes, small && bytes <= SMALL_CHUNK_BYTES ? SMALL_CHUNK_BYTES : CHUNK_BYTES);
}

export class ChunkPool {
  readonly budget: QueueBudget;
  /** Free chunks by their size. */
  readonly #free: ReadonlyMap<number, Chunk[]> = new Map([
    [SMALL_CHUNK_BYTES, []],
    [CHUNK_BYTES, []],
  ]);
  #freeBytes = 0;
  /** The fewest free bytes since the last trim: these were not needed. */
  #spareBytes = 0;
  #trim: NodeJS.Timeout | null = null;

  /** @param limitBytes what all queues together may hold */
  constructor(limitBytes = MEMORY_DEFAULT_BYTES) {
    this.budget = new QueueBudget(limitBytes);
  }

  /**
   * @param small whether little is expected after the record it is for
   * @returns an empty chunk of at least `bytes` bytes, or null if `holder` may have no more
   */
  take(bytes: number, small: boolean, holder: Holder): Chunk | null {
    const size = chunkSize(bytes, small);
    if (!this.budget.claim(size, holder)) return null;
    const free = this.#free.get(size)?.pop();
    if (free === undefined) return createChunk(size);
    this.#freeBytes -= size;
    if (this.#freeBytes < this.#spareBytes) this.#spareBytes = this.#freeBytes;
    return free;
  }

  /** Returns a chunk. It is kept as far as the limit allows: garbage would add to the memory in use. */
  give(chunk: Chunk): void {
    this.abandon(chunk);
    const size = chunk.bytes.length;
    const free = this.#free.get(size);
    const { usedBytes, limitBytes } = this.budget;
    if (free === undefined || usedBytes + this.#freeBytes + size > limitBytes + SLACK_BYTES) return;
    chunk.begin = 0;
    chunk.end = 0;
    free.push(chunk);
    this.#freeBytes += size;
    if (this.#freeBytes > KEPT_BYTES && this.#trim === null) this.#armTrim();
  }

  /** The chunk is not reused: something may still read it. */
  abandon(chunk: Chunk): void {
    this.budget.release(chunk.bytes.length);
  }

  #armTrim(): void {
    this.#spareBytes = this.#freeBytes;
    this.#trim = setTimeout(this.#onTrim, TRIM_MS).unref();
  }

  readonly #onTrim = (): void => {
    this.#trim = null;
    const most = Math.max(KEPT_BYTES, this.#freeBytes - this.#spareBytes);
    for (const [size, chunks] of this.#free)
      while (this.#freeBytes > most && chunks.pop() !== undefined) this.#freeBytes -= size;
    if (this.#freeBytes > KEPT_BYTES) this.#armTrim();
  };
}
