/**
 * How far the kernel's log was read: by this process, by the previous one, and, from the cache, before the daemon was
 * started.
 */
import type { KernelCache } from './kernel-cache.ts';

/** What {@link ReadPosition.take} returns for a record that was read before. */
export const TAKEN_BEFORE = -1;

export class ReadPosition {
  readonly #cache: KernelCache;
  #last: number;
  #cacheFailed = false;

  /** @param last sequence number of the last record read, -1: none; null: as in the cache */
  constructor(cache: KernelCache, last: number | null) {
    this.#cache = cache;
    this.#last = last ?? cache.read();
  }

  /** Sequence number of the last record read; -1: none. */
  get last(): number {
    return this.#last;
  }

  /** See {@link KernelCache.prepare}. */
  prepare(): void {
    this.#cache.prepare();
  }

  /**
   * Advances to a record.
   *
   * @returns how many records before it were overwritten without being read, or {@link TAKEN_BEFORE}
   */
  take(sequence: number): number {
    if (sequence <= this.#last) return TAKEN_BEFORE;
    // The first record ever seen may have any number.
    const missed = this.#last === -1 ? 0 : sequence - this.#last - 1;
    this.#last = sequence;
    return missed;
  }

  /**
   * The previous process may have read on since it handed over the log.
   *
   * @param last where it stopped; -1: it died without saying so, and the cache counts
   */
  continueBehind(last: number): void {
    this.#last = Math.max(this.#last, last === -1 ? this.#cache.read() : last);
  }

  /** Writes the position to the cache. @throws the system's error or InputError, once: then it no longer tries */
  remember(): void {
    if (this.#last === -1 || this.#cacheFailed) return;
    try {
      this.#cache.write(this.#last);
    } catch (error) {
      this.#cacheFailed = true;
      throw error;
    }
  }

  close(): void {
    this.#cache.close();
  }
}
