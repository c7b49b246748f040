/**
 * The reference for tags and host words: what src/dgram-parser/header/tag-scan does, by regular expressions. Strings
 * hold one byte a character; behind the datagram stands a NUL.
 */

export interface ReferenceTag {
  /** Offset of the tag, inside of its parentheses. */
  readonly off: number;
  readonly tag: string;
  readonly pidOff: number;
  readonly pid: string;
  /** Behind the colon and one blank, or before what stands between pid and colon. */
  readonly textOff: number;
  /** Several words. */
  readonly blanks: boolean;
}

/** RFC 3629 §4, without C1 controls. */
const UTF8 =
  '\\xc2[\\xa0-\\xbf]|[\\xc3-\\xdf][\\x80-\\xbf]|\\xe0[\\xa0-\\xbf][\\x80-\\xbf]|[\\xe1-\\xec\\xee\\xef][\\x80-\\xbf]{2}' +
  '|\\xed[\\x80-\\x9f][\\x80-\\xbf]|\\xf0[\\x90-\\xbf][\\x80-\\xbf]{2}|[\\xf1-\\xf3][\\x80-\\xbf]{3}|\\xf4[\\x80-\\x8f][\\x80-\\xbf]{2}';
/** Any well-formed sequence of two bytes and more that is no C1 control. */
export const UTF8_TEXT = new RegExp(UTF8, 'y');
const CHAR = `(?:[A-Za-z0-9._/@()+~#%-]|${UTF8})`;
/** A word of a tag, where the longest one allowed may be overrun. */
const RUN = `(?:${CHAR})+`;
const COLON = /:(?<blank> ?)/y;
const PID = /\[(?<inside>[!-\\^-~]{0,128})\]/y;
const TAG = new RegExp(RUN, 'y');
const WORDS = new RegExp(`(?<words>${RUN}(?: (?=[A-Z0-9])${RUN}){1,3})(?=\\[\\d{1,128}\\])`, 'y');
const LEVEL =
  /^(?:trace|verbose|debug|info|notice|warn(?:ing)?|err(?:or)?|severe|crit(?:ical)?|alert|emerg(?:ency)?|fatal|panic)$/i;
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

/** @returns what one bracket or parenthesis encloses, with them; '' where nothing closes it, or it is too long */
function pieceAt(text: string, index: number): string {
  const open = text[index] ?? '';
  const close = open === '(' ? ')' : ']';
  const printable = runAt(/[ -~]*/y, text, index).slice(0, 128);
  let depth = 0;
  for (let i = 0; i < printable.length; i++) {
    const char = printable[i];
    if (char === open) depth++;
    if (char === close && --depth === 0) return printable.slice(0, i + 1);
  }
  return '';
}

/** @returns the pieces in brackets and parentheses at `index` that a colon ends, or '' */
function piecesAt(text: string, index: number): string {
  let i = index;
  while (text[i] === '[' || text[i] === '(') {
    const found = pieceAt(text, i);
    if (found === '') return '';
    i += found.length;
  }
  return text[i] === ':' ? text.slice(index, i) : '';
}

/** What is known of a tag before its parentheses are taken off. */
interface Found {
  readonly run: string;
  readonly pidOff: number;
  readonly pid: string;
  readonly textOff: number;
  readonly blanks: boolean;
}

function finish(index: number, { run, ...rest }: Found): ReferenceTag | null {
  const wrapped = isWrapped(run);
  const tag = wrapped ? run.slice(1, -1) : run;
  if (tag.length === 0 || tag.length > TAG_MAX_BYTES) return null;
  return { off: wrapped ? index + 1 : index, tag, ...rest };
}

/** What stands behind `run` and its pid, which end at `stop`: a colon, or pieces and a colon. */
function tagEndingAt(text: string, index: number, stop: number, found: Omit<Found, 'textOff'>): ReferenceTag | null {
  COLON.lastIndex = stop;
  const colon = COLON.exec(text);
  if (colon !== null) return finish(index, { ...found, textOff: stop + colon[0].length });
  if (!/^\d+$/.test(found.pid)) return null;
  const textOff = text.startsWith(' (', stop) ? stop + 1 : stop;
  return piecesAt(text, textOff) === '' ? null : finish(index, { ...found, textOff });
}

/** @returns the tag that begins at `index`, or null */
export function tagAt(text: string, index: number): ReferenceTag | null {
  const run = runAt(TAG, text, index);
  if (run === '') return null;
  const stop = index + run.length;
  PID.lastIndex = stop;
  const bracketed = PID.exec(text);
  if (bracketed === null && text[stop] === '[') return null;
  const pid = bracketed?.groups?.['inside'] ?? '';
  const behind = stop + (bracketed?.[0].length ?? 0);
  if (/^:\d/.test(text.slice(behind, behind + 2)) && /^[\d.Tt-]+$/.test(run + (bracketed?.[0] ?? ''))) return null;
  // Tag and parentheses together are not longer than a tag in parentheses, as far as the colon.
  const unclosed =
    run.length <= TAG_MAX_BYTES + 2 && bracketed === null && text[stop] === ':' && text[stop + 1] !== ' '
      ? openParenthesis(run)
      : 0;
  const piece = unclosed > 0 ? pieceAt(text, index + unclosed) : '';
  if (piece !== '' && text[index + unclosed + piece.length] === ':') {
    const name = run.slice(0, unclosed);
    const inside = finish(index, { run: name, pidOff: 0, pid: '', textOff: index + unclosed, blanks: false });
    if (inside !== null) return inside;
  }
  return tagEndingAt(text, index, behind, { run, pidOff: stop + 1, pid, blanks: false });
}

/** @returns where the first parenthesis stands that is not closed, or 0 */
function openParenthesis(run: string): number {
  const closed = run.replaceAll(/[^()]/g, ' ');
  let plain = closed;
  for (let next = ''; next !== plain; ) {
    next = plain;
    plain = plain.replace(/\([^()]*\)/g, (pair) => ' '.repeat(pair.length));
  }
  return Math.max(0, plain.indexOf('('));
}

/** @returns the tag of several words that begins at `index`, or null */
export function wordsAt(text: string, index: number): ReferenceTag | null {
  WORDS.lastIndex = index;
  const words = WORDS.exec(text)?.groups?.['words'] ?? '';
  if (!/^[^ ]*[A-Z]/.test(words) || words.split(' ').some((word) => word.length > TAG_MAX_BYTES)) return null;
  const stop = index + words.length;
  PID.lastIndex = stop;
  const bracketed = PID.exec(text);
  if (bracketed === null) return null;
  const pid = bracketed.groups?.['inside'] ?? '';
  return tagEndingAt(text, index, stop + bracketed[0].length, { run: words, pidOff: stop + 1, pid, blanks: true });
}

/** Either kind of tag. */
export function anyTagAt(text: string, index: number): ReferenceTag | null {
  return tagAt(text, index) ?? wordsAt(text, index);
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

/** Whether a word can be a name at all. */
export function mayBeHost(word: string): boolean {
  if (/^[A-Za-z0-9_]/.test(word)) return !LEVEL.test(word);
  if (word.startsWith('(')) return word.startsWith('("');
  const bracketed = /^\[(.*)\]$/.exec(word)?.[1];
  if (bracketed === undefined) return isIpv6(word) && word.startsWith(':');
  const isV4 = /^\d{1,3}(?:\.\d{1,3}){3}$/.test(bracketed) && bracketed.split('.').every((part) => Number(part) <= 255);
  return isIpv6(bracketed) || isV4;
}

/** The form of a host name or an address. */
export function looksLikeHost(word: string): boolean {
  return /^[A-Za-z0-9._-]*$/.test(word) || isIpv6(word);
}
