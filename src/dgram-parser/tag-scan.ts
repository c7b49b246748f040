/**
 * HOT PATH. Finds the tag of a traditional message, `TAG[PID]:`, and tells host words from text.
 *
 * Wider than RFC 3164 §4.1.3: the characters are those that programs use. What does not fit is no tag, and
 * nothing is changed here. Relies on a byte outside of all classes (NUL, newline) behind the datagram.
 */
import { C_GRAPH, C_HEX, C_HOST, C_NUMERIC, C_TAG, CH, CHAR_CLASS } from '../protocol/char-class.ts';
import { TAG_MAX_BYTES } from '../protocol/limits.ts';
import { utf8TextLen } from '../protocol/utf8.ts';
import { isDigit } from './time-fields.ts';

/** Longest text between the brackets behind a tag: that of PROCID, RFC 5424 §6. */
const PID_MAX_BYTES = 128;
const PARENTHESES = 2;
const IPV6_GROUPS = 8;
const IPV6_GROUP_MAX_DIGITS = 4;

/** The last tag found. */
export class TagScan {
  tagOff = 0;
  tagLen = 0;
  pidOff = 0;
  /** 0: no brackets, or nothing between them. */
  pidLen = 0;
  /** Behind the colon and one blank. */
  textOff = 0;
  /** A pair of parentheses stands around the tag; tagOff and tagLen are those of the inside. */
  wrapped = false;

  /** Looks for a tag that begins at `at`. @returns whether there is one. */
  scan(bytes: Uint8Array, at: number, end: number): boolean {
    const stop = tagRunEnd(bytes, at, end);
    if (stop === at) return false;
    let i = stop;
    this.pidOff = at;
    this.pidLen = 0;
    if (bytes[i] === CH.bracketOpen) {
      i = this.readPid(bytes, i + 1);
      if (i < 0) return false;
    }
    if (bytes[i] !== CH.colon) return false;
    // `22:14:15`, `192.0.2.1:514`: a time or a port, no tag.
    if (isDigit(bytes[i + 1]!) && isOfClass(bytes, at, i, C_NUMERIC)) return false;
    this.textOff = bytes[i + 1] === CH.space ? i + 2 : i + 1;
    this.wrapped = isWrapped(bytes, at, stop);
    this.tagOff = this.wrapped ? at + 1 : at;
    this.tagLen = stop - at - (this.wrapped ? PARENTHESES : 0);
    return this.tagLen > 0 && this.tagLen <= TAG_MAX_BYTES;
  }

  /** @returns whether a tag begins at `at`, or behind one word. */
  headerFollows(bytes: Uint8Array, at: number, end: number): boolean {
    if (this.scan(bytes, at, end)) return true;
    const stop = graphEnd(bytes, at);
    return stop > at && bytes[stop] === CH.space && this.scan(bytes, tagStart(bytes, stop + 1), end);
  }

  /** @returns the offset behind the bracket, or -1. */
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

/** @returns the end of the characters of a tag, where the longest one allowed may be overrun. */
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

/** @returns whether the first byte opens a parenthesis that only the last one closes. */
function isWrapped(bytes: Uint8Array, at: number, stop: number): boolean {
  if (bytes[at] !== CH.parenOpen || bytes[stop - 1] !== CH.parenClose) return false;
  let depth = 0;
  for (let i = at; i < stop - 1; i++) {
    if (bytes[i] === CH.parenOpen) depth++;
    else if (bytes[i] === CH.parenClose && --depth === 0) return false;
  }
  return depth === 1;
}

/** @returns the offset of the first byte from `at` that is no blank. */
export function skipBlanks(bytes: Uint8Array, at: number): number {
  let i = at;
  while (bytes[i] === CH.space) i++;
  return i;
}

/**
 * Where a tag may begin: behind blanks, and behind the lone `:` that some devices put before a `%FACILITY`.
 * Both stay in the body.
 */
export function tagStart(bytes: Uint8Array, at: number): number {
  const i = skipBlanks(bytes, at);
  if (bytes[i] !== CH.colon || bytes[i + 1] !== CH.space) return i;
  const behind = skipBlanks(bytes, i + 2);
  return bytes[behind] === CH.percent ? behind : i;
}

/** @returns the end of the run of printable ASCII without blanks at `at`. */
export function graphEnd(bytes: Uint8Array, at: number): number {
  let i = at;
  while ((CHAR_CLASS[bytes[i]!]! & C_GRAPH) !== 0) i++;
  return i;
}

/** @returns whether all bytes from `at` to `stop` are of the class. */
function isOfClass(bytes: Uint8Array, at: number, stop: number, mask: number): boolean {
  for (let i = at; i < stop; i++) if ((CHAR_CLASS[bytes[i]!]! & mask) === 0) return false;
  return true;
}

/** @returns whether the word has the form of a host name or an address. */
export function looksLikeHost(bytes: Uint8Array, at: number, stop: number): boolean {
  return isOfClass(bytes, at, stop, C_HOST) || isIpv6Literal(bytes, at, stop);
}

/** @returns whether the word is an IPv6 address in text form, with or without a zone. Source: RFC 4291 §2.2, RFC 4007 §11. */
export function isIpv6Literal(bytes: Uint8Array, at: number, stop: number): boolean {
  let groups = 0;
  let compressed = false;
  let i = at;
  while (i < stop && bytes[i] !== CH.percent) {
    if (bytes[i] === CH.colon && bytes[i + 1] === CH.colon) {
      if (compressed) return false;
      compressed = true;
      i += 2;
      continue;
    }
    if (groups > 0 && bytes[i - 1] !== CH.colon) {
      if (bytes[i] !== CH.colon) return false;
      i++;
    }
    const groupAt = i;
    while (i < stop && (CHAR_CLASS[bytes[i]!]! & C_HEX) !== 0) i++;
    if (i === groupAt) return false;
    if (bytes[i] === CH.dot) {
      i = ipv4End(bytes, groupAt, stop);
      if (i < 0) return false;
      groups += 2;
      break;
    }
    if (i - groupAt > IPV6_GROUP_MAX_DIGITS) return false;
    groups++;
  }
  if (i < stop && (bytes[i] !== CH.percent || i + 1 === stop)) return false;
  return compressed ? groups < IPV6_GROUPS : groups === IPV6_GROUPS;
}

/** @returns the offset behind four decimal numbers with dots between them, or -1. */
function ipv4End(bytes: Uint8Array, at: number, stop: number): number {
  let i = at;
  for (let part = 0; part < 4; part++) {
    if (part > 0) {
      if (bytes[i] !== CH.dot) return -1;
      i++;
    }
    const partAt = i;
    let value = 0;
    while (i < stop && i - partAt < 3 && bytes[i]! >= CH.zero && bytes[i]! <= CH.nine) {
      value = value * 10 + bytes[i]! - CH.zero;
      i++;
    }
    if (i === partAt || value > 255) return -1;
  }
  return i;
}
