/**
 * How far the kernel's log has been read: by this process, by the one before it, and, from the cache, before the
 * daemon was started.
 */
import type { KernelCache } from './kernel-cache.ts';

/** What {@link ReadPosition.take} returns for a record that was taken before. */
export const TAKEN_BEFORE = -1;

export class ReadPosition {
  readonly #cache: KernelCache;
  #last: number;
  #cacheFailed = false;

  /** @param last sequence number of the last record taken, -1: none; null: as the cache says */
  constructor(cache: KernelCache, last: number | null) {
    this.#cache = cache;
    this.#last = last ?? cache.read();
  }

  /** Sequence number of the last record taken; -1: none. */
  get last(): number {
    return this.#last;
  }

  /** Opens the cache while that is allowed. */
  prepare(): void {
    this.#cache.prepare();
  }

  /**
   * Goes on to a record.
   *
   * @returns how many records before it were overwritten unread, or {@link TAKEN_BEFORE}
   */
  take(sequence: number): number {
    if (sequence <= this.#last) return TAKEN_BEFORE;
    // The first record ever seen may have any number.
    const missed = this.#last === -1 ? 0 : sequence - this.#last - 1;
    this.#last = sequence;
    return missed;
  }

  /**
   * The process before this one may have read on since it handed the log over.
   *
   * @param last -1: it died without saying how far; its cache does
   */
  continueBehind(last: number): void {
    this.#last = Math.max(this.#last, last === -1 ? this.#cache.read() : last);
  }

  /** Writes the position to the cache, until that fails once. @throws the system's error, InputError: that once */
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
