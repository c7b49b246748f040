/**
 * HOT PATH. Copies bytes in the cheapest way for their number.
 */

/** Up to here a loop is cheaper than a call into the engine. */
const LOOP_MAX_BYTES = 32;

/**
 * Copies `src` from `begin` to `end` to `dst` at `off`.
 *
 * @returns the offset after the copy
 */
export function copyBytes(src: Uint8Array, begin: number, end: number, dst: Buffer, off: number): number {
  const len = end - begin;
  if (len <= LOOP_MAX_BYTES || !Buffer.isBuffer(src)) {
    for (let i = 0; i < len; i++) dst[off + i] = src[begin + i]!;
    return off + len;
  }
  src.copy(dst, off, begin, end);
  return off + len;
}
