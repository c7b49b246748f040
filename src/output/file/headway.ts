/**
 * HOT PATH. Whether what an output has begun, a write for example, makes headway. Without any for a while it is lost,
 * but only if the event loop had the chance to hear of the end: a process that was busy or stopped for long, or that
 * delivers much in one go, knows nothing of its writes.
 */

/** So long may a write take. */
const PATIENCE_MS = 1000;

export class Headway {
  #sinceMs = 0;
  /** Things begun or ended. */
  #steps = 0;
  #lost = false;
  #checking = false;

  /** Something begins or has ended. */
  step(nowMs: number): void {
    this.#sinceMs = nowMs;
    this.#steps++;
    this.#lost = false;
  }

  /** What has begun is still under way. @returns whether that no longer looks like headway */
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
