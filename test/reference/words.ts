/**
 * The reference for tags and host words: what src/dgram-parser/tag-scan does, by regular expressions. Strings
 * hold one byte a character; behind the datagram stands a NUL.
 */

export interface ReferenceTag {
  /** Offset of the tag, inside of its parentheses. */
  readonly off: number;
  readonly tag: string;
  readonly pidOff: number;
  readonly pid: string;
  /** Behind the colon and one blank. */
  readonly textOff: number;
  readonly wrapped: boolean;
}

/** RFC 3629 §4, without C1 controls. */
const UTF8 =
  '\\xc2[\\xa0-\\xbf]|[\\xc3-\\xdf][\\x80-\\xbf]|\\xe0[\\xa0-\\xbf][\\x80-\\xbf]|[\\xe1-\\xec\\xee\\xef][\\x80-\\xbf]{2}' +
  '|\\xed[\\x80-\\x9f][\\x80-\\xbf]|\\xf0[\\x90-\\xbf][\\x80-\\xbf]{2}|[\\xf1-\\xf3][\\x80-\\xbf]{3}|\\xf4[\\x80-\\x8f][\\x80-\\xbf]{2}';
/** Any well-formed sequence of two bytes and more that is no C1 control. */
export const UTF8_TEXT = new RegExp(UTF8, 'y');
const TAG = new RegExp(
  `(?<run>(?:[A-Za-z0-9._/@()+~#%-]|${UTF8})+)(?<pid>\\[(?<inside>[!-\\\\^-~]{0,128})\\])?:(?<blank> ?)`,
  'y',
);
const TAG_MAX_BYTES = 48;
const IPV4_TAIL = /(?<=^|:)(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

function runAt(pattern: RegExp, text: string, index: number): string {
  pattern.lastIndex = index;
  return pattern.exec(text)?.[0] ?? '';
}

export function skipBlanks(text: string, index: number): number {
  return index + runAt(/ */y, text, index).length;
}

/** @returns the run of printable ASCII without blanks at `index` */
export function graph(text: string, index: number): string {
  return runAt(/[!-~]*/y, text, index);
}

/** Behind blanks, and behind the lone `:` before a `%FACILITY`. */
export function tagStart(text: string, index: number): number {
  const lone = runAt(/ *: +(?=%)/y, text, index);
  return lone === '' ? skipBlanks(text, index) : index + lone.length;
}

/** Whether one pair of parentheses encloses all of `run`. */
function isWrapped(run: string): boolean {
  if (!run.startsWith('(') || !run.endsWith(')') || run.length < 2) return false;
  let depth = 0;
  for (const char of run.slice(0, -1)) {
    if (char === '(') depth++;
    if (char === ')') depth--;
    if (depth === 0) return false;
  }
  return depth === 1;
}

/** @returns the tag that begins at `index`, or null */
export function tagAt(text: string, index: number): ReferenceTag | null {
  TAG.lastIndex = index;
  const match = TAG.exec(text);
  if (match === null) return null;
  const { run = '', pid: bracketed = '', inside = '', blank = '' } = match.groups ?? {};
  const textOff = index + match[0].length;
  if (blank === '' && /\d/.test(text[textOff] ?? '') && /^[\d.Tt-]+$/.test(run + bracketed)) return null;
  const wrapped = isWrapped(run);
  const tag = wrapped ? run.slice(1, -1) : run;
  if (tag.length === 0 || tag.length > TAG_MAX_BYTES) return null;
  const off = wrapped ? index + 1 : index;
  return { off, tag, pidOff: index + run.length + 1, pid: inside, textOff, wrapped };
}

/** @returns whether a tag begins at `index`, or behind one word */
export function headerFollows(text: string, index: number): boolean {
  if (tagAt(text, index) !== null) return true;
  const behind = index + graph(text, index).length;
  return behind > index && text[behind] === ' ' && tagAt(text, tagStart(text, behind + 1)) !== null;
}

/** RFC 4291 §2.2, with any zone behind a `%`. */
export function isIpv6(word: string): boolean {
  const [address = '', ...zone] = word.split('%');
  if (zone.length > 0 && zone.join('%') === '') return false;
  const plain = address.replace(IPV4_TAIL, (whole, ...parts: string[]) =>
    parts.slice(0, 4).every((part) => Number(part) <= 255) ? '0:0' : whole,
  );
  const sides = plain.split('::');
  if (sides.length > 2) return false;
  const groups = sides.flatMap((side) => (side === '' ? [] : side.split(':')));
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return false;
  return sides.length === 2 ? groups.length < 8 : groups.length === 8;
}

/** The form of a host name or an address. */
export function looksLikeHost(word: string): boolean {
  return /^[A-Za-z0-9._-]*$/.test(word) || isIpv6(word);
}
