/**
 * Lets only a few fdatasync(2) run at a time, so that a disk that is slow to sync leaves threads to the writes
 * of others.
 */

const RUNNING_MAX = 3;

export class SyncGate {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  /** Runs `start` now or as soon as there is room; it must call {@link leave} once when it has ended. */
  enter(start: () => void): void {
    if (this.#running === RUNNING_MAX) {
      this.#waiting.push(start);
      return;
    }
    this.#running++;
    start();
  }

  leave(): void {
    this.#running--;
    const next = this.#waiting.shift();
    if (next !== undefined) this.enter(next);
  }
}
