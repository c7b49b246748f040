/**
 * Opens, makes, renames and removes paths safely: finds where a path leads without following a link that somebody else
 * may have made. Every such call on a path from a configuration or command line goes through here.
 *
 * Below a folder that somebody else can replace, names are used as `/proc/self/fd/N/name`, which stays in the folder
 * that was checked. Without /proc they are checked and then used as they are, so an attacker who wins that race can
 * redirect them. Source: openat(2), proc_pid_fd(5), symlink(7).
 */
import {
  close,
  closeSync,
  constants,
  fstat,
  fstatSync,
  lstat,
  lstatSync,
  open,
  openSync,
  readlink,
  readlinkSync,
  type Stats,
  stat,
  statSync,
} from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import { errorCode } from '../call/error-text.ts';
import { inRoot, outOfRoot } from '../call/root-directory.ts';
import type { Changer } from './changer.ts';
import { type LastStep, type Probe, type Seen, walk, type WalkEnd } from './walk.ts';

/** Missing from the constants of Node.js; the same on all machines it runs on. Source: open(2), asm-generic/fcntl.h. */
const O_PATH = 0o10000000;
const { O_NOFOLLOW } = constants;
const HOLD_FLAGS = O_PATH | O_NOFOLLOW;
const HELD = '/proc/self/fd/';
const MISSING: Seen = { stats: null, link: null, heldPath: null };

const openAsync = promisify(open);
const closeAsync = promisify(close);
const lstatAsync = promisify(lstat);
const fstatAsync = promisify(fstat);
const statAsync = promisify(stat);
const readlinkAsync = promisify(readlink);

/** Where a path ends. Valid only during the call it was passed to. */
export interface Spot {
  /** For calls that make, rename or remove the name. */
  readonly at: string;
  /** For calls on the file that was found, even if the name has another meaning by now. */
  readonly found: string;
  /** Flag for open(2) with {@link found}. */
  readonly nofollow: number;
  /** The file that was found, if that was asked for; null: nothing. */
  readonly stats: Stats | null;
  /** The path in the whole system, without links. */
  readonly real: string;
  /** Its folder, for calls that list or check it. */
  readonly folder: string;
  /** The folder is held by a descriptor, since somebody else could replace it. */
  readonly held: boolean;
  /** Null: the folder is `/`. */
  readonly folderStats: Stats | null;
  /** Who else may change names in the folder; null: nobody. */
  readonly changer: Changer | null;
}

/**
 * Walks to `path` (of the whole system) and calls `act` with the spot where it ends.
 *
 * @throws UnsafePathError, OutsideRootError, the system's error, and what `act` throws
 */
export async function withSpot<T>(path: string, last: LastStep, act: (spot: Spot) => Promise<T>): Promise<T> {
  const held: number[] = [];
  try {
    const steps = walk(absolute(inRoot(path)), last);
    let step = steps.next();
    while (step.done !== true) step = steps.next(await probe(step.value, held));
    return await act(spotOf(step.value));
  } finally {
    await Promise.all(held.map((fd) => closeAsync(fd)));
  }
}

/** As {@link withSpot}, for callers that cannot wait. */
export function withSpotSync<T>(path: string, last: LastStep, act: (spot: Spot) => T): T {
  const held: number[] = [];
  try {
    const steps = walk(absolute(inRoot(path)), last);
    let step = steps.next();
    while (step.done !== true) step = steps.next(probeSync(step.value, held));
    return act(spotOf(step.value));
  } finally {
    for (const fd of held) closeSync(fd);
  }
}

/** Whether a path leads through a descriptor of this process: such a path means the same in another root directory. */
export function isHeldPath(path: string): boolean {
  return path.startsWith(HELD);
}

/** Does not resolve `..`, which may mean something else after a link. */
function absolute(path: string): string {
  return isAbsolute(path) ? path : `${process.cwd()}/${path}`;
}

function spotOf({ folder, name, seen, magic }: WalkEnd): Spot {
  const at = join(folder.at, name);
  return {
    at,
    found: seen.heldPath ?? at,
    // A held file is opened through a link of proc(5).
    nofollow: magic || seen.heldPath !== null ? 0 : O_NOFOLLOW,
    stats: seen.stats,
    real: outOfRoot(join(folder.real, name)),
    folder: folder.at,
    held: isHeldPath(folder.at),
    folderStats: folder.stats,
    changer: folder.changer,
  };
}

async function probe({ path, how }: Probe, held: number[]): Promise<Seen> {
  try {
    if (how === 'through') return { ...MISSING, stats: await statAsync(path) };
    if (how === 'look') {
      const stats = await lstatAsync(path);
      return { ...MISSING, stats, link: stats.isSymbolicLink() ? await readlinkAsync(path) : null };
    }
    const fd = await openAsync(path, HOLD_FLAGS);
    held.push(fd);
    const stats = await fstatAsync(fd);
    const heldPath = `${HELD}${fd}`;
    const there = stats.isSymbolicLink() ? null : await statAsync(heldPath).catch(() => null);
    return { stats, link: null, heldPath: isSame(there, stats) ? heldPath : null };
  } catch (error) {
    return missingOr(error);
  }
}

function probeSync({ path, how }: Probe, held: number[]): Seen {
  try {
    if (how === 'through') return { ...MISSING, stats: statSync(path) };
    if (how === 'look') {
      const stats = lstatSync(path);
      return { ...MISSING, stats, link: stats.isSymbolicLink() ? readlinkSync(path) : null };
    }
    const fd = openSync(path, HOLD_FLAGS);
    held.push(fd);
    const stats = fstatSync(fd);
    const heldPath = `${HELD}${fd}`;
    const there = stats.isSymbolicLink() ? null : tryStat(heldPath);
    return { stats, link: null, heldPath: isSame(there, stats) ? heldPath : null };
  } catch (error) {
    return missingOr(error);
  }
}

/** @throws every error but ENOENT */
function missingOr(error: unknown): Seen {
  if (errorCode(error) === 'ENOENT') return MISSING;
  throw error;
}

function tryStat(path: string): Stats | null {
  try {
    return statSync(path);
  } catch {
    return null;
  }
}

/** Without /proc, or with something else mounted there, the path does not lead to the held file. */
function isSame(there: Stats | null, held: Stats): boolean {
  return there !== null && there.dev === held.dev && there.ino === held.ino;
}
