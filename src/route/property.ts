/**
 * HOT PATH for messages under a property filter: compares bytes of the message with what the filter wants.
 *
 * The text is compared as received, before it is made safe for output. Every comparison takes time linear in the
 * message: searching is by Knuth, Morris and Pratt, regular expressions are RE2. Case folding is that of ASCII, in
 * regular expressions that of Unicode.
 */
import type { RE2JS } from 're2js';
import type { PropertyFilter, PropertyName, PropertyOperator } from '../conf/config.ts';
import { compilePattern } from '../conf/regex/posix-regex.ts';
import type { Batch } from '../dgram-parser/columns/batch.ts';
import { EXACT_BYTES, FOLDED_BYTES } from './hash.ts';

/** Tells which bytes are written as host of a row. */
export interface HostLabels {
  /** The label after {@link HostLabels.locate}; len 0: none. */
  readonly bytes: Uint8Array;
  readonly off: number;
  readonly len: number;
  /** Finds the label of a row. */
  locate(batch: Batch, row: number): void;
}

/** Tells whether a row passes. */
export class PropertyMatcher {
  readonly #property: PropertyName;
  readonly #operator: PropertyOperator;
  readonly #negate: boolean;
  readonly #fold: Uint8Array;
  /** The folded value to look for. */
  readonly #wanted: Uint8Array;
  /** How many bytes of `wanted` still match when the next one does not. */
  readonly #fallback: Int32Array;
  readonly #pattern: RE2JS | null;

  constructor(filter: PropertyFilter) {
    const fold = filter.ignoreCase ? FOLDED_BYTES : EXACT_BYTES;
    const isPattern = filter.operator === 'regex' || filter.operator === 'ereregex';
    this.#property = filter.property;
    this.#operator = filter.operator;
    this.#negate = filter.negate;
    this.#fold = fold;
    this.#wanted = Uint8Array.from(Buffer.from(filter.value), (byte) => fold[byte]!);
    this.#fallback = buildFallback(this.#wanted);
    this.#pattern = isPattern
      ? compilePattern(filter.value, filter.operator === 'regex' ? 'basic' : 'extended', filter.ignoreCase)
      : null;
  }

  /** An absent value never passes. @param hosts located at the row, if the property is the host name */
  matches(batch: Batch, row: number, hosts: HostLabels): boolean {
    switch (this.#property) {
      case 'msg': {
        const off = batch.textOff[row]!;
        return this.#compare(batch.bytes, off, batch.endOff[row]! - off);
      }
      case 'programname':
        return this.#comparePresent(batch.bytes, batch.tagOff[row]!, batch.tagLen[row]!);
      case 'msgid':
        return this.#comparePresent(batch.bytes, batch.msgIdOff[row]!, batch.msgIdLen[row]!);
      case 'sd':
        return this.#comparePresent(batch.bytes, batch.sdOff[row]!, batch.sdLen[row]!);
      case 'hostname':
        break;
    }
    return this.#comparePresent(hosts.bytes, hosts.off, hosts.len);
  }

  #comparePresent(bytes: Uint8Array, off: number, len: number): boolean {
    return len > 0 && this.#compare(bytes, off, len);
  }

  #compare(bytes: Uint8Array, off: number, len: number): boolean {
    return this.#found(bytes, off, len) !== this.#negate;
  }

  #found(bytes: Uint8Array, off: number, len: number): boolean {
    switch (this.#operator) {
      case 'contains':
        return this.#contains(bytes, off, off + len);
      case 'isequal':
        return len === this.#wanted.length && this.#startsWith(bytes, off);
      case 'startswith':
        return len >= this.#wanted.length && this.#startsWith(bytes, off);
      case 'regex':
      case 'ereregex':
        break;
    }
    return this.#pattern !== null && this.#pattern.test(bytes.subarray(off, off + len));
  }

  #startsWith(bytes: Uint8Array, off: number): boolean {
    const wanted = this.#wanted;
    const fold = this.#fold;
    for (let at = 0; at < wanted.length; at++) {
      if (fold[bytes[off + at]!] !== wanted[at]!) return false;
    }
    return true;
  }

  #contains(bytes: Uint8Array, off: number, end: number): boolean {
    const wanted = this.#wanted;
    const fold = this.#fold;
    let matched = 0;
    for (let at = off; at < end && matched < wanted.length; at++) {
      const byte = fold[bytes[at]!]!;
      while (matched > 0 && byte !== wanted[matched]!) matched = this.#fallback[matched]!;
      if (byte === wanted[matched]!) matched++;
    }
    return matched === wanted.length;
  }
}

/** Element n: length of the longest proper prefix of the first n bytes that is also their suffix. */
function buildFallback(wanted: Uint8Array): Int32Array {
  const fallback = new Int32Array(wanted.length + 1);
  let matched = 0;
  for (let at = 1; at < wanted.length; at++) {
    while (matched > 0 && wanted[at] !== wanted[matched]!) matched = fallback[matched]!;
    if (wanted[at] === wanted[matched]!) matched++;
    fallback[at + 1] = matched;
  }
  return fallback;
}
