/**
 * HOT PATH. Finds the tag of a traditional message, `TAG[PID]:`.
 *
 * Wider than RFC 3164 §4.1.3: the characters are those that programs use, and more than a pid may come between tag and
 * colon, which then begins the text:
 *
 *   prog[1][2]: x     sandboxd[129] ([31211]): x     audit(1131538222.234:0): x
 *
 * Anything else is not a tag. Changes nothing; relies on a byte outside all classes (NUL, newline) after the datagram.
 */
import { C_DIGIT, C_GRAPH, C_NUMERIC, C_TAG, C_UPPER, CH, CHAR_CLASS, isDigit } from '../../protocol/char-class.ts';
import { TAG_MAX_BYTES } from '../../protocol/limits.ts';
import { utf8TextLen } from '../../protocol/utf8.ts';

/** Longest text in brackets after a tag: that of PROCID, RFC 5424 §6. */
const PID_MAX_BYTES = 128;
/** Longest piece in brackets or parentheses between a pid and the colon. */
const GROUP_MAX_BYTES = 128;
/** Most words of a tag with blanks. */
const TAG_MAX_WORDS = 4;
const PARENTHESES = 2;

/** The last tag found. */
export class TagScan {
  tagOff = 0;
  tagLen = 0;
  pidOff = 0;
  /** 0: no brackets, or nothing inside them. */
  pidLen = 0;
  /** After the colon and one blank, or after the pid, see above. */
  textOff = 0;
  /** End of the run of tag characters scanned last, whether or not they are a tag. */
  runEnd = 0;
  /** The tag contains blanks, see {@link TagScan.scanWords}. */
  hasBlanks = false;

  /** Looks for a tag that begins at `at`. @returns whether there is one. */
  scan(bytes: Uint8Array, at: number, end: number): boolean {
    const stop = tagRunEnd(bytes, at, end);
    this.runEnd = stop;
    if (stop === at) return false;
    let i = stop;
    this.pidOff = at;
    this.pidLen = 0;
    if (bytes[i] === CH.bracketOpen) {
      i = this.readPid(bytes, i + 1);
      if (i < 0) return false;
    }
    if (bytes[i] !== CH.colon) return this.hasNumber(bytes) && this.endAtGroups(bytes, at, stop, i);
    const next = bytes[i + 1]!;
    // `22:14:15`, `192.0.2.1:514`: a time or a port, not a tag.
    if (isDigit(next) && isOfClass(bytes, at, i, C_NUMERIC)) return false;
    if (next !== CH.space && i === stop && this.endAtParenthesis(bytes, at, stop)) return true;
    this.textOff = next === CH.space ? i + 2 : i + 1;
    return this.take(bytes, at, stop);
  }

  /**
   * Looks for a tag of several words, `Google Chrome[35628]:`. The first begins with a capital letter, the others with
   * a capital letter or a digit, and a number in brackets ends them: other words are text.
   *
   * @param runEnd of the first word, as {@link TagScan.scan} has left it
   * @returns whether one begins at `at`, where no other tag does
   */
  scanWords(bytes: Uint8Array, at: number, runEnd: number, end: number): boolean {
    let stop = runEnd;
    if (bytes[stop] !== CH.space || !mayBeginWord(bytes[stop + 1]!) || !hasUpper(bytes, at, stop)) return false;
    for (let words = 1; words < TAG_MAX_WORDS && bytes[stop] === CH.space; words++) {
      if (!mayBeginWord(bytes[stop + 1]!)) return false;
      stop = tagRunEnd(bytes, stop + 1, end);
      if (bytes[stop] !== CH.bracketOpen) continue;
      const behind = this.readPid(bytes, stop + 1);
      if (behind < 0 || !this.hasNumber(bytes)) return false;
      this.textOff = bytes[behind + 1] === CH.space ? behind + 2 : behind + 1;
      const isTag = bytes[behind] === CH.colon ? this.take(bytes, at, stop) : this.endAtGroups(bytes, at, stop, behind);
      this.hasBlanks = isTag;
      return isTag;
    }
    return false;
  }

  /** @returns whether the last brackets contained a number */
  hasNumber(bytes: Uint8Array): boolean {
    return this.pidLen > 0 && isOfClass(bytes, this.pidOff, this.pidOff + this.pidLen, C_DIGIT);
  }

  /** @returns whether a tag begins at `at`, or after one word */
  headerFollows(bytes: Uint8Array, at: number, end: number): boolean {
    if (this.scan(bytes, at, end)) return true;
    const stop = graphEnd(bytes, at);
    return stop > at && bytes[stop] === CH.space && this.scan(bytes, tagStart(bytes, stop + 1), end);
  }

  /** Takes `at` to `stop` as the tag. @returns whether it is one */
  private take(bytes: Uint8Array, at: number, stop: number): boolean {
    const wrapped = isWrapped(bytes, at, stop);
    this.hasBlanks = false;
    this.tagOff = wrapped ? at + 1 : at;
    this.tagLen = stop - at - (wrapped ? PARENTHESES : 0);
    return this.tagLen > 0 && this.tagLen <= TAG_MAX_BYTES;
  }

  /** `[31211]`, `[2]([3])`, ` (x)` and a colon after a pid, at `at`. */
  private endAtGroups(bytes: Uint8Array, tagOff: number, tagEnd: number, at: number): boolean {
    const begin = bytes[at] === CH.space && bytes[at + 1] === CH.parenOpen ? at + 1 : at;
    let i = begin;
    while (bytes[i] === CH.bracketOpen || bytes[i] === CH.parenOpen) {
      i = groupEnd(bytes, i);
      if (i < 0) return false;
    }
    if (i === begin || bytes[i] !== CH.colon) return false;
    this.textOff = begin;
    return this.take(bytes, tagOff, tagEnd);
  }

  /** `audit(1131538222.234:0):`: the colon that was found is inside parentheses. */
  private endAtParenthesis(bytes: Uint8Array, at: number, stop: number): boolean {
    const open = stop - at > TAG_MAX_BYTES + PARENTHESES ? -1 : openParenthesis(bytes, at, stop);
    const behind = open > at ? groupEnd(bytes, open) : -1;
    if (behind < 0 || bytes[behind] !== CH.colon) return false;
    this.textOff = open;
    return this.take(bytes, at, open);
  }

  /** @returns the offset after the bracket, or -1 */
  private readPid(bytes: Uint8Array, at: number): number {
    let i = at;
    while (bytes[i] !== CH.bracketClose) {
      if ((CHAR_CLASS[bytes[i]!]! & C_GRAPH) === 0 || i - at === PID_MAX_BYTES) return -1;
      i++;
    }
    this.pidOff = at;
    this.pidLen = i - at;
    return i + 1;
  }
}

/** @returns the end of the run of tag characters; may overrun the longest tag allowed */
function tagRunEnd(bytes: Uint8Array, at: number, end: number): number {
  const limit = at + TAG_MAX_BYTES + PARENTHESES;
  let i = at;
  while (i <= limit) {
    const byte = bytes[i]!;
    if ((CHAR_CLASS[byte]! & C_TAG) !== 0) {
      i++;
      continue;
    }
    const len = byte < 0x80 ? 0 : utf8TextLen(bytes, i, end);
    if (len === 0) break;
    i += len;
  }
  return i;
}

/** @returns whether the first byte opens a parenthesis that the last one closes */
function isWrapped(bytes: Uint8Array, at: number, stop: number): boolean {
  if (bytes[at] !== CH.parenOpen || bytes[stop - 1] !== CH.parenClose) return false;
  let depth = 0;
  for (let i = at; i < stop - 1; i++) {
    if (bytes[i] === CH.parenOpen) depth++;
    else if (bytes[i] === CH.parenClose && --depth === 0) return false;
  }
  return depth === 1;
}

/** @returns the offset of the first parenthesis that is not closed before `stop`, or -1 */
function openParenthesis(bytes: Uint8Array, at: number, stop: number): number {
  let depth = 0;
  let open = -1;
  for (let i = at; i < stop; i++) {
    if (bytes[i] === CH.parenOpen && depth++ === 0) open = i;
    else if (bytes[i] === CH.parenClose && depth > 0) depth--;
  }
  return depth > 0 ? open : -1;
}

/** @returns the offset after the bracket or parenthesis that closes the one at `at`, or -1 */
function groupEnd(bytes: Uint8Array, at: number): number {
  const open = bytes[at]!;
  const close = open === CH.parenOpen ? CH.parenClose : CH.bracketClose;
  const limit = at + GROUP_MAX_BYTES;
  let depth = 0;
  for (let i = at; i < limit; i++) {
    const byte = bytes[i]!;
    if ((CHAR_CLASS[byte]! & C_GRAPH) === 0 && byte !== CH.space) return -1;
    if (byte === open) depth++;
    else if (byte === close && --depth === 0) return i + 1;
  }
  return -1;
}

/** Whether a further word of a tag may begin with this byte. */
function mayBeginWord(byte: number): boolean {
  return (CHAR_CLASS[byte]! & (C_UPPER | C_DIGIT)) !== 0;
}

function hasUpper(bytes: Uint8Array, at: number, stop: number): boolean {
  for (let i = at; i < stop; i++) if ((CHAR_CLASS[bytes[i]!]! & C_UPPER) !== 0) return true;
  return false;
}

/** @returns the offset of the first byte from `at` that is not a blank */
export function skipBlanks(bytes: Uint8Array, at: number): number {
  let i = at;
  while (bytes[i] === CH.space) i++;
  return i;
}

/**
 * Where a tag may begin: after blanks, and after the lone `:` that some devices put before a `%FACILITY`. Both stay in
 * the body.
 */
export function tagStart(bytes: Uint8Array, at: number): number {
  const i = skipBlanks(bytes, at);
  if (bytes[i] !== CH.colon || bytes[i + 1] !== CH.space) return i;
  const behind = skipBlanks(bytes, i + 2);
  return bytes[behind] === CH.percent ? behind : i;
}

/** @returns the end of the run of printable ASCII without blanks at `at` */
export function graphEnd(bytes: Uint8Array, at: number): number {
  let i = at;
  while ((CHAR_CLASS[bytes[i]!]! & C_GRAPH) !== 0) i++;
  return i;
}

/** @returns whether all bytes from `at` to `stop` are of the class */
export function isOfClass(bytes: Uint8Array, at: number, stop: number, mask: number): boolean {
  for (let i = at; i < stop; i++) if ((CHAR_CLASS[bytes[i]!]! & mask) === 0) return false;
  return true;
}
