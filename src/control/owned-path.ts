/**
 * Something that the daemon made in the file system, and removes only while it is still the one at its path.
 */
import { removeIfSame, tryStat } from '../sys/socket/socket-file.ts';
import { isForbidden } from '../sys/call/error-text.ts';

export class OwnedPath {
  readonly path: string;
  readonly dev: number;
  readonly ino: number;

  /**
   * Remembers what stands at `path` now.
   *
   * @throws Error where nothing does, the system's error
   */
  constructor(path: string) {
    this.path = path;
    const there = tryStat(path);
    if (there === null) throw new Error('it was removed again');
    this.dev = there.dev;
    this.ino = there.ino;
  }

  /** Also where that cannot be seen, privileges having been given up. */
  isThere(): boolean {
    try {
      const there = tryStat(this.path);
      return there !== null && there.dev === this.dev && there.ino === this.ino;
    } catch (error) {
      if (isForbidden(error)) return true;
      throw error;
    }
  }

  /** Leaves what somebody else has put there since. */
  remove(): void {
    removeIfSame(this.path, this);
  }
}
