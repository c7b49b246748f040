/**
 * Reads a descriptor byte by byte, or up to the end of a line, and waits for more without the event loop.
 */
import { readSync } from 'node:fs';
import { errorCode } from '../../../sys/call/error-text.ts';

const CHUNK_BYTES = 65_536;
const LF = 0x0a;
/** Between two looks at a descriptor that somebody else made non-blocking. */
const PAUSE_MS = 10;

export const END = -1;

/** What comes from a descriptor. */
export class ByteInput {
  readonly #fd: number;
  readonly #chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  #at = 0;
  #end = 0;
  #ended = false;
  #failure: unknown = null;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Why the input ended before its end; null: it did not. */
  get failure(): unknown {
    return this.#failure;
  }

  /** @returns the next byte without taking it; {@link END}: there is none */
  peek(): number {
    return this.#hasMore() ? (this.#chunk[this.#at] ?? END) : END;
  }

  /** Takes the byte that {@link peek} shows. */
  skip(): void {
    this.#at++;
  }

  /** Takes bytes up to the end of the line, which stays, or up to `max`. @returns a character for each byte */
  line(max: number): string {
    const parts: string[] = [];
    let left = max;
    while (left > 0 && this.#hasMore()) {
      const found = this.#chunk.subarray(0, this.#end).indexOf(LF, this.#at);
      const end = Math.min(found === -1 ? this.#end : found, this.#at + left);
      if (end === this.#at) break;
      parts.push(this.#chunk.toString('latin1', this.#at, end));
      left -= end - this.#at;
      this.#at = end;
    }
    return parts.join('');
  }

  #hasMore(): boolean {
    if (this.#at < this.#end) return true;
    if (this.#ended) return false;
    this.#at = 0;
    this.#end = this.#read();
    this.#ended = this.#end === 0;
    return !this.#ended;
  }

  /** @returns 0 at the end */
  #read(): number {
    for (;;) {
      try {
        return readSync(this.#fd, this.#chunk, 0, CHUNK_BYTES, null);
      } catch (error) {
        if (errorCode(error) !== 'EAGAIN') {
          this.#failure = error;
          return 0;
        }
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
      }
    }
  }
}
