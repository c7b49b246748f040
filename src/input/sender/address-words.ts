/**
 * Numeric addresses as four 32-bit words, as they lie in a struct sockaddr: network order, read in the machine's.
 *
 * An IPv4 address is held as its v4-mapped form. Words come from text only in the portable receiver.
 */
import { formatV6 } from '../../sys/socket/sockaddr.ts';

/** Third word of ::ffff:0:0/96; the first two are 0, the fourth is the IPv4 address. */
export const V4_MAPPED_WORD = -65_536;

/** @returns the text of an address, without scope; IPv4 dotted. Source: RFC 5952 §4 */
export function formatAddressWords(words: Int32Array): string {
  const bytes = new Uint8Array(words.buffer, words.byteOffset, 16);
  if (words[0] === 0 && words[1] === 0 && words[2] === V4_MAPPED_WORD) return bytes.subarray(12).join('.');
  return formatV6(bytes);
}

/**
 * @param text a numeric address as Node's dgram gives it; a scope behind `%` is left out
 * @returns false where it is none
 */
export function parseAddressWords(text: string, into: Int32Array): boolean {
  const bytes = new Uint8Array(into.buffer, into.byteOffset, 16).fill(0);
  const bare = text.split('%', 1)[0] ?? '';
  if (!bare.includes(':')) {
    into[2] = V4_MAPPED_WORD;
    return parseDotted(bare, bytes, 12);
  }
  const [head, tail, ...more] = bare.split('::');
  if (more.length > 0) return false;
  const before = groupsOf(head ?? '');
  const after = groupsOf(tail ?? '');
  if (before === null || after === null) return false;
  if (tail === undefined ? before.length !== 16 : before.length + after.length > 14) return false;
  bytes.set(before, 0);
  bytes.set(after, 16 - after.length);
  return true;
}

function groupsOf(text: string): number[] | null {
  if (text === '') return [];
  const bytes: number[] = [];
  for (const group of text.split(':')) {
    if (group.includes('.')) {
      const dotted = new Uint8Array(4);
      if (!parseDotted(group, dotted, 0)) return null;
      bytes.push(...dotted);
    } else {
      if (!/^[0-9a-f]{1,4}$/i.test(group)) return null;
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
    }
  }
  return bytes;
}

function parseDotted(text: string, into: Uint8Array, off: number): boolean {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) return false;
  into.set(parts.map(Number), off);
  return true;
}
