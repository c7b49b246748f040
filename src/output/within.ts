/**
 * Waiting with an end.
 */

/** Waits for `work`, whatever becomes of it, at most until `deadlineMs` of performance.now(). */
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

/** Waits for something that is called over, once or again and again; each who waits has a deadline of their own. */
export class DeadlineWait {
  readonly #waiting = new Set<() => void>();

  get waitedFor(): boolean {
    return this.#waiting.size > 0;
  }

  async until(deadlineMs: number): Promise<void> {
    let over: () => void = () => undefined;
    const called = new Promise<void>((resolve) => {
      over = resolve;
    });
    this.#waiting.add(over);
    await within(called, deadlineMs);
    this.#waiting.delete(over);
  }

  /** Ends the wait of all who wait now. */
  over(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
