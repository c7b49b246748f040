/**
 * Rotation on disk: a list of steps that may be interrupted anywhere, by kill -9 or a power failure.
 *
 * Rotating `f`: make `.f.new`, empty, with mode and owner of `f`; shift the old files (names.ts); `f` becomes `f.0`;
 * `.f.new` becomes `f`. Compressing `f.K` (old-files.ts): write `.f.gz`, sync it; `.f.gz` becomes `f.K.gz`; `f.K` is
 * removed. (`.f.new`, `.f.gz`: short for `.f.tsyslogd-new`, `.f.tsyslogd-gz`.)
 *
 *   found                          interrupted              what is done, and where
 *   `.f.new` and `f`               before `f` became `f.0`  `.f.new` is removed; `settle`
 *   `.f.new`, no `f`               before it became `f`     it becomes `f`; `settle`
 *   `.f.gz`                        while compressing        removed, `f.K` is compressed again; old-files.ts
 *   a gap: no `f.K`, but `f.K+1`   while shifting           the next shift ends there; `planShift`
 *   `f.K` (K > 0), no `f.K.gz`     before it was finished   compressed; old-files.ts
 *   `f.K` and `f.K.gz`             before `f.K` went        compared: if equal, `f.K` is removed; if `f.K.gz` is
 *                                                          broken (other daemons leave such), it is removed; if
 *                                                          both are intact and differ, both stay; old-files.ts
 */
import { constants, fstat, type Stats } from 'node:fs';
import { type FileHandle, lstat, open, readdir, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { errorCode } from '../../sys/call/error-text.ts';
import { isHeldPath, withSpot } from '../../sys/file/spot.ts';
import { inRoot } from '../../sys/call/root-directory.ts';
import { asTarget, type OpenTarget } from '../target/open-target.ts';
import { findGenerations, type Generations, newName, oldName, planShift } from './names.ts';

/**
 * The calls that change a directory, so that tests can stop after each of them. Paths are those of the whole system, or
 * of a held folder: the root directory may change between two calls.
 */
export interface FileOps {
  open(path: string, flags: number, mode: number): Promise<FileHandle>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
}

export const FILE_OPS: FileOps = {
  open: async (path, flags, mode) => await open(usable(path), flags, mode),
  rename: async (from, to) => await rename(usable(from), usable(to)),
  unlink: async (path) => await unlink(usable(path)),
};

const { O_APPEND, O_CREAT, O_EXCL, O_NOCTTY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR } = constants;
const OLD_FILE_FLAGS = O_RDONLY | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK;
const NEW_FILE_FLAGS = O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
const PERMISSION_BITS = 0o7777;

export const fstatAsync = promisify(fstat);

/** The real location of a file: its old files are next to it, not next to a symbolic link to it. */
export interface Place {
  readonly folder: string;
  readonly base: string;
  /** Equal for all paths that lead to the file: its path without links. */
  readonly key: string;
}

/** A place while its folder is held: its names stay valid even if a directory above it is replaced. */
export interface HeldPlace {
  /** As {@link FileOps} takes it. */
  readonly folder: string;
  readonly base: string;
}

/** @throws UnsafePathError, the system's error if the folder does not exist; the file itself may be missing */
export function resolvePlace(path: string): Promise<Place> {
  return withSpot(path, 'follow', ({ real }) =>
    Promise.resolve({ folder: dirname(real), base: basename(real), key: real }),
  );
}

/** Calls `act` with the place as it can be used during the call. @throws as {@link resolvePlace} */
export function holdPlace<T>(place: Place, act: (here: HeldPlace) => Promise<T>): Promise<T> {
  const { key, base } = place;
  return withSpot(key, 'skip', ({ folder, held }) => act({ folder: held ? folder : place.folder, base }));
}

/** @param path as {@link FileOps} takes it. @returns the path to use now */
export function usable(path: string): string {
  return isHeldPath(path) ? path : inRoot(path);
}

/** @returns the old files of a place, 0 to `count`. */
export async function readGenerations({ folder, base }: HeldPlace, count: number): Promise<Generations> {
  return findGenerations(await readdir(usable(folder)), base, count);
}

/** @returns the stat of what is at a path, a link itself; null: nothing, or nothing that can be seen */
export async function lookAt(path: string): Promise<Stats | null> {
  try {
    return await lstat(usable(path));
  } catch {
    return null;
  }
}

/** Opens what is at a path, but no link. */
export async function openOld(path: string): Promise<FileHandle> {
  return await open(usable(path), OLD_FILE_FLAGS);
}

/** Removes a file that may be missing. */
export async function removeIfThere(path: string, ops: FileOps): Promise<void> {
  try {
    await ops.unlink(path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}

/**
 * Finishes or cleans up an interrupted rotation, as in the table above.
 */
export async function settle({ folder, base }: HeldPlace, ops: FileOps): Promise<void> {
  const path = join(folder, newName(base));
  const fresh = await lookAt(path);
  // The daemon writes nothing into it before it is renamed: a file with content is another program's.
  if (fresh?.isFile() === true && fresh.size === 0) {
    if ((await lookAt(join(folder, base))) === null) await ops.rename(path, join(folder, base));
    else await ops.unlink(path);
  }
}

/**
 * Moves `old` away to `f.0` and opens its successor, with the same mode and owner.
 *
 * @param complain called with the error if the owner cannot be kept
 * @returns the new file; `old` is still open
 * @throws the system's error; then `old` still is, or soon will be again, the file at its path
 */
export async function replaceFile(
  place: HeldPlace,
  old: OpenTarget,
  generations: Generations,
  count: number,
  ops: FileOps,
  complain: (error: unknown) => void,
): Promise<OpenTarget> {
  const stats = await fstatAsync(old.fd);
  const newPath = join(place.folder, newName(place.base));
  const fresh = await ops.open(newPath, NEW_FILE_FLAGS, stats.mode & 0o700);
  try {
    await keepOwner(fresh, stats, complain);
    for (const step of planShift(generations, place.base, count)) {
      if (step.kind === 'remove') await removeIfThere(join(place.folder, step.name), ops);
      else await ops.rename(join(place.folder, step.from), join(place.folder, step.to));
    }
    await putInPlace(place, newPath, ops);
    return asTarget(fresh, await fresh.stat());
  } catch (error) {
    await fresh.close();
    await removeIfThere(newPath, ops).catch(() => undefined);
    throw error;
  }
}

/** Gives a new file the owner and the mode of its predecessor. */
export async function keepOwner(
  handle: FileHandle,
  like: { readonly uid: number; readonly gid: number; readonly mode: number },
  complain: (error: unknown) => void,
): Promise<void> {
  const own = await handle.stat();
  if (own.gid !== like.gid) await handle.chown(-1, like.gid).catch(complain);
  if (own.uid !== like.uid) await handle.chown(like.uid, -1).catch(complain);
  await handle.chmod(like.mode & PERMISSION_BITS);
}

async function putInPlace({ folder, base }: HeldPlace, newPath: string, ops: FileOps): Promise<void> {
  const path = join(folder, base);
  const oldPath = join(folder, oldName(base, 0, 'plain'));
  await ops.rename(path, oldPath);
  try {
    await ops.rename(newPath, path);
  } catch (error) {
    await ops.rename(oldPath, path).catch(() => undefined);
    throw error;
  }
}
