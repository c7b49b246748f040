/**
 * Sends what is left when the thread ends: at `process.exit()`, at the end of the event loop, after an exception that
 * nobody caught. Only senders that have something left are known here.
 */

/** Of a sender: ends with everything sent, or at a deadline of performance.now(). */
export interface Leftover {
  /** What it may take, from the moment the thread ends. */
  readonly exitMs: number;
  finish(deadlineMs: number): void;
}

class ExitFlush {
  readonly #leftovers = new Set<Leftover>();
  readonly #onExit = (): void => this.#finishAll();
  #isWatching = false;
  /** Of performance.now(); NaN: the thread is not ending. */
  #beganMs = Number.NaN;

  /**
   * From now on it has something left. While the thread ends there is no later: it is finished at once.
   *
   * @returns whether there is a later
   */
  add(leftover: Leftover): boolean {
    if (!Number.isNaN(this.#beganMs)) {
      leftover.finish(this.#beganMs + leftover.exitMs);
      return false;
    }
    this.#leftovers.add(leftover);
    if (!this.#isWatching) process.on('exit', this.#onExit);
    this.#isWatching = true;
    return true;
  }

  delete(leftover: Leftover): void {
    this.#leftovers.delete(leftover);
  }

  #finishAll(): void {
    this.#beganMs = performance.now();
    for (const leftover of this.#leftovers) leftover.finish(this.#beganMs + leftover.exitMs);
    this.#leftovers.clear();
  }
}

/** A thread ends once, and so there is one of these in each: made at import, with nothing in it. */
export const EXIT_FLUSH = new ExitFlush();
