/**
 * Blocks of memory that queues borrow and give back, so that an idle destination holds none.
 */

/** Bytes of an ordinary chunk: what one write takes at most, unless a single record is longer. */
export const CHUNK_BYTES = 64 * 1024;

/** Free chunks that are kept; the rest is left to the garbage collector. */
const KEPT_CHUNKS = 64;

export interface Chunk {
  readonly bytes: Buffer;
  /** Bytes before this one are written. */
  begin: number;
  /** Bytes from here on are free. */
  end: number;
}

export class ChunkPool {
  readonly #free: Chunk[] = [];

  /** @returns an empty chunk of at least `bytes` bytes. */
  take(bytes: number): Chunk {
    const kept = bytes <= CHUNK_BYTES ? this.#free.pop() : undefined;
    if (kept !== undefined) return kept;
    return { bytes: Buffer.allocUnsafeSlow(Math.max(bytes, CHUNK_BYTES)), begin: 0, end: 0 };
  }

  give(chunk: Chunk): void {
    if (chunk.bytes.length !== CHUNK_BYTES || this.#free.length === KEPT_CHUNKS) return;
    chunk.begin = 0;
    chunk.end = 0;
    this.#free.push(chunk);
  }
}
