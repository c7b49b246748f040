/**
 * Which FIFOs this daemon has created, and who uses them: the last to leave one removes it, if the path still names it.
 * A reload may replace the output of a path, so that two use it for a while.
 */
import { type Stats, unlinkSync } from 'node:fs';
import { makeFifo } from '../../sys/file/fifo.ts';
import { withSpotSync } from '../../sys/file/spot.ts';

export class MadeFifos {
  readonly #users = new Map<string, number>();
  /** `dev:ino` of those created here. */
  readonly #made = new Map<string, string>();

  enter(path: string): void {
    this.#users.set(path, (this.#users.get(path) ?? 0) + 1);
  }

  /** @throws the system's error */
  make(path: string, mode: number): void {
    this.#made.set(path, identityOf(makeFifo(path, mode)));
  }

  /** Another process removes from now on what was created here. @returns identities by path */
  release(): ReadonlyMap<string, string> {
    const made = new Map(this.#made);
    this.#made.clear();
    return made;
  }

  /** Another process created these, or returns them. */
  adopt(made: ReadonlyMap<string, string>): void {
    for (const [path, identity] of made) this.#made.set(path, identity);
  }

  /** Never fails: a FIFO that cannot be removed stays. */
  leave(path: string): void {
    const others = (this.#users.get(path) ?? 1) - 1;
    this.#users.set(path, others);
    if (others > 0) return;
    this.#users.delete(path);
    const made = this.#made.get(path);
    this.#made.delete(path);
    if (made === undefined) return;
    try {
      withSpotSync(path, 'follow', ({ at, stats }) => {
        if (stats !== null && identityOf(stats) === made) unlinkSync(at);
      });
    } catch {
      // Removed by somebody else, or in a directory that we may no longer change.
    }
  }
}

function identityOf({ dev, ino }: Stats): string {
  return `${dev}:${ino}`;
}
