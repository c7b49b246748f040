/**
 * Lets only a few run at a time: fdatasync(2), so that a disk that is slow to sync leaves threads to the writes of
 * others; open(2), since each holds descriptors on its way to the file.
 */

const RUNNING_MAX = 3;

export class SyncGate {
  readonly #runningMax: number;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(runningMax = RUNNING_MAX) {
    this.#runningMax = runningMax;
  }

  /** As {@link enter}, for what ends with a promise. */
  run<T>(task: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.enter(() => {
        void task()
          .then(resolve, reject)
          .finally(() => this.leave());
      });
    });
  }

  /** Runs `start` now or as soon as there is room; it must call {@link leave} once when it has ended. */
  enter(start: () => void): void {
    if (this.#running === this.#runningMax) {
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
