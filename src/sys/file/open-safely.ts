/**
 * Opens a regular file of the daemon's own (pid file, kernel log cache), for callers that cannot wait. Never blocks on
 * a FIFO, never acquires a controlling terminal. Source: open(2).
 */
import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { errorCode } from '../call/error-text.ts';
import { refuseForeign } from './foreign.ts';
import { type Spot, withSpotSync } from './spot.ts';

const { O_CREAT, O_EXCL, O_NOCTTY, O_NOFOLLOW, O_NONBLOCK } = constants;
const FLAGS = O_NOCTTY | O_NONBLOCK;
/** The name has changed since it was looked at: look again. */
const CHANGED: ReadonlySet<string> = new Set(['EEXIST', 'ELOOP', 'ENOENT']);
/** Attempts at a name that keeps changing. */
const ATTEMPTS_MAX = 20;

/** Wording for reports. */
export const NOT_REGULAR = 'is not a regular file';

/** The path is not a regular file. Devices are not even opened: opening some has side effects. */
export class NotRegularError extends Error {
  override readonly name = 'NotRegularError';
}

export interface OpenedFile {
  readonly fd: number;
  /** This call created the file. */
  readonly made: boolean;
}

/**
 * @param path of the whole system
 * @param access O_RDONLY, O_WRONLY or O_RDWR
 * @param mode permission bits for a new file; null: create none
 * @throws NotRegularError, UnsafePathError, the system's error
 */
export function openSafely(path: string, access: number, mode: number | null): OpenedFile {
  for (let attempt = 1; ; attempt++) {
    const opened = withSpotSync(path, 'follow', (spot) => {
      try {
        if (spot.stats !== null || mode === null) return openFound(spot, access);
        return { fd: openSync(spot.at, access | O_CREAT | O_EXCL | O_NOFOLLOW | FLAGS, mode), made: true };
      } catch (error) {
        if (mode === null || attempt === ATTEMPTS_MAX || !CHANGED.has(errorCode(error))) throw error;
        return null;
      }
    });
    if (opened !== null) return opened;
  }
}

function openFound(spot: Spot, access: number): OpenedFile {
  // Opening a folder fails anyway.
  if (spot.stats?.isFile() === false && !spot.stats.isDirectory()) throw new NotRegularError(NOT_REGULAR);
  refuseForeign(spot, 'file');
  const fd = openSync(spot.found, access | FLAGS | spot.nofollow);
  if (fstatSync(fd).isFile()) return { fd, made: false };
  closeSync(fd);
  throw new NotRegularError(NOT_REGULAR);
}
