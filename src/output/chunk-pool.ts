/**
 * Blocks of memory that queues borrow and give back, so that an idle destination holds none.
 */
import { type ByteBlock, viewOf } from '../dgram-parser/byte-block.ts';

/** Bytes of an ordinary chunk: what one write takes at most, unless a single record is longer. */
export const CHUNK_BYTES = 64 * 1024;

/** What all queues together may hold: destinations that are out of order must not eat the machine. */
const LENT_MAX_BYTES = 96 * 1024 * 1024;

/** Free chunks that are kept; the rest is left to the garbage collector. */
const KEPT_CHUNKS = 64;

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

export class ChunkPool {
  readonly #free: Chunk[] = [];
  #lentBytes = 0;

  /**
   * @param sure whether it must be had even if all queues together hold too much
   * @returns an empty chunk of at least `bytes` bytes, or null where there is too much already
   */
  take(bytes: number, sure: boolean): Chunk | null {
    const size = Math.max(bytes, CHUNK_BYTES);
    if (!sure && this.#lentBytes + size > LENT_MAX_BYTES) return null;
    this.#lentBytes += size;
    const kept = bytes <= CHUNK_BYTES ? this.#free.pop() : undefined;
    return kept ?? createChunk(size);
  }

  give(chunk: Chunk): void {
    this.abandon(chunk);
    if (chunk.bytes.length !== CHUNK_BYTES || this.#free.length === KEPT_CHUNKS) return;
    chunk.begin = 0;
    chunk.end = 0;
    this.#free.push(chunk);
  }

  /** The chunk is not used again; something may still read it. */
  abandon(chunk: Chunk): void {
    this.#lentBytes -= chunk.bytes.length;
  }
}
