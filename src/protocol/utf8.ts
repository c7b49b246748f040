/**
 * HOT PATH. Which bytes are well-formed UTF-8 (RFC 3629 §4): no overlong forms, no surrogates, nothing above
 * U+10FFFF. Sequences are measured, never decoded.
 */

const CONT_MASK = 0xc0;
const CONT = 0x80;
/** First byte of U+0080 to U+00BF, of which U+0080 to U+009F are the C1 controls. */
const LEAD_C1 = 0xc2;
const C1_LAST = 0x9f;

/** @returns the length of the well-formed sequence of 2 to 4 bytes at `at`, before `end`; 0 if there is none */
export function utf8Len(bytes: Uint8Array, at: number, end: number): number {
  const lead = bytes[at]!;
  if (lead < LEAD_C1 || lead > 0xf4 || at + 1 >= end) return 0;
  const second = bytes[at + 1]!;
  if ((second & CONT_MASK) !== CONT) return 0;
  if (lead < 0xe0) return 2;
  if (at + 2 >= end || (bytes[at + 2]! & CONT_MASK) !== CONT) return 0;
  if (lead < 0xf0) {
    if (lead === 0xe0 && second < 0xa0) return 0;
    return lead === 0xed && second > C1_LAST ? 0 : 3;
  }
  if (at + 3 >= end || (bytes[at + 3]! & CONT_MASK) !== CONT) return 0;
  if (lead === 0xf0 && second < 0x90) return 0;
  return lead === 0xf4 && second > 0x8f ? 0 : 4;
}

/** As {@link utf8Len}, and 0 for the C1 controls U+0080 to U+009F. */
export function utf8TextLen(bytes: Uint8Array, at: number, end: number): number {
  const len = utf8Len(bytes, at, end);
  return len === 2 && bytes[at] === LEAD_C1 && bytes[at + 1]! <= C1_LAST ? 0 : len;
}
