/**
 * Decodes STRUCTURED-DATA (RFC 5424 §6.3) that the parser has found well-formed: elements, parameters, and the
 * escapes of values (§6.3.3). Cold: for programs that ask for objects.
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

/** `sd` is well-formed or empty; `decode` turns its bytes into strings. */
export function decodeStructuredData(sd: Buffer, decode: (bytes: Buffer) => string): SdElement[] {
  const elements: SdElement[] = [];
  let i = 0;
  while (sd[i] === CH.bracketOpen) {
    const idEnd = nameEnd(sd, i + 1);
    const params: SdParam[] = [];
    const id = decode(sd.subarray(i + 1, idEnd));
    i = idEnd;
    while (sd[i] === CH.space) {
      const equals = nameEnd(sd, i + 1);
      const stop = valueEnd(sd, equals + 2);
      params.push({
        name: decode(sd.subarray(i + 1, equals)),
        value: decode(unescapeValue(sd.subarray(equals + 2, stop))),
      });
      i = stop + 1;
    }
    elements.push({ id, params });
    i++;
  }
  return elements;
}

function nameEnd(sd: Buffer, at: number): number {
  let i = at;
  while (i < sd.length && sd[i] !== CH.space && sd[i] !== CH.equals && sd[i] !== CH.bracketClose) i++;
  return i;
}

function valueEnd(sd: Buffer, at: number): number {
  let i = at;
  while (i < sd.length && sd[i] !== CH.quote) i += sd[i] === CH.backslash ? 2 : 1;
  return i;
}

/** Only `"`, `\` and `]` are escaped; a backslash before anything else is itself. Source: RFC 5424 §6.3.3. */
function unescapeValue(value: Buffer): Buffer {
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
