/**
 * What all rotated files share.
 */
import { HeldFiles } from '../target/held-files.ts';
import type { Report } from '../output.ts';
import { RotationClock } from './clock.ts';
import { RotationCompressor } from './compressor.ts';
import { FILE_OPS, type FileOps } from './disk.ts';
import { FileFamilies } from './families.ts';
import { PathLocks } from './lock.ts';
import { RotationNotifier } from './notifier.ts';

export interface Rotations {
  readonly ops: FileOps;
  readonly locks: PathLocks;
  readonly held: HeldFiles;
  readonly clock: RotationClock;
  readonly compressor: RotationCompressor;
  readonly notifier: RotationNotifier;
  readonly families: FileFamilies;
}

export function createRotations(
  report: Report,
  clock: RotationClock = new RotationClock(),
  ops: FileOps = FILE_OPS,
): Rotations {
  const locks = new PathLocks();
  const held = new HeldFiles();
  const compressor = new RotationCompressor({ locks, held, ops, report });
  const notifier = new RotationNotifier(report);
  return { ops, locks, held, clock, compressor, notifier, families: new FileFamilies() };
}
