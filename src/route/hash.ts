/**
 * HOT PATH. Hash tables of numbers that never change after they are built: names by their bytes, and pairs of small
 * numbers. Open addressing, at most half full, so that a look-up is one or two probes and allocates nothing.
 *
 * The names come from the configuration; messages only look them up and cannot lengthen a chain.
 */

const FNV_BASIS = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
/** Number of an unknown name or pair. */
export const ABSENT = -1;

/** Bytes as they are. */
export const EXACT_BYTES: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => byte);
/** Bytes with ASCII letters in lower case. */
export const FOLDED_BYTES: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte,
);

/** Smallest power of two that leaves half of the table free. */
function tableSize(count: number): number {
  return 2 ** Math.max(2, Math.ceil(Math.log2(count + 1)) + 1);
}

/** Names numbered 0 to `count` - 1, equal names once. */
export class NameTable {
  readonly count: number;
  /** Number of the name in each slot, or {@link ABSENT}. */
  readonly #slots: Int32Array;
  readonly #slotMask: number;
  readonly #hashes: Int32Array;
  /** The folded names in a row; name n is from #first[n] to #first[n + 1]. */
  readonly #bytes: Uint8Array;
  readonly #first: Int32Array;
  readonly #fold: Uint8Array;
  readonly #lenMax: number;

  constructor(names: Iterable<string>, fold: Uint8Array) {
    const unique = new Map<string, Buffer>();
    for (const name of names) {
      const bytes = Buffer.from(name);
      for (let at = 0; at < bytes.length; at++) bytes[at] = fold[bytes[at]!]!;
      unique.set(bytes.toString('latin1'), bytes);
    }
    const all = [...unique.values()];
    const size = tableSize(all.length);
    this.count = all.length;
    this.#fold = fold;
    this.#bytes = Buffer.concat(all);
    this.#first = new Int32Array(all.length + 1);
    this.#hashes = new Int32Array(all.length);
    this.#slots = new Int32Array(size).fill(ABSENT);
    this.#slotMask = size - 1;
    this.#lenMax = all.reduce((max, name) => Math.max(max, name.length), 0);
    all.forEach((name, idx) => this.#add(idx, name));
  }

  #add(idx: number, name: Uint8Array): void {
    this.#first[idx + 1] = this.#first[idx]! + name.length;
    const hash = this.#hash(name, 0, name.length);
    this.#hashes[idx] = hash;
    let slot = hash & this.#slotMask;
    while (this.#slots[slot] !== ABSENT) slot = (slot + 1) & this.#slotMask;
    this.#slots[slot] = idx;
  }

  #hash(bytes: Uint8Array, off: number, len: number): number {
    const fold = this.#fold;
    let hash = FNV_BASIS;
    for (let at = off; at < off + len; at++) hash = Math.imul(hash ^ fold[bytes[at]!]!, FNV_PRIME);
    // The low bits alone would depend too much on the last byte.
    return (hash ^ (hash >>> 15)) | 0;
  }

  /** @returns the number of the name at `off`, or {@link ABSENT} */
  find(bytes: Uint8Array, off: number, len: number): number {
    if (len === 0 || len > this.#lenMax) return ABSENT;
    const hash = this.#hash(bytes, off, len);
    for (let slot = hash & this.#slotMask; ; slot = (slot + 1) & this.#slotMask) {
      const idx = this.#slots[slot]!;
      if (idx === ABSENT) return ABSENT;
      if (this.#hashes[idx] === hash && this.#isEqual(idx, bytes, off, len)) return idx;
    }
  }

  #isEqual(idx: number, bytes: Uint8Array, off: number, len: number): boolean {
    const first = this.#first[idx]!;
    if (this.#first[idx + 1]! - first !== len) return false;
    for (let at = 0; at < len; at++) {
      if (this.#bytes[first + at] !== this.#fold[bytes[off + at]!]!) return false;
    }
    return true;
  }
}

/** Values by pairs of numbers, both 0 or greater. */
export class PairTable {
  /** Three numbers per slot: both keys and the value; the first is {@link ABSENT} if the slot is free. */
  readonly #slots: Int32Array;
  readonly #slotMask: number;

  /** @param pairs key, key, value; equal keys once */
  constructor(pairs: readonly (readonly [number, number, number])[]) {
    const size = tableSize(pairs.length);
    this.#slots = new Int32Array(size * 3).fill(ABSENT);
    this.#slotMask = size - 1;
    for (const [a, b, value] of pairs) {
      let slot = this.#start(a, b);
      while (this.#slots[slot * 3] !== ABSENT) slot = (slot + 1) & this.#slotMask;
      this.#slots[slot * 3] = a;
      this.#slots[slot * 3 + 1] = b;
      this.#slots[slot * 3 + 2] = value;
    }
  }

  #start(a: number, b: number): number {
    const mixed = Math.imul(Math.imul(a, 0x9e3779b1) ^ b, 0x85ebca6b);
    return (mixed ^ (mixed >>> 15)) & this.#slotMask;
  }

  /** @returns the value, or {@link ABSENT}; also if one of the keys is {@link ABSENT} */
  find(a: number, b: number): number {
    if (a < 0 || b < 0) return ABSENT;
    for (let slot = this.#start(a, b); ; slot = (slot + 1) & this.#slotMask) {
      const key = this.#slots[slot * 3]!;
      if (key === ABSENT) return ABSENT;
      if (key === a && this.#slots[slot * 3 + 1] === b) return this.#slots[slot * 3 + 2]!;
    }
  }
}
