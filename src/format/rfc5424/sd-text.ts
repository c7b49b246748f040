/**
 * HOT PATH. STRUCTURED-DATA of well-formed messages as text: values are made safe, and are well-formed again
 * afterwards.
 *
 * Escaping control characters and stray bytes may produce a quote, backslash or bracket, which a value must not contain
 * bare (RFC 5424 §6.3.3); and the parser accepts bare brackets. Both get their backslash here. Backslashes that escape
 * nothing are left alone, as §6.3.3 demands.
 */
import { sanitize } from '../../dgram-parser/sanitize.ts';
import { sdBareEnd, sdNameEnd, sdQuotedEnd, sdValueStart } from '../../dgram-parser/structured/sd-scan.ts';
import { CH } from '../../protocol/char-class.ts';
import { utf8TextLen } from '../../protocol/utf8.ts';

/** Bytes that one byte of structured data can become: `M-^\\`. */
export const SD_MAX_EXPANSION = 5;

/** Longest SD-ID and PARAM-NAME. Source: RFC 5424 §6. */
const SD_NAME_MAX_BYTES = 32;

/** @returns whether this byte needs a backslash in a value */
function isSpecial(byte: number | undefined): boolean {
  return byte === CH.quote || byte === CH.backslash || byte === CH.bracketClose;
}

/**
 * Copies the elements from `off` to `end`; bare values get quotes. `dst` needs room for {@link SD_MAX_EXPANSION} times
 * the length, or twice the length if all bytes are clean.
 *
 * @param keep8bit bytes above 0x7f pass as received
 * @returns the offset after them
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
  while (i < end) {
    // Names and what is between them are printable by their grammar.
    const byte = src[i]!;
    dst[at++] = byte;
    i++;
    if (byte !== CH.equals) continue;
    const value = sdValueStart(src, i - 1);
    const isQuoted = src[value] === CH.quote;
    const begin = isQuoted ? value + 1 : value;
    const stop = isQuoted ? sdQuotedEnd(src, begin, end) : sdBareEnd(src, begin, end);
    dst[at++] = CH.quote;
    at = writeValue(src, begin, stop, dst, at, keep8bit);
    dst[at++] = CH.quote;
    i = isQuoted ? stop + 1 : stop;
  }
  return at;
}

/** Writes a value without its quotes. If it has no quotes in `src`, a backslash is literal and gets another. */
function writeValue(
  src: Uint8Array,
  begin: number,
  end: number,
  dst: Uint8Array,
  off: number,
  keep8bit: boolean,
): number {
  const hasEscapes = src[begin - 1] === CH.quote;
  let at = off;
  let i = begin;
  while (i < end) {
    const byte = src[i]!;
    if (byte === CH.backslash && hasEscapes) {
      dst[at++] = byte;
      i++;
      if (isSpecial(src[i])) dst[at++] = src[i++]!;
      continue;
    }
    const len = byte < 0x80 ? 1 : Math.max(1, utf8TextLen(src, i, end));
    at = sanitize(src, i, i + len, dst, at, keep8bit);
    const last = dst[at - 1]!;
    if (isSpecial(last)) {
      dst[at - 1] = CH.backslash;
      dst[at++] = last;
    }
    i += len;
  }
  return at;
}

/**
 * Whether well-formed elements also keep the limits that the parser is lenient about: names of up to 32 bytes, and
 * every SD-ID once. Allocates only for more than one element.
 *
 * Source: RFC 5424 §6.3.2, §6.3.3
 */
export function keepsSdLimits(src: Buffer, off: number, end: number): boolean {
  let ids: Set<string> | null = null;
  let i = off;
  while (i < end) {
    const idOff = i + 1;
    i = sdNameEnd(src, idOff, end);
    if (i - idOff > SD_NAME_MAX_BYTES) return false;
    const idEnd = i;
    while (src[i] === CH.space) {
      const equals = sdNameEnd(src, i + 1, end);
      if (equals - i - 1 > SD_NAME_MAX_BYTES) return false;
      const value = sdValueStart(src, equals);
      i = src[value] === CH.quote ? sdQuotedEnd(src, value + 1, end) + 1 : sdBareEnd(src, value, end);
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
