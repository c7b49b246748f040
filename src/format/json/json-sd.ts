/**
 * STRUCTURED-DATA as a JSON object: `{"id@1":{"name":"value"}}`, escapes resolved, all strings made safe.
 *
 * A name that occurs more than once in an element has an array of values; elements with the same SD-ID are merged.
 * Allocates freely: only messages with structured data come here.
 */
import { decodeStructuredData } from '../../dgram-parser/structured/structured-data.ts';
import { JSON_MAX_EXPANSION, writeJsonText } from './json-text.ts';

/** Maximum bytes of the object for each byte of structured data, and as a constant. `[a]` becomes `"a":{},`. */
export const SD_JSON_EXPANSION = JSON_MAX_EXPANSION + 1;
export const SD_JSON_EXTRA_BYTES = 2;

type Params = Map<string, string[]>;

/**
 * Writes the object for the well-formed elements from `begin` to `end`.
 *
 * @returns the offset after it
 */
export function writeSdObject(src: Buffer, begin: number, end: number, dst: Buffer, off: number): number {
  const elements = new Map<string, Params>();
  for (const { id, params } of decodeStructuredData(src.subarray(begin, end), quoted)) {
    const known = elements.get(id) ?? new Map<string, string[]>();
    elements.set(id, known);
    for (const { name, value } of params) {
      const values = known.get(name);
      if (values === undefined) known.set(name, [value]);
      else values.push(value);
    }
  }
  const members = [...elements].map(([id, params]) => `${id}:{${[...params].map(paramText).join(',')}}`);
  return off + dst.write(`{${members.join(',')}}`, off, 'utf8');
}

function paramText([name, values]: readonly [string, readonly string[]]): string {
  return values.length === 1 ? `${name}:${values[0]}` : `${name}:[${values.join(',')}]`;
}

/** @returns the bytes as a JSON string with its quotes */
function quoted(bytes: Buffer): string {
  const text = Buffer.allocUnsafe(bytes.length * JSON_MAX_EXPANSION);
  return `"${text.toString('utf8', 0, writeJsonText(bytes, 0, bytes.length, text, 0))}"`;
}
