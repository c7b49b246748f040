/**
 * Removes the part of a record that a full disk still took, so that no half line is followed by another.
 */
import { fstat, ftruncate, read } from 'node:fs';
import { promisify } from 'node:util';

const fstatAsync = promisify(fstat);
const readAsync = promisify(read);
const ftruncateAsync = promisify(ftruncate);

/**
 * Cuts `torn` off the end of the file, if the file really ends in it: another process may have appended since.
 *
 * @returns whether it was cut off; if not, its rest has to follow it
 */
export async function takeBackTornEnd(fd: number, torn: Buffer): Promise<boolean> {
  try {
    const { size } = await fstatAsync(fd);
    if (size < torn.length) return false;
    const end = Buffer.alloc(torn.length);
    const { bytesRead } = await readAsync(fd, end, 0, end.length, size - torn.length);
    if (bytesRead !== torn.length || !end.equals(torn)) return false;
    await ftruncateAsync(fd, size - torn.length);
    return true;
  } catch {
    return false;
  }
}
