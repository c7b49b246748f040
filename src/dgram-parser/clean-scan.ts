/**
 * HOT PATH. Tells whether bytes can be written as they are: only 0x20 to 0x7e and tab. Reads four bytes at a time and
 * branches once for several such words: nearly all messages are clean, and a branch costs more than a word.
 */
import { CH } from '../protocol/char-class.ts';

const HIGH_BITS = 0x80808080 | 0;
const ONES = 0x01010101;
const SPACES = 0x20202020;
/** Lifts 0x20 to 0x80. */
const SPACE_TO_HIGH = 0x60606060;
const WORD_BYTES = 4;
/** Words per decision. perf: bench/micro/dgram-parser/parse */
const GROUP_WORDS = 4;

/**
 * For k = 0 to 3, a word whose first k bytes (in memory) are 0xff: built from bytes, so that byte order does not
 * matter.
 */
const FIRST_BYTES = buildMasks();

function buildMasks(): Int32Array {
  const bytes = new Uint8Array(WORD_BYTES * WORD_BYTES);
  for (let k = 0; k < WORD_BYTES; k++) bytes.fill(0xff, k * WORD_BYTES, k * WORD_BYTES + k);
  return new Int32Array(bytes.buffer);
}

/**
 * `words` is the memory of `bytes` from offset 0. Reads up to the word boundaries around `from` and `end`.
 *
 * @returns whether all bytes from `from` to `end` are 0x20 to 0x7e or tab
 */
export function isCleanRange(words: Int32Array, bytes: Uint8Array, from: number, end: number): boolean {
  const last = end >> 2;
  let i = from >> 2;
  // Bytes before and after the range count as blanks.
  const head = ~FIRST_BYTES[from & 3]!;
  const tail = FIRST_BYTES[end & 3]!;
  if (i === last) return isClean(dirtOf(blanked(words[i]!, head & tail))) || hasOnlyTabs(words, bytes, from, end);
  let dirt = dirtOf(blanked(words[i]!, head));
  let checked = from;
  for (i++; i + GROUP_WORDS <= last; i += GROUP_WORDS) {
    dirt |= dirtOf(words[i]!) | dirtOf(words[i + 1]!) | dirtOf(words[i + 2]!) | dirtOf(words[i + 3]!);
    if (isClean(dirt)) continue;
    const stop = (i + GROUP_WORDS) << 2;
    if (!hasOnlyTabs(words, bytes, checked, stop)) return false;
    checked = stop;
    dirt = 0;
  }
  for (; i < last; i++) dirt |= dirtOf(words[i]!);
  if (tail !== 0) dirt |= dirtOf(blanked(words[last]!, tail));
  return isClean(dirt) || hasOnlyTabs(words, bytes, checked, end);
}

/** @returns the word with blanks where `mask` has no bits. */
function blanked(word: number, mask: number): number {
  return (word & mask) | (SPACES & ~mask);
}

/**
 * Finds bytes other than 0x20 to 0x7e.
 *
 * @returns a word in which some byte's high bit is set if and only if one of the four bytes is such a byte
 */
function dirtOf(word: number): number {
  // Only a byte with its high bit set, which is dirt itself, can carry into the next one.
  return word | (word + ONES) | ~(word + SPACE_TO_HIGH);
}

function isClean(dirt: number): boolean {
  return (dirt & HIGH_BITS) === 0;
}

/** The slow way, for what does not look clean at once: still skips clean words whole. */
function hasOnlyTabs(words: Int32Array, bytes: Uint8Array, from: number, to: number): boolean {
  let i = from;
  while (i < to) {
    if ((i & 3) === 0 && i + WORD_BYTES <= to && isClean(dirtOf(words[i >> 2]!))) {
      i += WORD_BYTES;
      continue;
    }
    const byte = bytes[i]!;
    if ((byte < CH.space && byte !== CH.tab) || byte >= CH.del) return false;
    i++;
  }
  return true;
}
