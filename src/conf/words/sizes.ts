/**
 * Sizes in bytes (`10M`, `64kB`), counts, and permission bits in directives and options.
 *
 * DEVIATION(sysklogd 2.7.2): its manual calls `k`, `M`, `G` powers of 1024, its code uses powers of 1000; here the
 * plain letters are powers of 1024, and `kB`, `MB`, `GB` powers of 1000.
 */

/** What {@link parseSize} accepts, for messages. */
export const SIZE_FORM = 'a size such as `512k`, `10M` (powers of 1024) or `10MB` (of 1000)';
/** What {@link parseMode} accepts, for messages. */
export const MODE_FORM = 'permission bits in octal, such as `0640`';

const UNITS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['k', 1024],
  ['K', 1024],
  ['M', 1024 ** 2],
  ['G', 1024 ** 3],
  ['kB', 1000],
  ['KB', 1000],
  ['MB', 1000 ** 2],
  ['GB', 1000 ** 3],
]);

/** @returns bytes; null if it is not a size or exceeds 2^53 - 1 */
export function parseSize(text: string): number | null {
  const parts = /^([0-9]+)([a-zA-Z]*)$/.exec(text);
  if (parts === null) return null;
  const unit = UNITS.get(parts[2] ?? '');
  if (unit === undefined) return null;
  const size = Number(parts[1]) * unit;
  return Number.isSafeInteger(size) ? size : null;
}

/** @returns a decimal number from `min` to `max`; null if it is not one */
export function parseCount(text: string, min: number, max: number): number | null {
  if (!/^[0-9]{1,10}$/.test(text)) return null;
  const count = Number(text);
  return count >= min && count <= max ? count : null;
}

/** @returns permission bits, 0 to 0o777; null if it is none */
export function parseMode(text: string): number | null {
  return /^0?[0-7]{3}$/.test(text) ? Number.parseInt(text, 8) : null;
}
