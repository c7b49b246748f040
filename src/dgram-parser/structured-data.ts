/**
 * Decodes STRUCTURED-DATA (RFC 5424 §6.3) that the parser has found well-formed: elements, parameters, and the
 * escapes of values (§6.3.3). Not for the daemon: for programs that ask for objects.
 */
import { CH } from '../protocol/char-class.ts';

/** One PARAM-NAME with its value, escapes resolved. A name may stand more than once. */
export interface SdParam {
  readonly name: string;
  readonly value: string;
}

export interface SdElement {
  /** SD-ID, such as `timeQuality` or `exampleSDID@32473`. */
  readonly id: string;
  readonly params: readonly SdParam[];
}

/** Makes strings of what stands between two offsets. */
export interface SdStrings {
  /** An SD-ID or a PARAM-NAME. */
  field(off: number, end: number): string;
  /** A PARAM-VALUE without its quotes; escapes are to be resolved. */
  value(off: number, end: number): string;
}

/** `sd` is well-formed or empty; `decode` turns its bytes into strings. */
export function decodeStructuredData(sd: Buffer, decode: (bytes: Buffer) => string): SdElement[] {
  return readElements(sd, 0, sd.length, {
    field: (off, end) => decode(sd.subarray(off, end)),
    value: (off, end) => decode(unescapeValue(sd.subarray(off, end))),
  });
}

/** As {@link decodeStructuredData}, of what stands in `bytes` from `off` to `end`. */
export function readElements(bytes: Uint8Array, off: number, end: number, strings: SdStrings): SdElement[] {
  const elements: SdElement[] = [];
  let i = off;
  while (i < end && bytes[i] === CH.bracketOpen) {
    const idEnd = nameEnd(bytes, i + 1, end);
    const params: SdParam[] = [];
    const id = strings.field(i + 1, idEnd);
    i = idEnd;
    while (i < end && bytes[i] === CH.space) {
      const equals = nameEnd(bytes, i + 1, end);
      const stop = valueEnd(bytes, equals + 2, end);
      params.push({ name: strings.field(i + 1, equals), value: strings.value(equals + 2, stop) });
      i = stop + 1;
    }
    elements.push({ id, params });
    i++;
  }
  return elements;
}

function nameEnd(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  for (; i < end; i++) {
    const byte = bytes[i]!;
    if (byte === CH.space || byte === CH.equals || byte === CH.bracketClose) break;
  }
  return i;
}

function valueEnd(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  while (i < end && bytes[i] !== CH.quote) i += bytes[i] === CH.backslash ? 2 : 1;
  return i;
}

/** Only `"`, `\` and `]` are escaped; a backslash before anything else is itself. Source: RFC 5424 §6.3.3. */
export function unescapeValue(value: Buffer): Buffer {
  const plain = Buffer.allocUnsafe(value.length);
  let out = 0;
  for (let i = 0; i < value.length; i++) {
    const next = value[i + 1];
    const isEscape = next === CH.quote || next === CH.backslash || next === CH.bracketClose;
    if (value[i] === CH.backslash && isEscape) i++;
    plain[out++] = value[i] ?? 0;
  }
  return plain.subarray(0, out);
}
