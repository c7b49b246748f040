/**
 * What this process may still do with a path: asked after privileges were given up, to tell the operator before it
 * matters. Source: access(2), path_resolution(7), unlink(2).
 */
import { accessSync, constants, statSync, lstatSync } from 'node:fs';
import { dirname } from 'node:path';
import { errorText } from './error-text.ts';
import { inRoot } from './root-directory.ts';

const { W_OK, X_OK } = constants;
const STICKY = 0o1000;

/** @returns why what is at `path` cannot be removed or renamed, or null */
export function whyFixed(path: string): string | null {
  const reason = whyNotMade(path);
  if (reason !== null) return reason;
  const uid = process.geteuid?.() ?? 0;
  try {
    const there = inRoot(path);
    const directory = statSync(dirname(there));
    if (uid === 0 || (directory.mode & STICKY) === 0 || directory.uid === uid) return null;
    return lstatSync(there).uid === uid ? null : 'operation not permitted';
  } catch {
    // What is not there cannot be fixed.
    return null;
  }
}

/** @returns why nothing can be made at `path`, or null */
export function whyNotMade(path: string): string | null {
  try {
    accessSync(dirname(inRoot(path)), W_OK | X_OK);
    return null;
  } catch (error) {
    return errorText(error);
  }
}

/** @returns why what is at `path` cannot be opened for writing, or null; also null for what is not there */
export function whyNotWritable(path: string): string | null {
  try {
    const there = inRoot(path);
    if (statSync(there, { throwIfNoEntry: false }) === undefined) return null;
    accessSync(there, W_OK);
    return null;
  } catch (error) {
    return errorText(error);
  }
}
