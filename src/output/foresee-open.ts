/**
 * Why a file, a terminal or a FIFO could not be opened now, found without opening or making anything: the same answers
 * as open-target.ts and fifo-path.ts give when they try.
 *
 * It cannot know what only the attempt shows: a full disk, too many open files, a disk that hangs, a terminal without
 * a line, and what happens in between. Source: access(2), open(2), path_resolution(7).
 */
import { accessSync, constants, lstatSync, readlinkSync, realpathSync, type Stats, statSync } from 'node:fs';
import { constants as system } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { errorText } from '../sys/error-text.ts';
import { SysError } from '../sys/errors.ts';
import { inRoot } from '../sys/root-directory.ts';
import { NOT_A_FIFO } from './fifo-path.ts';
import {
  isOwnDescriptor,
  LINK_NOT_FOLLOWED,
  mayBeReplaced,
  mayCreate,
  NOT_A_TARGET,
  TargetError,
} from './open-target.ts';

const { W_OK, X_OK } = constants;
const { EISDIR, ENOENT, ENXIO, ELOOP } = system.errno;
/** Symbolic links that the system follows. Source: path_resolution(7). */
const LINKS_MAX = 40;

/** @param find throws why not. @returns its reason, or null */
function reasonOf(find: () => void): string | null {
  try {
    find();
    return null;
  } catch (error) {
    return errorText(error);
  }
}

function lookUp(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

/** @param whole the path, of the whole system. @returns why a file or a device there cannot be opened, or null */
export function whyNoFile(whole: string): string | null {
  if (isOwnDescriptor(whole)) return null;
  return reasonOf(() => {
    const path = inRoot(whole);
    const followed = !mayBeReplaced(statSync(dirname(path)));
    const entry = lookUp(path);
    if (entry?.isSymbolicLink() === true && !followed) throw new TargetError(LINK_NOT_FOLLOWED);
    const stats = entry === undefined ? undefined : statSync(path, { throwIfNoEntry: false });
    if (stats !== undefined) requireWritable(path, stats);
    else if (mayCreate(path)) requireMakeable(path);
    else throw new SysError('open', ENOENT, path);
  });
}

function requireWritable(path: string, stats: Stats): void {
  if (stats.isDirectory()) throw new SysError('open', EISDIR, path);
  accessSync(path, W_OK);
  if (stats.isSocket()) throw new SysError('open', ENXIO, path);
  if (!stats.isFile() && !stats.isCharacterDevice()) throw new TargetError(NOT_A_TARGET);
}

/** Where a symbolic link leads to nothing, the system makes what it names. */
function requireMakeable(path: string): void {
  let place = path;
  for (let links = 0; lookUp(place)?.isSymbolicLink() === true; links++) {
    if (links === LINKS_MAX) throw new SysError('open', ELOOP, path);
    const target = readlinkSync(place);
    place = target.startsWith('/') ? resolve(target) : join(realpathSync(dirname(place)), target);
  }
  accessSync(dirname(place), W_OK | X_OK);
}

/** @param whole the path, of the whole system. @returns why no FIFO stands there and none can be made, or null */
export function whyNoFifo(whole: string): string | null {
  return reasonOf(() => {
    const path = inRoot(whole);
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats?.isFIFO() === true) return;
    if (stats !== undefined) throw new TargetError(NOT_A_FIFO);
    if (lookUp(path) !== undefined) throw new SysError('mkfifo', ENOENT, path);
    accessSync(dirname(path), W_OK | X_OK);
  });
}
