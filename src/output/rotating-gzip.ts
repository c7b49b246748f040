/**
 * Compresses one file into another, slowly on purpose; tells whether a compressed file holds another's content.
 */
import type { FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { errorCode } from '../sys/error-text.ts';

const CHUNK_BYTES = 64 * 1024;
/** An empty file compressed, with its trailer: what is shorter is broken. Source: RFC 1952 §2.2. */
const GZIP_MIN_BYTES = 20;
/** Longest pause between two chunks. */
const PAUSE_MAX_MS = 50;

/** How a compressed file is to the plain one beside it. */
export type Comparison = 'same' | 'broken' | 'other';

/** Rests as long as each chunk took: the threads and the disk are there for the writes of others first. */
async function* paced(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    const startMs = performance.now();
    yield chunk;
    await delay(Math.min(PAUSE_MAX_MS, performance.now() - startMs));
  }
}

function reader(handle: FileHandle): AsyncIterable<Buffer> {
  return handle.createReadStream({ start: 0, highWaterMark: CHUNK_BYTES, autoClose: false });
}

/**
 * Writes `source`, from its beginning, compressed into `sink`. Both stay open.
 *
 * @returns bytes read
 * @throws the system's error, AbortError
 */
export async function gzipFile(source: FileHandle, sink: FileHandle, signal: AbortSignal): Promise<number> {
  let bytes = 0;
  const counted = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of paced(chunks)) {
      bytes += chunk.length;
      yield chunk;
    }
  };
  const target = sink.createWriteStream({ autoClose: false });
  await pipeline(reader(source), counted, createGzip(), target, { signal });
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
    for await (const chunk of paced(chunks)) {
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
    await pipeline(reader(gz), createGunzip(), compare, { signal });
  } catch (error) {
    // A name such as Z_BUF_ERROR: it ends early, or is no gzip file.
    if (errorCode(error).startsWith('Z_')) return 'broken';
    throw error;
  }
  return equal && off === (await plain.stat()).size ? 'same' : 'other';
}
