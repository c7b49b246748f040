/**
 * Which file is rotated, and when: a rule's own option overrides `-r`, and `-r` overrides the directives `rotate_size`
 * and `rotate_count`.
 */
import type { Configuration, Directives, Rotation } from '../../conf/config.ts';
import { parseInterval } from '../../output/rotation/calendar.ts';
import type { RotationRule } from '../../output/rotation/rotating-file.ts';

/** Number of old files if nothing else is set. */
const COUNT_DEFAULT = 5;

/** `-r SIZE[:N]`; null: the default N. */
export interface RotationDefault {
  readonly sizeBytes: number;
  readonly count: number | null;
}

/** By path; null: that file is not rotated. */
export type RotationsByPath = ReadonlyMap<string, RotationRule | null>;

/** Rules that name the same file share its rotation: the first one that sets it wins. */
export function rotationsByPath(configuration: Configuration, given: RotationDefault | null): RotationsByPath {
  const { rules, directives } = configuration;
  const found = new Map<string, RotationRule | null>();
  for (const { action, options } of rules) {
    if (action.kind !== 'file' || options.rotation === null || found.has(action.path)) continue;
    found.set(action.path, rotationRule(options.rotation, directives, given));
  }
  const common = rotationRule(null, directives, given);
  for (const { action } of rules) {
    if (action.kind === 'file' && !found.has(action.path)) found.set(action.path, common);
  }
  return found;
}

/** @returns null: not rotated. A size of 0 is no limit. */
export function rotationRule(
  own: Rotation | null,
  directives: Directives,
  given: RotationDefault | null,
): RotationRule | null {
  const common = given ?? { sizeBytes: directives.rotateSizeBytes, count: directives.rotateCount };
  const count = own?.count ?? common.count ?? COUNT_DEFAULT;
  const interval = own?.interval == null ? null : parseInterval(own.interval);
  // `rotate=:COUNT` sets the number of old files, not the time of rotation.
  const sizeBytes = own?.sizeBytes ?? (interval === null ? common.sizeBytes : null);
  const limited = sizeBytes !== null && sizeBytes > 0;
  const onRequest = own?.count != null && own.sizeBytes === null;
  if (!limited && interval === null && !onRequest) return null;
  return { sizeBytes: limited ? sizeBytes : null, interval, count };
}
