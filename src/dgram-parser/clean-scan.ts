/**
 * HOT PATH. Tells whether bytes can be written as they are: only 0x20 to 0x7e and tab. Four bytes at a time.
 */
import { CH } from '../protocol/char-class.ts';

const HIGH_BITS = 0x80808080 | 0;
const ONES = 0x01010101;
const SPACES = 0x20202020;
const WORD_BYTES = 4;

/** For k = 0 to 3, a word whose first k bytes (in memory) are 0xff: made from bytes, so that byte order does not matter. */
const FIRST_BYTES = buildMasks();

function buildMasks(): Int32Array {
  const bytes = new Uint8Array(WORD_BYTES * WORD_BYTES);
  for (let k = 0; k < WORD_BYTES; k++) bytes.fill(0xff, k * WORD_BYTES, k * WORD_BYTES + k);
  return new Int32Array(bytes.buffer);
}

/**
 * `words` is the memory of `bytes` from offset 0. Reads up to the word boundaries around `from` and `end`.
 *
 * @returns whether all bytes from `from` to `end` are 0x20 to 0x7e or tab.
 */
export function isCleanRange(words: Int32Array, bytes: Uint8Array, from: number, end: number): boolean {
  if (from === end) return true;
  const last = end >> 2;
  let i = from >> 2;
  // Bytes before the range count as blanks, and so do those behind it.
  const before = FIRST_BYTES[from & 3]!;
  let word = (words[i]! & ~before) | (SPACES & before);
  for (; i < last; word = words[++i]!) {
    if (!isCleanWord(word) && !hasOnlyTabs(bytes, Math.max(i << 2, from), (i + 1) << 2)) return false;
  }
  const inside = FIRST_BYTES[end & 3]!;
  if (inside === 0) return true;
  return isCleanWord((word & inside) | (SPACES & ~inside)) || hasOnlyTabs(bytes, Math.max(last << 2, from), end);
}

/** @returns whether the four bytes are all 0x20 to 0x7e. */
function isCleanWord(word: number): boolean {
  // Without high bits no addition carries into the next byte: 0x7f + 1 and 0x80 | c - 0x20 show in bit 7.
  return ((word | (word + ONES)) & HIGH_BITS) === 0 && (((word | HIGH_BITS) - SPACES) & HIGH_BITS) === HIGH_BITS;
}

function hasOnlyTabs(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) {
    const byte = bytes[i]!;
    if ((byte < CH.space && byte !== CH.tab) || byte >= CH.del) return false;
  }
  return true;
}
