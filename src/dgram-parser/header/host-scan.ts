/**
 * HOT PATH. Tells words that can be a host name or address from text.
 */
import { C_HEX, C_HOST, CH, CHAR_CLASS } from '../../protocol/char-class.ts';
import { isLevelWord } from './level-words.ts';
import { isOfClass } from './tag-scan.ts';

const IPV6_GROUPS = 8;
const IPV6_GROUP_MAX_DIGITS = 4;

/** @returns whether the word has the form of a host name or address */
export function looksLikeHost(bytes: Uint8Array, at: number, stop: number): boolean {
  return isOfClass(bytes, at, stop, C_HOST) || isIpv6Literal(bytes, at, stop);
}

/**
 * @returns whether the word can be a name at all: not a level, not punctuation, not in brackets unless it is an
 *   address. Most devices put a name there, some the beginning of their text.
 */
export function mayBeHost(bytes: Uint8Array, at: number, stop: number): boolean {
  const first = bytes[at]!;
  if ((CHAR_CLASS[first]! & C_HOST) !== 0 && first !== CH.dash && first !== CH.dot) {
    return !isLevelWord(bytes, at, stop - at);
  }
  // Access points of one vendor: `("U7LT,802aa8000000,v3.7.58")`.
  if (first === CH.parenOpen) return bytes[at + 1] === CH.quote;
  if (first === CH.colon) return isIpv6Literal(bytes, at, stop);
  if (first !== CH.bracketOpen || bytes[stop - 1] !== CH.bracketClose) return false;
  return isIpv6Literal(bytes, at + 1, stop - 1) || ipv4End(bytes, at + 1, stop - 1) === stop - 1;
}

/**
 * @returns whether the word is an IPv6 address in text form, with or without a zone. Source: RFC 4291 §2.2, RFC 4007
 *   §11.
 */
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

/** @returns the offset after four decimal numbers separated by dots, or -1 */
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
