/**
 * Time that passes only when a test says so.
 */
import type { HoldClock } from '../../src/output/recovery-hold.ts';

export class FakeClock implements HoldClock {
  #nowMs = 0;
  readonly #tasks = new Map<() => void, number>();

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, task: () => void): () => void {
    const own = (): void => task();
    this.#tasks.set(own, this.#nowMs + delayMs);
    return () => this.#tasks.delete(own);
  }

  /** Lets time pass; tasks are called when they are due, in order. */
  pass(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (;;) {
      const due = [...this.#tasks].filter(([, atMs]) => atMs <= endMs).toSorted(([, a], [, b]) => a - b)[0];
      if (due === undefined) break;
      this.#tasks.delete(due[0]);
      this.#nowMs = due[1];
      due[0]();
    }
    this.#nowMs = endMs;
  }

  /** Number of tasks still to be called. */
  get pendingCount(): number {
    return this.#tasks.size;
  }
}
