/**
 * Decodes STRUCTURED-DATA (RFC 5424 §6.3) that the parser has found well-formed: elements, parameters, and the
 * escapes of values (§6.3.3). Not for the daemon: for programs that ask for objects.
 */
import { CH } from '../../protocol/char-class.ts';
import { sdBareEnd, sdNameEnd, sdQuotedEnd, sdValueStart } from './sd-scan.ts';

/** One PARAM-NAME with its value, escapes resolved. A name may occur more than once. */
export interface SdParam {
  readonly name: string;
  readonly value: string;
}

export interface SdElement {
  /** SD-ID, such as `timeQuality` or `exampleSDID@32473`. */
  readonly id: string;
  readonly params: readonly SdParam[];
}

/** Makes strings of the bytes between two offsets. */
export interface SdStrings {
  /** An SD-ID, a PARAM-NAME, or a PARAM-VALUE without quotes, which has no escapes. */
  field(off: number, end: number): string;
  /** A PARAM-VALUE without its quotes, with its escapes. */
  value(off: number, end: number): string;
}

/** `sd` is well-formed or empty; `decode` turns its bytes into strings. */
export function decodeStructuredData(sd: Buffer, decode: (bytes: Buffer) => string): SdElement[] {
  return readElements(sd, 0, sd.length, {
    field: (off, end) => decode(sd.subarray(off, end)),
    value: (off, end) => decode(unescapeValue(sd.subarray(off, end))),
  });
}

/** As {@link decodeStructuredData}, for `bytes` from `off` to `end`. */
export function readElements(bytes: Uint8Array, off: number, end: number, strings: SdStrings): SdElement[] {
  const elements: SdElement[] = [];
  let i = off;
  while (i < end && bytes[i] === CH.bracketOpen) {
    const idEnd = sdNameEnd(bytes, i + 1, end);
    const params: SdParam[] = [];
    const id = strings.field(i + 1, idEnd);
    i = idEnd;
    while (i < end && bytes[i] === CH.space) {
      const equals = sdNameEnd(bytes, i + 1, end);
      const name = strings.field(i + 1, equals);
      const at = sdValueStart(bytes, equals);
      if (bytes[at] === CH.quote) {
        i = sdQuotedEnd(bytes, at + 1, end);
        params.push({ name, value: strings.value(at + 1, i) });
        i++;
      } else {
        i = sdBareEnd(bytes, at, end);
        params.push({ name, value: strings.field(at, i) });
      }
    }
    elements.push({ id, params });
    i++;
  }
  return elements;
}

/** Only `"`, `\` and `]` are escaped; a backslash before anything else is literal. Source: RFC 5424 §6.3.3. */
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
