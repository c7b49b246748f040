/**
 * The file of a log socket in the file system: makes room for it, opens it to everybody, removes it only while it is
 * still ours. Source: unix(7).
 */
import { chmodSync, type Stats, unlinkSync } from 'node:fs';
import { errorCode, isForbidden } from '../call/error-text.ts';
import { withSpotSync } from '../file/spot.ts';

/** Every user may log, whatever the umask. */
const MODE = 0o666;

/**
 * Removes the socket of a former daemon, once it is known that nobody listens.
 *
 * @throws Error if something other than a socket is there, saying what it is; the system's error
 */
export function clearStaleSocket(path: string): void {
  if (tryStat(path) === null) return;
  withSpotSync(path, 'look', ({ at, stats }) => {
    if (stats === null) return;
    if (!stats.isSocket()) throw new Error(`${kindOf(stats)} is in the way`);
    unlinkSync(at);
  });
}

/** The socket file as it was created. */
export class SocketFile {
  readonly path: string;
  readonly dev: number;
  readonly ino: number;

  /** `dev`, `ino`: its identity when it was created. */
  constructor(path: string, dev: number, ino: number) {
    this.path = path;
    this.dev = dev;
    this.ino = ino;
  }

  /**
   * Sets the mode of a socket just bound to `path`.
   *
   * @throws Error if somebody else has already put something in its place, the system's error
   */
  static ofNew(path: string): SocketFile {
    return withSpotSync(path, 'look', ({ found, stats }) => {
      if (stats?.isSocket() !== true || stats.uid !== process.geteuid?.() || stats.nlink !== 1)
        throw new Error('it was replaced by something else');
      chmodSync(found, MODE);
      return new SocketFile(path, stats.dev, stats.ino);
    });
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

/**
 * Removes what is at a path if it is still what was created there. Never fails: without privileges the folder may be
 * closed to us; the next start replaces what is left.
 */
export function removeIfSame(path: string, made: { readonly dev: number; readonly ino: number }): void {
  try {
    withSpotSync(path, 'look', ({ at, stats }) => {
      if (stats?.dev === made.dev && stats.ino === made.ino) unlinkSync(at);
    });
  } catch {
    // See above.
  }
}

/** @returns null if the path does not exist */
export function tryStat(path: string): Stats | null {
  try {
    return withSpotSync(path, 'look', ({ stats }) => stats);
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return null;
    throw error;
  }
}

/** @returns what kind of file is there, for a report */
export function kindOf(stats: Stats): string {
  if (stats.isFile()) return 'a regular file';
  if (stats.isDirectory()) return 'a directory';
  if (stats.isSymbolicLink()) return 'a symbolic link';
  if (stats.isSocket()) return 'a socket';
  return stats.isFIFO() ? 'a FIFO' : 'a device';
}
