/**
 * HOT PATH. Bytes of messages as the contents of a JSON string (RFC 8259 §7): made safe first, as everywhere, then
 * escaped. The result is always UTF-8 without control characters.
 */
import type { Batch } from '../../dgram-parser/columns/batch.ts';
import { sanitize } from '../../dgram-parser/sanitize.ts';
import { CH } from '../../protocol/char-class.ts';
import { utf8TextLen } from '../../protocol/utf8.ts';
import { copyBytes } from '../bytes/copy.ts';

/** Bytes that one byte can become: `M-^\\`. */
export const JSON_MAX_EXPANSION = 5;
/** The same if the byte is 0x20 to 0x7e or tab. */
export const JSON_CLEAN_EXPANSION = 2;

const HIGH_BITS = 0x80808080 | 0;
const ONES = 0x01010101;
const QUOTES = 0x22222222;
const BACKSLASHES = 0x5c5c5c5c;
const TABS = 0x09090909;
const WORD_BYTES = 4;

/** 1: the byte is literal in a string. */
const PLAIN = buildPlain();

function buildPlain(): Readonly<Uint8Array> {
  const plain = new Uint8Array(256).fill(1, CH.space, CH.del);
  plain[CH.quote] = 0;
  plain[CH.backslash] = 0;
  return plain;
}

/**
 * Writes `src` from `begin` to `end` without the quotes around it. `dst` needs room for {@link JSON_MAX_EXPANSION}
 * times the length.
 *
 * @returns the offset after it
 */
export function writeJsonText(src: Uint8Array, begin: number, end: number, dst: Buffer, off: number): number {
  let at = off;
  let i = begin;
  while (i < end) {
    const run = i;
    while (i < end && PLAIN[src[i]!] === 1) i++;
    at = copyBytes(src, run, i, dst, at);
    if (i === end) break;
    const byte = src[i]!;
    if (byte === CH.quote || byte === CH.backslash) {
      at = writeEscaped(byte, dst, at);
      i++;
    } else if (byte === CH.tab) {
      at = writeEscaped(CH.lowerT, dst, at);
      i++;
    } else {
      const len = byte < 0x80 ? 1 : Math.max(1, utf8TextLen(src, i, end));
      at = sanitize(src, i, i + len, dst, at, false);
      // `^\` and `M-"` end in a byte that must be escaped in a string.
      const last = dst[at - 1]!;
      if (last === CH.quote || last === CH.backslash) at = writeEscaped(last, dst, at - 1);
      i += len;
    }
  }
  return at;
}

function writeEscaped(letter: number, dst: Buffer, off: number): number {
  dst[off] = CH.backslash;
  dst[off + 1] = letter;
  return off + 2;
}

/**
 * For rows with F_CLEAN: tells, four bytes at a time, whether the range is free of quotes, backslashes and tabs, so
 * that it can be copied as it is.
 */
export function isJsonPlain(batch: Batch, begin: number, end: number): boolean {
  const { bytes, words } = batch;
  let i = begin;
  for (; i < end && (i & (WORD_BYTES - 1)) !== 0; i++) if (PLAIN[bytes[i]!] === 0) return false;
  for (; i + WORD_BYTES <= end; i += WORD_BYTES) {
    const word = words[i >> 2]!;
    // No byte has its high bit set. Subtracting 1 from 0x80 | byte clears that bit only for a byte of 0.
    const quotes = ((word ^ QUOTES) | HIGH_BITS) - ONES;
    const backslashes = ((word ^ BACKSLASHES) | HIGH_BITS) - ONES;
    const tabs = ((word ^ TABS) | HIGH_BITS) - ONES;
    if ((quotes & backslashes & tabs & HIGH_BITS) !== HIGH_BITS) return false;
  }
  for (; i < end; i++) if (PLAIN[bytes[i]!] === 0) return false;
  return true;
}
