/**
 * The file that a log socket has in the file system: made room for, opened to everybody, removed only while it
 * is still ours. Source: unix(7).
 */
import { chmodSync, lstatSync, type Stats, unlinkSync } from 'node:fs';
import { errorCode, isForbidden } from '../sys/error-text.ts';
import { inRoot } from '../sys/root-directory.ts';

/** Every user may log, whatever the umask. */
const MODE = 0o666;

/**
 * Removes what a former daemon left there; that nobody listens is known.
 *
 * @throws Error where something else than a socket is there, with what it is; the system's error
 */
export function clearStaleSocket(path: string): void {
  const there = tryStat(path);
  if (there === null) return;
  if (!there.isSocket()) throw new Error(`${kindOf(there)} is in its place`);
  unlinkSync(inRoot(path));
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

  /** Of a socket just bound to `path`: gives it its mode. */
  static ofNew(path: string): SocketFile {
    chmodSync(inRoot(path), MODE);
    const { dev, ino } = lstatSync(inRoot(path));
    return new SocketFile(path, dev, ino);
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
    if (!this.isThere()) return;
    try {
      unlinkSync(inRoot(this.path));
    } catch {
      // After dropping privileges the directory may be closed to us; the next start replaces the file.
    }
  }
}

/** @returns null where the path does not exist */
export function tryStat(path: string): Stats | null {
  try {
    return lstatSync(inRoot(path));
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
