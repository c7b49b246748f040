/**
 * Finds the known word that a mistyped one was most likely meant to be.
 *
 * Distance: insertions, deletions, replacements, and swaps of neighbors, each counted once (optimal string alignment).
 * Short words may have one typo, longer ones two.
 */

/** Longer words are not typos of a known word. */
const WORD_MAX = 40;
/** Up to this length one typo is allowed, above it two. */
const SHORT_WORD = 4;

/** Number of typos between two words. */
export function slipCount(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, idx) => idx);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a.charAt(i - 1) === b.charAt(j - 1);
      let best = Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && a.charAt(i - 1) === b.charAt(j - 2) && a.charAt(i - 2) === b.charAt(j - 1);
      if (swapped) best = Math.min(best, (before[j - 2] ?? 0) + 1);
      row.push(best);
    }
    before = previous;
    previous = row;
  }
  return previous[b.length] ?? 0;
}

/** @returns the nearest of `known`, the first among equals; null if none is near */
export function nearestWord(word: string, known: Iterable<string>): string | null {
  if (word.length < 2 || word.length > WORD_MAX) return null;
  const lower = word.toLowerCase();
  let nearest: string | null = null;
  let slips = word.length <= SHORT_WORD ? 2 : 3;
  for (const candidate of known) {
    const count = slipCount(lower, candidate.toLowerCase());
    if (count >= slips || count >= candidate.length - 1) continue;
    nearest = candidate;
    slips = count;
  }
  return nearest;
}

/** @returns `expected`, with the nearest known word if there is one */
export function withSuggestion(expected: string, word: string, known: Iterable<string>): string {
  const nearest = nearestWord(word, known);
  return nearest === null ? expected : `${expected}: did you mean \`${nearest}\`?`;
}
