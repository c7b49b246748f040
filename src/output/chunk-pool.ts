/**
 * Blocks of memory that queues borrow and give back, so that an idle destination holds none.
 */
import { type ByteBlock, viewOf } from '../dgram-parser/byte-block.ts';

/** Bytes of an ordinary chunk: what one write takes at most, unless a single record is longer. */
export const CHUNK_BYTES = 64 * 1024;

/** Bytes of a small one, for a queue that has little to write: there may be hundreds. */
export const SMALL_CHUNK_BYTES = 8 * 1024;

/** What all queues together may hold: destinations that are out of order must not eat the machine. */
const LENT_MAX_BYTES = 96 * 1024 * 1024;

/** Free chunks of each size that are kept, so many bytes; the rest is left to the garbage collector. */
const KEPT_BYTES = 4 * 1024 * 1024;

export interface Chunk extends ByteBlock {
  /** Bytes before this one are written. */
  begin: number;
  /** Bytes from here on are free. */
  end: number;
}

/** @returns an empty chunk of `size` bytes, not zeroed. */
export function createChunk(size: number): Chunk {
  const bytes = Buffer.allocUnsafeSlow(size);
  return { bytes, view: viewOf(bytes), begin: 0, end: 0 };
}

/** The ordinary size for records that do not fit into a small chunk; longer ones get their own. */
function chunkSize(bytes: number, small: boolean): number {
  return Math.max(bytes, small && bytes <= SMALL_CHUNK_BYTES ? SMALL_CHUNK_BYTES : CHUNK_BYTES);
}

export class ChunkPool {
  /** Free chunks by their size. */
  readonly #free: ReadonlyMap<number, Chunk[]> = new Map([
    [SMALL_CHUNK_BYTES, []],
    [CHUNK_BYTES, []],
  ]);
  #lentBytes = 0;

  /**
   * @param small whether little is expected behind the record that it is for
   * @param sure whether it must be had even if all queues together hold too much
   * @returns an empty chunk of at least `bytes` bytes, or null where there is too much already
   */
  take(bytes: number, small: boolean, sure: boolean): Chunk | null {
    const size = chunkSize(bytes, small);
    if (!sure && this.#lentBytes + size > LENT_MAX_BYTES) return null;
    this.#lentBytes += size;
    return this.#free.get(size)?.pop() ?? createChunk(size);
  }

  give(chunk: Chunk): void {
    this.abandon(chunk);
    const size = chunk.bytes.length;
    const free = this.#free.get(size);
    if (free === undefined || free.length * size >= KEPT_BYTES) return;
    chunk.begin = 0;
    chunk.end = 0;
    free.push(chunk);
  }

  /** The chunk is not used again; something may still read it. */
  abandon(chunk: Chunk): void {
    this.#lentBytes -= chunk.bytes.length;
  }
}
