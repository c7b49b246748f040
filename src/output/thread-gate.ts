/**
 * Limits how many tasks of one kind run at a time in the thread pool: fdatasync(2) and getaddrinfo(3), so that slow
 * disks and name servers leave threads for writes; open(2), because every open in progress holds descriptors.
 */

/** Out of sixteen threads in the pool. */
const RUNNING_MAX = 3;

export class ThreadGate {
  readonly #runningMax: number;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(runningMax = RUNNING_MAX) {
    this.#runningMax = runningMax;
  }

  /** Like {@link enter}, for a task that ends with a promise. */
  run<T>(task: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.enter(() => {
        void task()
          .then(resolve, reject)
          .finally(() => this.leave());
      });
    });
  }

  /** Calls `start` now or as soon as there is room; the task must call {@link leave} once, when it has ended. */
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
