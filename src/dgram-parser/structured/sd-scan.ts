/**
 * HOT PATH. The pieces of STRUCTURED-DATA (RFC 5424 §6.3), as the parser accepts them and later readers must see them:
 *
 *   [ID NAME="VALUE"]     the value with escapes
 *   [ID NAME=VALUE]       DEVIATION(RFC 5424 §6.3.3): bare, without blank, quote, closing bracket or escapes
 *   [ID NAME= "VALUE"]    DEVIATION(RFC 5424 §6.3.3): blanks after the equals sign
 */
import { CH } from '../../protocol/char-class.ts';

/** @returns the end of the SD-ID or PARAM-NAME at `at`, in elements known to be well-formed */
export function sdNameEnd(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  while (i < end && bytes[i] !== CH.space && bytes[i] !== CH.equals && bytes[i] !== CH.bracketClose) i++;
  return i;
}

/** @returns offset of the first byte of a value, or of its quote; `equals` is the offset of the equals sign */
export function sdValueStart(bytes: Uint8Array, equals: number): number {
  let i = equals + 1;
  while (bytes[i] === CH.space) i++;
  return i;
}

/**
 * @returns the offset of the closing quote of a value that begins at `at`, after its opening quote; `end` or more: none
 */
export function sdQuotedEnd(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  while (i < end && bytes[i] !== CH.quote) i += bytes[i] === CH.backslash ? 2 : 1;
  return i;
}

/** @returns the end of a bare value at `at`; `at` if there is none */
export function sdBareEnd(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  for (; i < end; i++) {
    const byte = bytes[i]!;
    if (byte <= CH.space || byte === CH.quote || byte === CH.bracketClose || byte === CH.del) break;
  }
  return i;
}
