/**
 * HOT PATH. Words that name a severity, which some programs put after the time: `… 17:41:44,747 INFO Foo: text`. There
 * they are not host names.
 */

const WORDS: readonly Uint8Array[] = [
  ...['trace', 'verbose', 'debug', 'info', 'notice', 'warn', 'warning', 'err', 'error', 'severe', 'crit'],
  ...['critical', 'alert', 'emerg', 'emergency', 'fatal', 'panic'],
].map((word) => Buffer.from(word));

/** Maps letters of both cases to one number, 1 to 26. */
const LETTER_MASK = 0x1f;
/** Bit that makes an ASCII letter lower case. */
const LOWER = 0x20;
/** For each first letter, a bit for each length of the words that begin with it. */
const LENGTHS = buildLengths();

function buildLengths(): Uint16Array {
  const lengths = new Uint16Array(LETTER_MASK + 1);
  for (const word of WORDS) {
    const letter = (word[0] ?? 0) & LETTER_MASK;
    lengths[letter] = (lengths[letter] ?? 0) | (1 << word.length);
  }
  return lengths;
}

/** @returns whether the word at `at` is one of them, in any case */
export function isLevelWord(bytes: Uint8Array, at: number, len: number): boolean {
  // Lengths from 16 on have no bit.
  if (len > 15 || ((LENGTHS[bytes[at]! & LETTER_MASK]! >> len) & 1) === 0) return false;
  for (let idx = 0; idx < WORDS.length; idx++) {
    const word = WORDS[idx];
    if (word !== undefined && word.length === len && isSame(word, bytes, at)) return true;
  }
  return false;
}

function isSame(lower: Uint8Array, bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < lower.length; i++) if ((bytes[at + i]! | LOWER) !== lower[i]) return false;
  return true;
}
