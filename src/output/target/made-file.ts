/**
 * A file that was made for nothing, such as by a reload that is refused: removed again, if it is still the one that was
 * made, still empty, and nobody here has it open.
 */
import { lstat, realpath, unlink } from 'node:fs/promises';
import { inRoot } from '../../sys/call/root-directory.ts';
import type { HeldFiles } from './held-files.ts';

export interface MadeFile {
  /** Of the whole system; a symbolic link may lead to the file. */
  readonly path: string;
  readonly dev: number;
  readonly ino: number;
}

/** Never fails: what cannot be removed stays. */
export async function removeMade({ path, dev, ino }: MadeFile, held: HeldFiles): Promise<void> {
  try {
    const real = await realpath(inRoot(path));
    const found = await lstat(real);
    const isOurs = found.isFile() && found.dev === dev && found.ino === ino;
    if (isOurs && found.size === 0 && !held.isHeld(dev, ino)) await unlink(real);
  } catch {
    // Removed by somebody else, or in a folder that is not ours to change.
  }
}
