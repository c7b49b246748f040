/**
 * HOT PATH. Whether a step of an output, such as a write, makes progress. After a while without progress it counts as
 * lost, but only if the event loop has had a chance to see its end: a process that was busy or stopped for long, or
 * delivers much at once, knows nothing of its writes.
 */

/** How long a write may take. */
const PATIENCE_MS = 1000;

export class Headway {
  #sinceMs = 0;
  /** Steps begun or ended. */
  #steps = 0;
  #lost = false;
  #checking = false;

  /** A step begins or has ended. */
  step(nowMs: number): void {
    this.#sinceMs = nowMs;
    this.#steps++;
    this.#lost = false;
  }

  /** The step is still in progress. @returns whether it no longer counts as making progress */
  isLost(nowMs: number): boolean {
    if (!this.#lost && !this.#checking && nowMs - this.#sinceMs >= PATIENCE_MS) this.#check();
    return this.#lost;
  }

  /** The second setImmediate comes after the loop has asked the kernel once more. */
  #check(): void {
    this.#checking = true;
    const steps = this.#steps;
    setImmediate(() =>
      setImmediate(() => {
        this.#checking = false;
        this.#lost = steps === this.#steps;
      }),
    );
  }
}
