/**
 * Notices that the open file is no longer the one at its path: removed, renamed, replaced, also where the folder cannot
 * be looked into. Only says so; whoever has the file open looks again and opens what is there.
 *
 * A removal is passed on at once, anything else after a moment, so that logrotate(8) can make the new file itself.
 */
import { fstat } from 'node:fs';
import type { PathWatcher } from '../../sys/file/path-watch.ts';
import { isStillAt, type OpenTarget } from './open-target.ts';

const GRACE_MS = 500;
/** Between two comparisons of the path with the open file, while something is written. */
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

  /** @param moved the path should be looked at */
  constructor(path: string, watcher: PathWatcher, moved: () => void) {
    this.#path = path;
    this.#watcher = watcher;
    this.#moved = moved;
  }

  /** What is open now; null: nothing. Only regular files are guarded. */
  guard(target: OpenTarget | null): void {
    this.#target = target?.kind === 'regular' ? target : null;
    if (this.#target === null || this.#unwatch !== null || this.#closed) return;
    this.#unwatch = this.#watcher.watch(this.#path, this.hint, { unseen: true });
    // Something may have happened to it between the opening and the watch.
    this.hint();
  }

  /** Sees what a watch on the folder does not: renamed ancestors, links that lead elsewhere, new mounts. */
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
