/**
 * Something that the daemon made in the file system, and removes only while it is still the one at its path.
 */
import { lstatSync, unlinkSync } from 'node:fs';
import { tryStat } from '../input/socket-file.ts';
import { isForbidden } from '../sys/error-text.ts';
import { inRoot } from '../sys/root-directory.ts';

export class OwnedPath {
  readonly path: string;
  readonly #dev: number;
  readonly #ino: number;

  /**
   * Remembers what stands at `path` now.
   *
   * @throws the system's error where nothing does
   */
  constructor(path: string) {
    this.path = path;
    const { dev, ino } = lstatSync(inRoot(path));
    this.#dev = dev;
    this.#ino = ino;
  }

  /** Also where that cannot be seen, privileges having been given up. */
  isThere(): boolean {
    try {
      const there = tryStat(this.path);
      return there !== null && there.dev === this.#dev && there.ino === this.#ino;
    } catch (error) {
      if (isForbidden(error)) return true;
      throw error;
    }
  }

  /** Leaves what somebody else has put there since. */
  remove(): void {
    try {
      if (this.isThere()) unlinkSync(inRoot(this.path));
    } catch {
      // Without privileges the directory may be closed to us; the next start replaces what is left.
    }
  }
}
