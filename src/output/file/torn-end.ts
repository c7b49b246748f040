/**
 * Removes the part of a record that a full disk still took, so that a half line is never followed by another.
 */
import { fstat, ftruncate, read } from 'node:fs';
import { promisify } from 'node:util';
import type { Chunk } from '../../queue/chunk-pool.ts';
import type { LineQueue } from '../../queue/line-queue.ts';

const LF = 0x0a;

const fstatAsync = promisify(fstat);
const readAsync = promisify(read);
const ftruncateAsync = promisify(ftruncate);

/** The bytes at the end of a file that belong to a record whose rest is still queued. */
export class TornEnd {
  readonly #queue: LineQueue;
  #bytes = 0;

  constructor(queue: LineQueue) {
    this.#queue = queue;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** HOT PATH. `written` bytes from the beginning of the head were written; they are not consumed yet. */
  wrote(head: Chunk, written: number): void {
    const end = head.begin + written;
    if (head.bytes[end - 1] === LF) {
      this.#bytes = 0;
      return;
    }
    const lastLf = end > head.begin ? head.bytes.lastIndexOf(LF, end - 1) : -1;
    this.#bytes = lastLf >= head.begin ? end - 1 - lastLf : this.#bytes + written;
  }

  /** The record will be written again, whole. */
  rewind(): void {
    this.#queue.unconsume(this.#bytes);
    this.#bytes = 0;
  }

  /** Cuts it off the end of the file. @returns number of bytes cut; 0: its rest must follow */
  async takeBack(fd: number): Promise<number> {
    const head = this.#queue.head();
    if (head === null) return 0;
    this.#queue.headInUse = true;
    const torn = head.bytes.subarray(head.begin - this.#bytes, head.begin);
    const done = await takeBackTornEnd(fd, torn);
    this.#queue.headInUse = false;
    return done ? torn.length : 0;
  }
}

/**
 * Cuts `torn` off the end of the file, if the file really ends in it: another process may have appended since.
 *
 * @returns whether it was cut off; if not, its rest must follow
 */
async function takeBackTornEnd(fd: number, torn: Buffer): Promise<boolean> {
  try {
    const { size } = await fstatAsync(fd);
    if (size < torn.length) return false;
    const end = Buffer.alloc(torn.length);
    const { bytesRead } = await readAsync(fd, end, 0, end.length, size - torn.length);
    if (bytesRead !== torn.length || !end.equals(torn)) return false;
    await ftruncateAsync(fd, size - torn.length);
    return true;
  } catch {
    return false;
  }
}
