/**
 * HOT PATH. Makes bytes safe for a line of a file, a terminal or another program: the only control character that
 * passes is tab, and the result is UTF-8 (RFC 3629).
 *
 * Escapes are those of vis(1) and `cat -v`: `^X` for C0 controls and DEL, `M-` for bytes with the high bit set. They
 * are for readers: an escape cannot be told from text that looks like one.
 */
import { CH } from '../protocol/char-class.ts';
import { utf8TextLen } from '../protocol/utf8.ts';

/** Bytes that one byte can become: `M-^@`. */
export const SANITIZE_MAX_EXPANSION = 4;

/** The bit in which a control character differs from the letter that names it. */
const CONTROL_BIT = 0x40;
const META_M = 0x4d;

/**
 * Copies `src` from `off` to `end` to `dst` at `dstOff`. Newline becomes a blank; other C0 controls and DEL become
 * `^X`; bytes that are not UTF-8, and C1 controls, become `M-` forms, or pass with `keep8bit`. `dst` needs room for
 * {@link SANITIZE_MAX_EXPANSION} times the length and must not overlap.
 *
 * @returns the offset after what was written
 */
export function sanitize(
  src: Uint8Array,
  off: number,
  end: number,
  dst: Uint8Array,
  dstOff: number,
  keep8bit: boolean,
): number {
  let out = dstOff;
  let i = off;
  while (i < end) {
    const byte = src[i]!;
    if (byte < 0x80) {
      i++;
      if ((byte >= CH.space && byte !== CH.del) || byte === CH.tab) dst[out++] = byte;
      else if (byte === CH.lf) dst[out++] = CH.space;
      else out = writeControl(byte, dst, out);
      continue;
    }
    const len = keep8bit ? 1 : utf8TextLen(src, i, end);
    if (len === 0) out = writeMeta(src[i++]!, dst, out);
    for (const stop = i + len; i < stop; i++) dst[out++] = src[i]!;
  }
  return out;
}

function writeControl(byte: number, dst: Uint8Array, out: number): number {
  dst[out] = CH.caret;
  dst[out + 1] = byte ^ CONTROL_BIT;
  return out + 2;
}

function writeMeta(byte: number, dst: Uint8Array, out: number): number {
  dst[out] = META_M;
  dst[out + 1] = CH.dash;
  const low = byte & 0x7f;
  if (low < CH.space || low === CH.del) return writeControl(low, dst, out + 2);
  dst[out + 2] = low;
  return out + 3;
}
