/**
 * Notices that the open file is no longer the one at its path: removed, renamed or replaced, even if the folder cannot
 * be searched. It only reports this; the owner of the file checks and opens what is there.
 *
 * A removal is reported at once, anything else after a moment, so that logrotate(8) can create the new file itself.
 */
import { fstat } from 'node:fs';
import type { PathWatcher } from '../../sys/file/path-watch.ts';
import { isStillAt, type OpenTarget } from './open-target.ts';

const GRACE_MS = 500;
/** Time between two comparisons of the path with the open file, while there are writes. */
const LOOK_MS = 1000;

export class PathGuard {
  readonly #path: string;
  readonly #watcher: PathWatcher;
  readonly #moved: () => void;
  #target: OpenTarget | null = null;
  #lookMs = 0;
  #unwatch: (() => void) | null = null;
  #grace: NodeJS.Timeout | null = null;
  #closed = false;

  /** @param moved the path should be checked */
  constructor(path: string, watcher: PathWatcher, moved: () => void) {
    this.#path = path;
    this.#watcher = watcher;
    this.#moved = moved;
  }

  /** The open file; null: none. Only regular files are guarded. */
  guard(target: OpenTarget | null): void {
    this.#target = target?.kind === 'regular' ? target : null;
    if (this.#target === null || this.#unwatch !== null || this.#closed) return;
    this.#unwatch = this.#watcher.watch(this.#path, this.hint, { unseen: true });
    // Something may have happened to it between the open and the watch.
    this.hint();
  }

  /** Sees what a watch on the folder does not: renamed ancestors, changed links, new mounts. */
  wrote(nowMs: number): void {
    const target = this.#target;
    if (nowMs - this.#lookMs <= LOOK_MS || target === null) return;
    this.#lookMs = nowMs;
    void isStillAt(this.#path, target).then((same) => {
      if (!same && this.#target === target) this.hint();
    });
  }

  /** Something happened to the path. */
  readonly hint = (): void => {
    if (this.#target === null || this.#grace !== null) return;
    fstat(this.#target.fd, (error, stats) => {
      if (this.#closed) return;
      if (error !== null || stats.nlink === 0) this.#moved();
      else this.#grace ??= setTimeout(this.#onGrace, GRACE_MS);
    });
  };

  close(): void {
    this.#closed = true;
    this.#target = null;
    this.#unwatch?.();
    if (this.#grace !== null) clearTimeout(this.#grace);
    this.#grace = null;
  }

  readonly #onGrace = (): void => {
    this.#grace = null;
    this.#moved();
  };
}
