/**
 * Configuration text from the file system, for `parseConfiguration`.
 *
 * Patterns are those of glob(7): `*`, `?`, `[…]`; no braces, no `**`; `*` skips names that begin with a dot. A folder
 * means its `*.conf` files, as in FreeBSD. Only regular files are read, so that no FIFO blocks the daemon and no device
 * fills its memory; /dev/null counts as an empty file.
 */
import { accessSync, closeSync, constants, fstatSync, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { fastGlob } from '../sys/process/late-packages.ts';
import { inRoot, outOfRoot, pathOfCommand } from '../sys/call/root-directory.ts';
import type { ConfigSource } from './parse.ts';

/** Larger than any configuration, too small to do harm. */
const FILE_BYTES_MAX = 16 * 1024 * 1024;
/** Files of unknown size, as in /proc, are read in pieces of this size. */
const PIECE_BYTES = 64 * 1024;
/** st_rdev of /dev/null, major 1, minor 3. Source: null(4), makedev(3). */
const NULL_DEVICE = 0x103;

/** The file exists, but a configuration cannot be read from it. */
export class UnfitFileError extends Error {
  override readonly name = 'UnfitFileError';
  /** Like the code of a system error. */
  readonly code = 'EUNFIT';
}

/** @returns a source that reads from the file system */
export function createFileSource(): ConfigSource {
  return { read: readRegularFile, glob: globFiles, canonical: canonicalPath, isExecutable };
}

/** @throws UnfitFileError, or the system's error */
function readRegularFile(path: string): Buffer {
  const { O_NOCTTY, O_NONBLOCK, O_RDONLY } = constants;
  const fd = openSync(inRoot(path), O_RDONLY | O_NONBLOCK | O_NOCTTY);
  try {
    const stat = fstatSync(fd);
    if (stat.isCharacterDevice() && stat.rdev === NULL_DEVICE) return Buffer.alloc(0);
    if (!stat.isFile()) throw new UnfitFileError('not a regular file');
    return readAll(fd, Math.min(stat.size + 1, FILE_BYTES_MAX + 1));
  } finally {
    closeSync(fd);
  }
}

/** @param expectedBytes expected size; the file may have changed since */
function readAll(fd: number, expectedBytes: number): Buffer {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for (;;) {
    const piece = Buffer.alloc(Math.max(PIECE_BYTES, expectedBytes - bytes));
    const got = readSync(fd, piece);
    if (got === 0) return Buffer.concat(pieces);
    bytes += got;
    if (bytes > FILE_BYTES_MAX) throw new UnfitFileError(`larger than ${FILE_BYTES_MAX / 1024 / 1024} MiB`);
    pieces.push(piece.subarray(0, got));
  }
}

function globFiles(pattern: string): readonly string[] {
  const here = inRoot(pattern);
  const stat = statSync(here, { throwIfNoEntry: false });
  if (stat?.isDirectory()) return match(`${fastGlob().escapePath(here)}/*.conf`);
  // If it cannot be read, reading it will say so.
  if (stat !== undefined) return [pattern];
  return /[*?[]/.test(pattern) ? match(here) : [];
}

function match(pattern: string): readonly string[] {
  const found = fastGlob().sync(pattern, { braceExpansion: false, extglob: false, globstar: false, absolute: true });
  return found.toSorted().map(outOfRoot);
}

/** The path with all links resolved; if it does not exist, the path itself. */
function canonicalPath(path: string): string {
  try {
    return outOfRoot(realpathSync(inRoot(path)));
  } catch {
    return path;
  }
}

function isExecutable(path: string): boolean {
  try {
    const there = pathOfCommand(path);
    accessSync(there, constants.X_OK);
    return statSync(there).isFile();
  } catch {
    return false;
  }
}
