/**
 * The size of an open file: counted with each write, and looked up now and then, since others may write to the file
 * or truncate it.
 */
import { fstat } from 'node:fs';
import { fstatAsync } from './disk.ts';

/** Between two looks. */
const LOOK_MS = 1000;

export class OpenSize {
  /** As far as it is known. */
  bytes = 0;
  /** -1: no file that is looked at. */
  #fd = -1;
  /** Writes begun; a look counts only if none began meanwhile. */
  #writes = 0;
  #lookMs = 0;

  /** Another file is open. */
  follow(fd: number, sizeBytes: number): void {
    this.#fd = fd;
    this.bytes = sizeBytes;
    this.#lookMs = performance.now();
  }

  /** The file is closed, or no longer looked at. */
  leave(): void {
    this.#fd = -1;
  }

  writeBegins(): void {
    this.#writes++;
  }

  /** `bytes` bytes were written; negative: taken back. */
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

  /** Looks between two writes. Throws nothing. */
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
