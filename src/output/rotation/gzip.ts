/**
 * Compresses a file, slowly on purpose, and compares a compressed file with a plain one.
 */
import type { FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { errorCode } from '../../sys/call/error-text.ts';

const CHUNK_BYTES = 64 * 1024;
/** An empty file compressed, with its trailer: what is shorter is broken. Source: RFC 1952 §2.2. */
const GZIP_MIN_BYTES = 20;
/** Longest pause between two chunks. */
const PAUSE_MAX_MS = 50;

/** How a compressed file compares with the plain one of the same number. */
export type Comparison = 'same' | 'broken' | 'other';

/**
 * Reads a file from its beginning and pauses after each chunk as long as that took: writes to log files need the
 * threads and the disk first.
 */
async function* chunksOf(handle: FileHandle): AsyncGenerator<Buffer> {
  for (let off = 0; ; ) {
    const startMs = performance.now();
    const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, off);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
    off += bytesRead;
    await delay(Math.min(PAUSE_MAX_MS, performance.now() - startMs));
  }
}

async function writeWhole(handle: FileHandle, bytes: Buffer): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done);
    done += bytesWritten;
  }
}

/**
 * Writes `source`, from its beginning, compressed into `sink`.
 *
 * @returns bytes read
 * @throws the system's error, AbortError
 */
export async function gzipFile(source: FileHandle, sink: FileHandle, signal: AbortSignal): Promise<number> {
  let bytes = 0;
  const plain = async function* (): AsyncGenerator<Buffer> {
    for await (const chunk of chunksOf(source)) {
      bytes += chunk.length;
      yield chunk;
    }
  };
  const store = async (compressed: AsyncIterable<Buffer>): Promise<void> => {
    for await (const chunk of compressed) await writeWhole(sink, chunk);
  };
  await pipeline(plain, createGzip(), store, { signal });
  return bytes;
}

/**
 * Compares without memory for more than a chunk.
 *
 * @throws the system's error, AbortError
 */
export async function compareGzip(gz: FileHandle, plain: FileHandle, signal: AbortSignal): Promise<Comparison> {
  if ((await gz.stat()).size < GZIP_MIN_BYTES) return 'broken';
  let off = 0;
  let equal = true;
  const compare = async (chunks: AsyncIterable<Buffer>): Promise<void> => {
    for await (const chunk of chunks) {
      const beside = Buffer.alloc(chunk.length);
      for (let filled = 0; filled < beside.length; ) {
        const { bytesRead } = await plain.read(beside, filled, beside.length - filled, off + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      if (!beside.equals(chunk)) equal = false;
      off += chunk.length;
    }
  };
  try {
    await pipeline(chunksOf(gz), createGunzip(), compare, { signal });
  } catch (error) {
    // For example Z_BUF_ERROR: it ends early, or is not a gzip file.
    if (errorCode(error).startsWith('Z_')) return 'broken';
    throw error;
  }
  return equal && off === (await plain.stat()).size ? 'same' : 'other';
}
