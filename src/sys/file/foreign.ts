/**
 * What may not be opened in a folder that somebody else can change: he may have put it there, to have this process
 * write into it with its own rights. Source: link(2), proc_sys_fs(5) protected_hardlinks.
 */
import { nameChanger } from './changer.ts';
import type { Spot } from './spot.ts';
import { UnsafePathError } from './walk.ts';

/** @throws UnsafePathError for a hard link, or something else than the `kind` of file that is expected */
export function refuseForeign({ stats, changer, real }: Spot, kind: 'file' | 'fifo'): void {
  // To open a folder fails by itself.
  if (stats === null || changer === null || stats.isDirectory()) return;
  const who = nameChanger(changer);
  const [asExpected, expected] = kind === 'file' ? [stats.isFile(), 'a regular file'] : [stats.isFIFO(), 'a FIFO'];
  if (!asExpected)
    throw new UnsafePathError(`"${real}" is in a directory that ${who} can change: expected ${expected}`);
  // His own file under two names is his own business, where nobody else can make one.
  if (stats.nlink <= 1 || (changer.kind === 'user' && changer.id === stats.uid)) return;
  throw new UnsafePathError(
    `"${real}" has ${stats.nlink} hard links, in a directory that ${who} can change: not opened: expected a file with one link`,
  );
}
