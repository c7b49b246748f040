/**
 * Why a file, a terminal or a FIFO could not be opened now, found without opening or creating anything. Gives the same
 * answers as an attempt by open-target.ts or fifo-path.ts.
 *
 * It cannot know what only an attempt shows: a full disk, too many open files, a disk that hangs, a terminal without a
 * line, or changes in between. Source: access(2), open(2), path_resolution(7).
 */
import { accessSync, constants, type Stats } from 'node:fs';
import { constants as system } from 'node:os';
import { errorText } from '../sys/call/error-text.ts';
import { SysError } from '../sys/call/errors.ts';
import { refuseForeign } from '../sys/file/foreign.ts';
import { type Spot, withSpotSync } from '../sys/file/spot.ts';
import { NOT_A_FIFO } from './pipe/fifo-path.ts';
import { isOwnDescriptor, mayCreate, NOT_A_TARGET, TargetError } from './target/open-target.ts';

const { W_OK, X_OK } = constants;
const { EISDIR, ENOENT, ENXIO } = system.errno;

/** @param look throws the reason. @returns it, or null */
function reasonAt(whole: string, look: (spot: Spot) => void): string | null {
  try {
    withSpotSync(whole, 'follow', look);
    return null;
  } catch (error) {
    return errorText(error);
  }
}

/** @param whole the path, of the whole system. @returns why a file or a device there cannot be opened, or null */
export function whyNoFile(whole: string): string | null {
  if (isOwnDescriptor(whole)) return null;
  return reasonAt(whole, (spot) => {
    refuseForeign(spot, 'file');
    if (spot.stats !== null) requireWritable(spot.found, spot.stats);
    else if (mayCreate(spot.real)) accessSync(spot.folder, W_OK | X_OK);
    else throw new SysError('open', ENOENT, whole);
  });
}

function requireWritable(path: string, stats: Stats): void {
  if (stats.isDirectory()) throw new SysError('open', EISDIR, path);
  accessSync(path, W_OK);
  if (stats.isSocket()) throw new SysError('open', ENXIO, path);
  if (!stats.isFile() && !stats.isCharacterDevice()) throw new TargetError(NOT_A_TARGET);
}

/** @param whole the path, of the whole system. @returns why there is no FIFO and none can be created, or null */
export function whyNoFifo(whole: string): string | null {
  return reasonAt(whole, (spot) => {
    refuseForeign(spot, 'fifo');
    if (spot.stats === null) accessSync(spot.folder, W_OK | X_OK);
    else if (!spot.stats.isFIFO()) throw new TargetError(NOT_A_FIFO);
  });
}
