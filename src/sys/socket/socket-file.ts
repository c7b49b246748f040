/**
 * The file that a log socket has in the file system: made room for, opened to everybody, removed only while it
 * is still ours. Source: unix(7).
 */
import { chmodSync, type Stats, unlinkSync } from 'node:fs';
import { errorCode, isForbidden } from '../call/error-text.ts';
import { withSpotSync } from '../file/spot.ts';

/** Every user may log, whatever the umask. */
const MODE = 0o666;

/**
 * Removes what a former daemon left there; that nobody listens is known.
 *
 * @throws Error where something else than a socket is there, with what it is; the system's error
 */
export function clearStaleSocket(path: string): void {
  if (tryStat(path) === null) return;
  withSpotSync(path, 'look', ({ at, stats }) => {
    if (stats === null) return;
    if (!stats.isSocket()) throw new Error(`${kindOf(stats)} is in the way`);
    unlinkSync(at);
  });
}

/** The socket file as it was made. */
export class SocketFile {
  readonly path: string;
  readonly dev: number;
  readonly ino: number;

  /** `dev`, `ino`: its identity when it was made. */
  constructor(path: string, dev: number, ino: number) {
    this.path = path;
    this.dev = dev;
    this.ino = ino;
  }

  /**
   * Of a socket just bound to `path`: gives it its mode.
   *
   * @throws Error where somebody else has put something in its place already, the system's error
   */
  static ofNew(path: string): SocketFile {
    return withSpotSync(path, 'look', ({ found, stats }) => {
      if (stats?.isSocket() !== true || stats.uid !== process.geteuid?.() || stats.nlink !== 1)
        throw new Error('it was replaced by something else');
      chmodSync(found, MODE);
      return new SocketFile(path, stats.dev, stats.ino);
    });
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

/**
 * Removes what is at a path while it is what was made there. Never fails: without privileges the folder may be closed
 * to us; the next start replaces what is left.
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

/** @returns null where the path does not exist */
export function tryStat(path: string): Stats | null {
  try {
    return withSpotSync(path, 'look', ({ stats }) => stats);
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return null;
    throw error;
  }
}

/** @returns what stands in the place of something else, for a report */
export function kindOf(stats: Stats): string {
  if (stats.isFile()) return 'a regular file';
  if (stats.isDirectory()) return 'a directory';
  if (stats.isSymbolicLink()) return 'a symbolic link';
  if (stats.isSocket()) return 'a socket';
  return stats.isFIFO() ? 'a FIFO' : 'a device';
}
