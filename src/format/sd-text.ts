/**
 * HOT PATH. STRUCTURED-DATA of well-formed messages as text: values made safe, and again well-formed afterwards.
 *
 * What escapes control characters and stray bytes may yield a quote, a backslash or a bracket, which a value must
 * not hold bare (RFC 5424 §6.3.3); and the parser takes bare brackets. Both get their backslash here. Backslashes
 * that escape nothing are left alone, as §6.3.3 demands.
 */
import { sanitize } from '../dgram-parser/sanitize.ts';
import { CH } from '../protocol/char-class.ts';
import { utf8TextLen } from '../protocol/utf8.ts';

/** Bytes that one byte of structured data can become: `M-^\\`. */
export const SD_MAX_EXPANSION = 5;

/** Longest SD-ID and PARAM-NAME. Source: RFC 5424 §6. */
const SD_NAME_MAX_BYTES = 32;

/** @returns whether a value must have a backslash before this byte. */
function isSpecial(byte: number | undefined): boolean {
  return byte === CH.quote || byte === CH.backslash || byte === CH.bracketClose;
}

/**
 * Copies the elements from `off` to `end`. `dst` needs room for {@link SD_MAX_EXPANSION} times the length.
 *
 * @param keep8bit bytes above 0x7f as they came
 * @returns the offset behind them
 */
export function writeStructuredData(
  src: Uint8Array,
  off: number,
  end: number,
  dst: Uint8Array,
  dstOff: number,
  keep8bit: boolean,
): number {
  let at = dstOff;
  let i = off;
  let inValue = false;
  while (i < end) {
    const byte = src[i]!;
    if (!inValue || byte === CH.quote) {
      // Names and what stands between them are printable by their grammar and hold no quote.
      if (byte === CH.quote) inValue = !inValue;
      dst[at++] = byte;
      i++;
    } else if (byte === CH.backslash) {
      dst[at++] = byte;
      i++;
      if (isSpecial(src[i])) dst[at++] = src[i++]!;
    } else {
      const len = byte < 0x80 ? 1 : Math.max(1, utf8TextLen(src, i, end));
      at = sanitize(src, i, i + len, dst, at, keep8bit);
      const last = dst[at - 1]!;
      if (isSpecial(last)) {
        dst[at - 1] = CH.backslash;
        dst[at++] = last;
      }
      i += len;
    }
  }
  return at;
}

/**
 * Whether well-formed elements also keep the limits that the parser is lenient about: names of up to 32 bytes, and
 * every SD-ID once. Allocates only where there is more than one element.
 *
 * Source: RFC 5424 §6.3.2, §6.3.3
 */
export function keepsSdLimits(src: Buffer, off: number, end: number): boolean {
  let ids: Set<string> | null = null;
  let i = off;
  while (i < end) {
    const idOff = i + 1;
    i = nameEnd(src, idOff, end);
    if (i - idOff > SD_NAME_MAX_BYTES) return false;
    const idEnd = i;
    while (src[i] === CH.space) {
      const equals = nameEnd(src, i + 1, end);
      if (equals - i - 1 > SD_NAME_MAX_BYTES) return false;
      i = valueEnd(src, equals + 2, end) + 1;
    }
    i++;
    if (ids === null && i >= end) return true;
    ids ??= new Set();
    const id = src.toString('latin1', idOff, idEnd);
    if (ids.has(id)) return false;
    ids.add(id);
  }
  return true;
}

function nameEnd(src: Uint8Array, at: number, end: number): number {
  let i = at;
  while (i < end && src[i] !== CH.space && src[i] !== CH.equals && src[i] !== CH.bracketClose) i++;
  return i;
}

/** @returns the offset of the quote that ends the value. */
function valueEnd(src: Uint8Array, at: number, end: number): number {
  let i = at;
  while (i < end && src[i] !== CH.quote) i += src[i] === CH.backslash ? 2 : 1;
  return i;
}
