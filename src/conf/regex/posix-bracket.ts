/**
 * Bracket expressions of POSIX regular expressions (`[^a-z[:digit:]]`), translated to RE2.
 *
 * Source: POSIX.1-2017 XBD §9.3.5. Inside brackets a backslash is literal. Collating elements and equivalence classes
 * are those of the C locale: one character each.
 */

/** A pattern that cannot be used, and what was expected instead. */
export class PatternError extends Error {
  readonly expected: string;

  constructor(what: string, expected: string) {
    super(what);
    this.name = 'PatternError';
    this.expected = expected;
  }
}

const CLASSES: readonly string[] = [
  'alnum',
  'alpha',
  'blank',
  'cntrl',
  'digit',
  'graph',
  'lower',
  'print',
  'punct',
  'space',
  'upper',
  'xdigit',
];

/** What was read, and the offset of the text after it. */
interface Part {
  readonly source: string;
  readonly next: number;
}

/** One end of a range, or a single character. */
interface Element {
  readonly codePoint: number;
  readonly next: number;
}

/** A character, escaped so that RE2 reads it literally anywhere. */
export function escapeCodePoint(codePoint: number): string {
  return `\\x{${codePoint.toString(16)}}`;
}

/**
 * Reads a bracket expression.
 *
 * @param chars the pattern, one element per character. @param start offset after `[`.
 * @throws PatternError
 */
export function translateBracket(chars: readonly string[], start: number): Part {
  const negated = chars[start] === '^';
  let at = negated ? start + 1 : start;
  const first = at;
  let source = negated ? '[^' : '[';
  while (chars[at] !== ']' || at === first) {
    if (chars[at] === undefined) throw new PatternError('`[` without `]`', 'a closing `]`');
    const part = chars[at] === '[' && chars[at + 1] === ':' ? translateClass(chars, at + 2) : translateRange(chars, at);
    source += part.source;
    at = part.next;
  }
  return { source: `${source}]`, next: at + 1 };
}

function translateClass(chars: readonly string[], start: number): Part {
  const end = chars.findIndex((char, idx) => idx >= start && char === ':' && chars[idx + 1] === ']');
  const name = end === -1 ? '' : chars.slice(start, end).join('');
  if (!CLASSES.includes(name)) throw new PatternError(`unknown class \`[:${name}:]\``, `one of ${CLASSES.join(', ')}`);
  return { source: `[:${name}:]`, next: end + 2 };
}

function translateRange(chars: readonly string[], start: number): Part {
  const low = readElement(chars, start);
  const isRange = chars[low.next] === '-' && chars[low.next + 1] !== ']' && chars[low.next + 1] !== undefined;
  if (!isRange) return { source: escapeCodePoint(low.codePoint), next: low.next };
  const high = readElement(chars, low.next + 1);
  if (high.codePoint < low.codePoint) {
    throw new PatternError(
      `range \`${chars.slice(start, high.next).join('')}\` ends before it begins`,
      'an ascending range',
    );
  }
  return { source: `${escapeCodePoint(low.codePoint)}-${escapeCodePoint(high.codePoint)}`, next: high.next };
}

/** A character, `[.x.]` or `[=x=]`. */
function readElement(chars: readonly string[], start: number): Element {
  const mark = chars[start + 1];
  if (chars[start] !== '[' || (mark !== '.' && mark !== '=')) {
    return { codePoint: chars[start]?.codePointAt(0) ?? 0, next: start + 1 };
  }
  if (chars[start + 3] !== mark || chars[start + 4] !== ']') {
    throw new PatternError(`bad element \`[${mark}…${mark}]\``, 'one character between its marks');
  }
  return { codePoint: chars[start + 2]?.codePointAt(0) ?? 0, next: start + 5 };
}
