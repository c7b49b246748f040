/**
 * A file that was created in vain, such as by a reload that is refused: removed again, if it is still the same file,
 * still empty, and not open here.
 */
import { lstat, realpath, unlink } from 'node:fs/promises';
import { inRoot } from '../../sys/call/root-directory.ts';
import type { HeldFiles } from './held-files.ts';

export interface MadeFile {
  /** In the whole system; a symbolic link may lead to the file. */
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
    // Removed by somebody else, or in a folder that we may not change.
  }
}
