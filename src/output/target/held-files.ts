/**
 * Which files outputs have open, by device and inode: an old file must not be compressed while something may still
 * append to it.
 */
import type { OpenTarget } from './open-target.ts';

export class HeldFiles {
  /** Number of open targets by identity. */
  readonly #counts = new Map<string, number>();
  /** Called after the last descriptor of a file was closed. */
  released: () => void = () => undefined;

  isHeld(dev: number, ino: number): boolean {
    return this.#counts.has(`${dev}:${ino}`);
  }

  /** @returns the same target; the file counts as held until it is closed */
  track(target: OpenTarget): OpenTarget {
    const key = `${target.dev}:${target.ino}`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    const close = async (): Promise<void> => {
      await target.close();
      this.#release(key);
    };
    return { ...target, close };
  }

  #release(key: string): void {
    const count = (this.#counts.get(key) ?? 0) - 1;
    if (count > 0) this.#counts.set(key, count);
    else {
      this.#counts.delete(key);
      this.released();
    }
  }
}
