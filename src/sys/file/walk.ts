/**
 * Walks to what a path names, folder by folder from `/`. In a folder that only root and this process can change,
 * symbolic links are followed; elsewhere they are refused. What somebody else could move meanwhile is held by a
 * descriptor, so that what was checked is what is used. Source: path_resolution(7), open(2) O_PATH.
 *
 * Pure: the walk yields what to look at, so that it serves both callers that wait and callers that do not.
 */
import type { Stats } from 'node:fs';
import { join } from 'node:path';
import { SysError } from '../call/errors.ts';
import { outOfRoot } from '../call/root-directory.ts';
import { type Changer, changerOf, isProtectedBySticky, nameChanger } from './changer.ts';

/** How to look at a path: `look` like lstat(2), `hold` also by a descriptor, `through` like stat(2). */
export interface Probe {
  readonly path: string;
  readonly how: 'look' | 'hold' | 'through';
}

export interface Seen {
  /** Null: nothing is there. */
  readonly stats: Stats | null;
  /** Target of a symbolic link. */
  readonly link: string | null;
  /** A path that leads to the held file wherever it moves; null: none. */
  readonly heldPath: string | null;
}

/** What to do with the last component: follow a link there, look at the link itself, or not look at all. */
export type LastStep = 'follow' | 'look' | 'skip';

/** Where a walk ends. */
export interface WalkEnd {
  readonly folder: Folder;
  readonly name: string;
  readonly seen: Seen;
  /** A link of proc(5), which only the kernel can follow. */
  readonly magic: boolean;
}

export interface Folder {
  /** A path that leads to the folder, relative to the current root directory; see {@link Seen.heldPath}. */
  readonly at: string;
  /** Without links, relative to the current root directory. */
  readonly real: string;
  readonly stats: Stats | null;
  /** Who else may change names in it; null: nobody. */
  readonly changer: Changer | null;
  /** Nobody else can replace the folder. */
  readonly fixed: boolean;
}

/** A link that somebody else may have made. */
export class UnsafePathError extends Error {
  override readonly name = 'UnsafePathError';
  /** Like the code of a system error. */
  readonly code = 'EUNSAFE';
}

/** As many as the kernel follows. Source: path_resolution(7). */
const LINKS_MAX = 40;
/** errno(3) */
const ENOENT = 2;
const ENOTDIR = 20;
const EISDIR = 21;
const ELOOP = 40;
const NOTHING: Seen = { stats: null, link: null, heldPath: null };
/** Whoever may change this folder controls the whole system. */
const ROOT: Folder = { at: '/', real: '/', stats: null, changer: null, fixed: true };

/**
 * @param path absolute, relative to the current root directory
 * @throws UnsafePathError, SysError
 */
export function* walk(path: string, last: LastStep): Generator<Probe, WalkEnd, Seen> {
  // Such a name is always a folder, whatever is there.
  if (/\/\.{0,2}$/.test(path)) throw new SysError('open', EISDIR, path);
  const names = namesIn(path);
  const folders: Folder[] = [ROOT];
  for (let links = 0; ; ) {
    const name = names.pop();
    const folder = folders.at(-1) ?? ROOT;
    // Only the target of a link can end like this.
    if (name === undefined) throw new SysError('open', EISDIR, path);
    if (name === '..') {
      if (folders.length > 1) folders.pop();
      continue;
    }
    const isLast = names.length === 0;
    if (isLast && last === 'skip') return { folder, name, seen: NOTHING, magic: false };
    const seen: Seen = yield { path: join(folder.at, name), how: folder.changer === null ? 'look' : 'hold' };
    if (isLast && (last === 'look' || seen.stats?.isSymbolicLink() !== true))
      return { folder, name, seen, magic: false };
    if (seen.stats === null) throw new SysError('open', ENOENT, path);
    if (!seen.stats.isSymbolicLink()) {
      folders.push(enter(folder, name, seen, path));
    } else if (folder.changer === null && isInProc(folder)) {
      const target: Seen = yield { path: join(folder.at, name), how: 'through' };
      if (isLast) return { folder, name, seen: target, magic: true };
      folders.push(enter(folder, name, target, path));
    } else {
      if (folder.changer !== null) throw new UnsafePathError(refusal(folder, name));
      if (++links > LINKS_MAX) throw new SysError('open', ELOOP, path);
      const link = seen.link ?? '';
      if (link.startsWith('/')) folders.length = 1;
      names.push(...namesIn(link));
    }
  }
}

/** Last name first. */
function namesIn(path: string): string[] {
  const names = path.split('/').filter((name) => name !== '' && name !== '.');
  return names.toReversed();
}

function enter(parent: Folder, name: string, seen: Seen, path: string): Folder {
  const { stats, heldPath } = seen;
  if (stats?.isDirectory() !== true) throw new SysError('open', stats === null ? ENOENT : ENOTDIR, path);
  const fixed =
    parent.fixed && (parent.changer === null || (parent.stats !== null && isProtectedBySticky(parent.stats, stats)));
  const own = changerOf(stats);
  const at = join(parent.at, name);
  return {
    at: fixed ? at : (heldPath ?? at),
    real: join(parent.real, name),
    stats,
    changer: fixed ? own : (own ?? parent.changer),
    fixed,
  };
}

/** The target of a link in proc(5) need not be a path. */
function isInProc({ real }: Folder): boolean {
  return real === '/proc' || real.startsWith('/proc/');
}

function refusal({ real, changer }: Folder, name: string): string {
  const who = changer === null ? '' : nameChanger(changer);
  return `"${outOfRoot(join(real, name))}" is a symbolic link that ${who} can change: not followed: expected a path without it`;
}
