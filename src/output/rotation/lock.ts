/**
 * Lets one at a time change the old files of a path: several outputs may lead to the same file, and the compression
 * works beside them.
 */

export class PathLocks {
  /** The last one in the row, by key. */
  readonly #tails = new Map<string, Promise<void>>();

  /** Runs `task` after all that came before it for this key; what it throws goes to the caller. */
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
