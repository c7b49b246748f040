/**
 * The order of two outputs to the same place, after a reload replaced one with the other: records waiting in the old
 * one are written first.
 */
import { within } from './within.ts';

export class Succession {
  #before: Promise<unknown> | null = null;
  #advances: (nowMs: number) => boolean = () => true;

  /** The previous output is not closed yet: nothing may be written. */
  get holds(): boolean {
    return this.#before !== null;
  }

  /** Whether the previous output makes progress; true if there is none. */
  advances(nowMs: number): boolean {
    return this.#before === null || this.#advances(nowMs);
  }

  /**
   * @param closed resolves, sooner or later, when the previous output is closed
   * @param advances whether that one makes progress
   * @param free called when it is closed
   */
  follow(closed: Promise<unknown>, advances: (nowMs: number) => boolean, free: () => void): void {
    this.#advances = advances;
    const over = (): void => {
      if (this.#before !== closed) return;
      this.#before = null;
      free();
    };
    this.#before = closed;
    closed.then(over, over);
  }

  /** At the end: waits until `deadlineMs` (performance.now()) at the latest, then gives up the order. */
  async over(deadlineMs: number): Promise<void> {
    if (this.#before === null) return;
    await within(this.#before, deadlineMs);
    this.#before = null;
  }
}
