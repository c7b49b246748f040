/**
 * Waiting with an end.
 */

/** Waits for `work`, at most until `deadlineMs` of performance.now(). */
export async function within(work: Promise<unknown>, deadlineMs: number): Promise<void> {
  await new Promise<void>((resolve) => {
    const giveUp = setTimeout(resolve, Math.max(0, deadlineMs - performance.now()));
    void work.finally(() => {
      clearTimeout(giveUp);
      resolve();
    });
  });
}
