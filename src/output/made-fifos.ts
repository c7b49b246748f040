/**
 * Which FIFOs this daemon has made, and who uses them: the last one to leave removes what was made, if the path
 * still names it. A reload may exchange the output of a path, so that two use it for a while.
 */
import { lstatSync, unlinkSync } from 'node:fs';
import { makeFifo } from '../sys/fifo.ts';
import { inRoot } from '../sys/root-directory.ts';

export class MadeFifos {
  readonly #users = new Map<string, number>();
  /** `dev:ino` of those that were made here. */
  readonly #made = new Map<string, string>();

  enter(path: string): void {
    this.#users.set(path, (this.#users.get(path) ?? 0) + 1);
  }

  /** @throws the system's error */
  make(path: string, mode: number): void {
    makeFifo(inRoot(path), mode);
    this.#made.set(path, identityOf(path));
  }

  /** Another process removes from now on what was made here. @returns identities by path */
  release(): ReadonlyMap<string, string> {
    const made = new Map(this.#made);
    this.#made.clear();
    return made;
  }

  /** Another process made these, or gives them back. */
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
    try {
      if (made !== undefined && identityOf(path) === made) unlinkSync(inRoot(path));
    } catch {
      // Removed by somebody else, or in a directory that is no longer ours to change.
    }
  }
}

function identityOf(path: string): string {
  const { dev, ino } = lstatSync(inRoot(path));
  return `${dev}:${ino}`;
}
