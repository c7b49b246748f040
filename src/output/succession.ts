/**
 * The order of two outputs of the same place, after a reload put one in the place of the other: what waits in the old
 * one is written first.
 */
import { within } from './within.ts';

export class Succession {
  #before: Promise<unknown> | null = null;
  #advances: (nowMs: number) => boolean = () => true;

  /** The output before this one is not closed yet: nothing may be written. */
  get holds(): boolean {
    return this.#before !== null;
  }

  /** Whether the output before this one makes headway; true if there is none. */
  advances(nowMs: number): boolean {
    return this.#before === null || this.#advances(nowMs);
  }

  /**
   * @param closed resolves, sooner or later, when the output before this one is closed
   * @param advances whether that one makes headway
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

  /** At the end: waits until `deadlineMs` of performance.now() at the latest, then gives up the order. */
  async over(deadlineMs: number): Promise<void> {
    if (this.#before === null) return;
    await within(this.#before, deadlineMs);
    this.#before = null;
  }
}
