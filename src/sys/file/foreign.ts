/**
 * What must not be opened in a folder that somebody else can change: that user may have put it there to make this
 * process write to it with its own privileges. Source: link(2), proc_sys_fs(5) protected_hardlinks.
 */
import { nameChanger } from './changer.ts';
import type { Spot } from './spot.ts';
import { UnsafePathError } from './walk.ts';

/** @throws UnsafePathError for a hard link, or for anything but the expected `kind` of file */
export function refuseForeign({ stats, changer, real }: Spot, kind: 'file' | 'fifo'): void {
  // Opening a folder fails anyway.
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
