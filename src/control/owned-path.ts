/**
 * A file that the daemon created, and removes only while it is still the one at its path.
 */
import { removeIfSame, tryStat } from '../sys/socket/socket-file.ts';
import { isForbidden } from '../sys/call/error-text.ts';

export class OwnedPath {
  readonly path: string;
  readonly dev: number;
  readonly ino: number;

  /**
   * Remembers what is at `path` now.
   *
   * @throws Error if nothing is, the system's error
   */
  constructor(path: string) {
    this.path = path;
    const there = tryStat(path);
    if (there === null) throw new Error('it was removed again');
    this.dev = there.dev;
    this.ino = there.ino;
  }

  /** Also true if that cannot be seen after privileges were given up. */
  isThere(): boolean {
    try {
      const there = tryStat(this.path);
      return there !== null && there.dev === this.dev && there.ino === this.ino;
    } catch (error) {
      if (isForbidden(error)) return true;
      throw error;
    }
  }

  /** Leaves anything that somebody else has put there since. */
  remove(): void {
    removeIfSame(this.path, this);
  }
}
