/**
 * Classes of the bytes in syslog headers, as bits of one table of 256 entries.
 *
 * RFC 5424 §6 defines PRINTUSASCII and SD-NAME; the tag follows what real programs send. No class contains NUL, newline
 * or bytes from 0x80 up, so a scan for a class stops at the NUL after the datagram.
 */

/** 0x21 to 0x7e, PRINTUSASCII. Source: RFC 5424 §6. */
export const C_GRAPH = 1;
/** ASCII characters of a traditional tag. DEVIATION(RFC 3164 §4.1.3): the RFC allows only alphanumeric ones. */
export const C_TAG = 2;
export const C_DIGIT = 4;
export const C_HEX = 8;
/** SD-ID and PARAM-NAME: PRINTUSASCII without `=`, `]` and `"`. Source: RFC 5424 §6.3.2, §6.3.3. */
export const C_SD_NAME = 16;
/** Characters of host names and IPv4 addresses. */
export const C_HOST = 32;
/** A to Z. */
export const C_UPPER = 64;
/** Characters of numbers, dates and IPv4 addresses: digits, dot, dash and the T of ISO 8601. */
export const C_NUMERIC = 128;

const CLASS_COUNT = 256;

function buildTable(): Uint8Array {
  const table = new Uint8Array(CLASS_COUNT);
  const add = (chars: string, bits: number): void => {
    for (const char of chars) {
      const code = char.charCodeAt(0);
      table[code] = (table[code] ?? 0) | bits;
    }
  };
  const upper = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
  const digits = '0123456789';
  const alphanumeric = upper + upper.toLowerCase() + digits;
  for (let code = 0x21; code <= 0x7e; code++) table[code] = C_GRAPH | C_SD_NAME;
  for (const char of '=]"') table[char.charCodeAt(0)] = C_GRAPH;
  add(`${alphanumeric}.-_/@()+~#%`, C_TAG);
  add(digits, C_DIGIT);
  add(`${digits}abcdefABCDEF`, C_HEX);
  add(`${alphanumeric}.-_`, C_HOST);
  add(upper, C_UPPER);
  add(`${digits}.-Tt`, C_NUMERIC);
  return table;
}

/** The C_… bits of each byte. */
export const CHAR_CLASS: Readonly<Uint8Array> = buildTable();

/** Bytes that parsers and formatters refer to by name. */
export const CH = {
  nul: 0x00,
  tab: 0x09,
  lf: 0x0a,
  space: 0x20,
  quote: 0x22,
  percent: 0x25,
  parenOpen: 0x28,
  parenClose: 0x29,
  star: 0x2a,
  plus: 0x2b,
  comma: 0x2c,
  dash: 0x2d,
  dot: 0x2e,
  zero: 0x30,
  one: 0x31,
  nine: 0x39,
  colon: 0x3a,
  less: 0x3c,
  equals: 0x3d,
  greater: 0x3e,
  bracketOpen: 0x5b,
  backslash: 0x5c,
  bracketClose: 0x5d,
  caret: 0x5e,
  lowerT: 0x74,
  lowerZ: 0x7a,
  del: 0x7f,
} as const;

/** @returns whether the byte is a digit. */
export function isDigit(byte: number): boolean {
  return (CHAR_CLASS[byte]! & C_DIGIT) !== 0;
}
