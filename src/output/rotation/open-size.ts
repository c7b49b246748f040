/**
 * Tracks the size of an open file. Each write is added; the size is also looked up from time to time, since other
 * programs may write to the file or truncate it.
 */
import { fstat } from 'node:fs';
import { fstatAsync } from './disk.ts';

/** Time between two look-ups. */
const LOOK_MS = 1000;

export class OpenSize {
  /** The size as far as is known. */
  bytes = 0;
  /** -1: no file. */
  #fd = -1;
  /** Number of writes begun; a look-up counts only if no write began in the meantime. */
  #writes = 0;
  #lookMs = 0;

  /** Tracks another file. */
  follow(fd: number, sizeBytes: number): void {
    this.#fd = fd;
    this.bytes = sizeBytes;
    this.#lookMs = performance.now();
  }

  /** Tracks no file. */
  leave(): void {
    this.#fd = -1;
  }

  writeBegins(): void {
    this.#writes++;
  }

  /** `bytes` bytes were written; negative: removed again. */
  wrote(bytes: number): void {
    this.bytes += bytes;
    const nowMs = performance.now();
    if (nowMs - this.#lookMs < LOOK_MS || this.#fd === -1) return;
    this.#lookMs = nowMs;
    const writes = this.#writes;
    const fd = this.#fd;
    fstat(fd, (error, stats) => {
      if (error === null && writes === this.#writes && fd === this.#fd) this.bytes = stats.size;
    });
  }

  /** Looks up the size, between two writes. Never throws. */
  async measure(): Promise<void> {
    if (this.#fd === -1) return;
    const fd = this.#fd;
    const size = await fstatAsync(fd).then(
      (stats) => stats.size,
      () => null,
    );
    if (size !== null && fd === this.#fd) this.bytes = size;
  }
}
