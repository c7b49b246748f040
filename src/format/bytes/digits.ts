/**
 * HOT PATH. Numbers as decimal digits, written without making strings.
 */
import { CH } from '../../protocol/char-class.ts';

/** Maximum number of digits that {@link writeDecimal} writes. */
export const DECIMAL_MAX_BYTES = 10;

/** Writes a number from 0 to 99 as two digits. */
export function writeTwoDigits(value: number, dst: Uint8Array, off: number): void {
  const tens = Math.floor(value / 10);
  dst[off] = CH.zero + tens;
  dst[off + 1] = CH.zero + value - tens * 10;
}

/**
 * Writes an integer from 0 to 2^32 - 1 without leading zeros.
 *
 * @returns the offset after the digits
 */
export function writeDecimal(value: number, dst: Uint8Array, off: number): number {
  let end = off + 1;
  for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) end++;
  let rest = value;
  for (let at = end - 1; at >= off; at--) {
    const tens = Math.floor(rest / 10);
    dst[at] = CH.zero + rest - tens * 10;
    rest = tens;
  }
  return end;
}
