/**
 * Waiting with a deadline.
 */

/** Waits for `work`, whether it succeeds or fails, until `deadlineMs` of performance.now() at the latest. */
export async function within(work: Promise<unknown>, deadlineMs: number): Promise<void> {
  await new Promise<void>((resolve) => {
    const giveUp = setTimeout(resolve, Math.max(0, deadlineMs - performance.now()));
    const over = (): void => {
      clearTimeout(giveUp);
      resolve();
    };
    work.then(over, over);
  });
}

/** Waits for an event that may come many times. Each waiter has its own deadline. */
export class DeadlineWait {
  readonly #waiting = new Set<() => void>();

  async until(deadlineMs: number): Promise<void> {
    let over: () => void = () => undefined;
    const called = new Promise<void>((resolve) => {
      over = resolve;
    });
    this.#waiting.add(over);
    await within(called, deadlineMs);
    this.#waiting.delete(over);
  }

  /** The event: ends the wait of all current waiters. */
  over(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
