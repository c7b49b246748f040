/**
 * Serializes changes to the old files of a path: several outputs may have the same file, and compression runs at the
 * same time.
 */

export class PathLocks {
  /** The last task of each key. */
  readonly #tails = new Map<string, Promise<void>>();

  /** Runs `task` after all earlier ones for this key. @throws what `task` throws */
  async run<T>(key: string, task: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key) ?? Promise.resolve();
    const done = before.then(task);
    const tail = done.then(
      () => undefined,
      () => undefined,
    );
    this.#tails.set(key, tail);
    try {
      return await done;
    } finally {
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
    }
  }
}
