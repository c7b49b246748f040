/**
 * Notices that a path was removed, renamed, replaced or created, without waking up for writes to it.
 *
 * With native calls inotify(7) watches the directory and reports at once. Otherwise, and if inotify cannot watch the
 * directory (missing, out of watches), device and inode are compared every second. Calls are hints: the owner checks
 * the path itself. A symbolic link is watched, not its target; renaming an ancestor of the directory goes unnoticed.
 */
import { lstatSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { isForbidden } from '../call/error-text.ts';
import { InotifyQueue } from './inotify.ts';
import { nativeAvailable } from '../call/native.ts';
import { inRoot } from '../call/root-directory.ts';

/** How changes are noticed. `inotify` falls back to `timer` if the kernel has no descriptor left. */
export type PathWatchKind = 'inotify' | 'timer';

const INTERVAL_MS = 1000;

export interface WatchOptions {
  /** Also calls, repeatedly, while the directory can be neither watched nor searched. */
  readonly unseen: boolean;
}

interface Watch {
  readonly path: string;
  readonly unseen: boolean;
  readonly onChange: () => void;
  /** `dev:ino` at the last look; an empty string: missing; null: cannot be looked at. */
  identity: string | null;
}

/** A directory and the watches on paths in it. */
interface WatchedDirectory {
  readonly path: string;
  readonly byName: Map<string, Set<Watch>>;
  /** inotify watch descriptor; -1: the timer checks this directory. */
  wd: number;
}

/** Watches many paths with one descriptor. With nothing to watch there is neither timer nor descriptor. */
export class PathWatcher {
  readonly #kind: PathWatchKind;
  readonly #intervalMs: number;
  readonly #directories = new Map<string, WatchedDirectory>();
  #queue: InotifyQueue | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(kind: PathWatchKind = nativeAvailable().ok ? 'inotify' : 'timer', intervalMs = INTERVAL_MS) {
    this.#kind = kind;
    this.#intervalMs = intervalMs;
  }

  /**
   * Calls `onChange` after something happened to the path, never from within this call.
   *
   * @returns the function that ends the watch
   */
  watch(path: string, onChange: () => void, { unseen }: WatchOptions = { unseen: false }): () => void {
    const full = resolve(path);
    const watch: Watch = { path: full, unseen, onChange, identity: identityOf(full) };
    const directory = this.#directoryOf(dirname(full));
    const name = basename(full);
    const watches = directory.byName.get(name) ?? new Set();
    directory.byName.set(name, watches.add(watch));
    this.#arrange();
    return () => this.#unwatch(directory, name, watch);
  }

  close(): void {
    this.#directories.clear();
    this.#arrange();
  }

  #directoryOf(path: string): WatchedDirectory {
    const known = this.#directories.get(path);
    if (known !== undefined) return known;
    const directory: WatchedDirectory = { path, byName: new Map(), wd: -1 };
    this.#directories.set(path, directory);
    this.#attach(directory);
    return directory;
  }

  #unwatch(directory: WatchedDirectory, name: string, watch: Watch): void {
    const watches = directory.byName.get(name);
    if (watches?.delete(watch) !== true) return;
    if (watches.size === 0) directory.byName.delete(name);
    if (directory.byName.size > 0 || this.#directories.get(directory.path) !== directory) return;
    this.#directories.delete(directory.path);
    this.#detach(directory);
    this.#arrange();
  }

  #attach(directory: WatchedDirectory): void {
    if (this.#kind === 'timer') return;
    this.#queue ??= InotifyQueue.tryOpen((wd, name) => this.#changed(wd, name));
    if (this.#queue !== null) directory.wd = this.#queue.tryAdd(directory.path);
  }

  #detach(directory: WatchedDirectory): void {
    const { wd } = directory;
    directory.wd = -1;
    // Two paths may lead to one directory and share its watch descriptor.
    const shared = [...this.#directories.values()].some((other) => other.wd === wd);
    if (wd !== -1 && !shared) this.#queue?.remove(wd);
  }

  /** An inotify event; wd -1: events were lost, anything may have happened; name null: the directory itself is gone. */
  #changed(wd: number, name: string | null): void {
    for (const directory of [...this.#directories.values()]) {
      if (wd !== -1 && directory.wd !== wd) continue;
      if (wd !== -1 && name === null) this.#lost(directory);
      else if (name === null) callAll(directory);
      else callEach(directory.byName.get(name));
    }
    this.#arrange();
  }

  /** The directory was removed or moved away; another of the same name may already be there. */
  #lost(directory: WatchedDirectory): void {
    this.#detach(directory);
    this.#attach(directory);
    callAll(directory);
  }

  #tick(): void {
    for (const directory of [...this.#directories.values()]) {
      if (directory.wd !== -1) continue;
      this.#attach(directory);
      callChanged(directory);
    }
    this.#arrange();
  }

  /** Keeps timer and descriptor exactly as long as they are needed. */
  #arrange(): void {
    const directories = [...this.#directories.values()];
    if (directories.length === 0) {
      this.#queue?.close();
      this.#queue = null;
    }
    if (!directories.some((directory) => directory.wd === -1)) {
      if (this.#timer !== null) clearInterval(this.#timer);
      this.#timer = null;
    } else {
      this.#timer ??= setInterval(() => this.#tick(), this.#intervalMs).unref();
    }
  }
}

function callAll(directory: WatchedDirectory): void {
  for (const watches of [...directory.byName.values()]) callEach(watches);
}

function callChanged(directory: WatchedDirectory): void {
  for (const watches of [...directory.byName.values()]) {
    for (const watch of [...watches]) {
      const identity = identityOf(watch.path);
      if (identity === watch.identity && (identity !== null || !watch.unseen)) continue;
      watch.identity = identity;
      if (watches.has(watch)) watch.onChange();
    }
  }
}

/** A callback may end its own watch or another's. */
function callEach(watches: Set<Watch> | undefined): void {
  if (watches === undefined) return;
  for (const watch of [...watches]) {
    watch.identity = identityOf(watch.path);
    if (watches.has(watch)) watch.onChange();
  }
}

function identityOf(path: string): string | null {
  try {
    const { dev, ino } = lstatSync(inRoot(path));
    return `${dev}:${ino}`;
  } catch (error) {
    return isForbidden(error) ? null : '';
  }
}
