/**
 * The order of two outputs that write to the same place, where a reload puts one in the place of the other: what waits
 * in the old one is written before anything of the new one.
 */
import { within } from './within.ts';

export class Succession {
  #before: Promise<unknown> | null = null;
  #advances: (nowMs: number) => boolean = () => true;

  /** The output before this one is not closed yet: nothing may be written. */
  get holds(): boolean {
    return this.#before !== null;
  }

  /** Whether the output before this one makes headway; true where there is none. */
  advances(nowMs: number): boolean {
    return this.#before === null || this.#advances(nowMs);
  }

  /**
   * @param closed resolves, sooner or later, when the output before this one is closed
   * @param advances whether that makes headway
   * @param free called then
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

  /** Waits at the end, no longer than until `deadlineMs` of performance.now(); then the order is given up. */
  async over(deadlineMs: number): Promise<void> {
    if (this.#before === null) return;
    await within(this.#before, deadlineMs);
    this.#before = null;
  }
}
