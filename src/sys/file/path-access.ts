/**
 * What this process may still do with a path: checked after privileges are given up, to warn the operator before it
 * matters. Source: access(2), path_resolution(7), unlink(2).
 */
import { accessSync, constants } from 'node:fs';
import { errorText } from '../call/error-text.ts';
import { type Spot, withSpotSync } from './spot.ts';

const { W_OK, X_OK } = constants;
const STICKY = 0o1000;

/** @returns why what is at `path` cannot be removed or renamed, or null */
export function whyFixed(path: string): string | null {
  const uid = process.geteuid?.() ?? 0;
  return reasonAt(path, ({ folder, folderStats, stats }) => {
    accessSync(folder, W_OK | X_OK);
    if (uid === 0 || stats === null || folderStats === null) return;
    if ((folderStats.mode & STICKY) !== 0 && folderStats.uid !== uid && stats.uid !== uid)
      throw new Error('operation not permitted');
  });
}

/** @returns why nothing can be created at `path`, or null */
export function whyNotMade(path: string): string | null {
  return reasonAt(path, ({ folder }) => accessSync(folder, W_OK | X_OK));
}

/** @returns why the file at `path` cannot be opened for writing, or null; also null if it does not exist */
export function whyNotWritable(path: string): string | null {
  return reasonAt(path, ({ found, stats }) => {
    if (stats !== null) accessSync(found, W_OK);
  });
}

function reasonAt(path: string, look: (spot: Spot) => void): string | null {
  try {
    withSpotSync(path, 'follow', look);
    return null;
  } catch (error) {
    return errorText(error);
  }
}
