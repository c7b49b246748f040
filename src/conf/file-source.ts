/**
 * Configuration text from the file system, for `parseConfiguration`.
 *
 * Patterns are those of glob(7): `*`, `?`, `[…]`; no braces, no `**`; `*` skips names that begin with a dot. A folder
 * stands for its `*.conf`, as in FreeBSD. Only regular files match, so that no FIFO holds up the start.
 */
import { accessSync, constants, readFileSync, realpathSync, statSync } from 'node:fs';
import fastGlob from 'fast-glob';
import type { ConfigSource } from './parse.ts';

/** @returns the source that reads from the file system. */
export function createFileSource(): ConfigSource {
  return { read: (path) => readFileSync(path), glob: globFiles, canonical: canonicalPath, isExecutable };
}

function globFiles(pattern: string): readonly string[] {
  const stat = statSync(pattern, { throwIfNoEntry: false });
  if (stat?.isFile()) return [pattern];
  if (stat?.isDirectory()) return match(`${fastGlob.escapePath(pattern)}/*.conf`);
  return /[*?[]/.test(pattern) ? match(pattern) : [];
}

function match(pattern: string): readonly string[] {
  const found = fastGlob.sync(pattern, { braceExpansion: false, extglob: false, globstar: false, absolute: true });
  return found.toSorted();
}

/** The path through all links; of what does not exist, the path itself. */
function canonicalPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
