/**
 * HOT PATH. Numbers for the addresses of senders, in a table of fixed size: a flood from forged addresses costs no
 * memory; it only evicts the senders that have been silent longest.
 *
 * A number is never given to a second address (before 2^31 others have come): number = place in the table +
 * size × how often that place was filled. The number of an evicted address is no sender.
 */

/** What is kept of one sender besides its address. */
export interface PeerSlot {
  readonly number: number;
  readonly words: Int32Array;
}

const NONE = -1;
/** From here on numbers start again; what had them is long forgotten. */
const NUMBER_LIMIT = 0x7000_0000;

export class PeerTable<T extends PeerSlot> {
  readonly size: number;
  readonly #slots: T[] = [];
  readonly #create: (number: number, words: Int32Array) => T;
  /** First slot of each hash value, and the next with the same. */
  readonly #heads: Int32Array;
  readonly #nexts: Int32Array;
  /** 1: asked for since the hand came by. */
  readonly #used: Uint8Array;
  readonly #mask: number;
  /** Prevents senders from choosing addresses that all collide. */
  readonly #seed: number;
  #hand = 0;
  #round = 1;

  /** @param size a power of two, more than twice the rows of a batch */
  constructor(size: number, seed: number, create: (number: number, words: Int32Array) => T) {
    this.size = size;
    this.#create = create;
    this.#heads = new Int32Array(size * 2).fill(NONE);
    this.#nexts = new Int32Array(size).fill(NONE);
    this.#used = new Uint8Array(size);
    this.#mask = size * 2 - 1;
    this.#seed = seed;
  }

  /** @returns the slot of an address, made if new */
  find(word0: number, word1: number, word2: number, word3: number): T {
    const hash = this.#hash(word0, word1, word2, word3);
    let idx = this.#heads[hash]!;
    while (idx !== NONE) {
      const slot = this.#slots[idx];
      if (slot !== undefined && isAddress(slot.words, word0, word1, word2, word3)) {
        this.#used[idx] = 1;
        return slot;
      }
      idx = this.#nexts[idx]!;
    }
    return this.#add(hash, Int32Array.of(word0, word1, word2, word3));
  }

  /** @returns the slot with this number, or undefined where its address was evicted */
  get(number: number): T | undefined {
    const slot = this.#slots[number & (this.size - 1)];
    return slot !== undefined && slot.number === number ? slot : undefined;
  }

  forEach(visit: (slot: T) => void): void {
    for (const slot of this.#slots) visit(slot);
  }

  get count(): number {
    return this.#slots.length;
  }

  #add(hash: number, words: Int32Array): T {
    const idx = this.#slots.length < this.size ? this.#slots.length : this.#evict();
    const slot = this.#create(idx + this.size * this.#round, words);
    this.#slots[idx] = slot;
    this.#used[idx] = 1;
    this.#nexts[idx] = this.#heads[hash]!;
    this.#heads[hash] = idx;
    return slot;
  }

  /** Second chance: the hand passes over who was asked for since its last round. @returns the place set free */
  #evict(): number {
    for (;;) {
      const idx = this.#hand;
      this.#hand = (idx + 1) & (this.size - 1);
      if (this.#hand === 0) this.#round = this.#round * this.size > NUMBER_LIMIT ? 1 : this.#round + 1;
      if (this.#used[idx] === 0) {
        this.#unlink(idx);
        return idx;
      }
      this.#used[idx] = 0;
    }
  }

  #unlink(idx: number): void {
    const words = this.#slots[idx]?.words;
    if (words === undefined) return;
    const hash = this.#hash(words[0]!, words[1]!, words[2]!, words[3]!);
    let at = this.#heads[hash]!;
    if (at === idx) {
      this.#heads[hash] = this.#nexts[idx]!;
      return;
    }
    while (this.#nexts[at]! !== idx) at = this.#nexts[at]!;
    this.#nexts[at] = this.#nexts[idx]!;
  }

  #hash(word0: number, word1: number, word2: number, word3: number): number {
    let hash = Math.imul(this.#seed ^ word0, 0x9e3779b1);
    hash = Math.imul(hash ^ (hash >>> 15) ^ word1, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13) ^ word2, 0xc2b2ae35);
    hash = Math.imul(hash ^ (hash >>> 16) ^ word3, 0x9e3779b1);
    return (hash ^ (hash >>> 15)) & this.#mask;
  }
}

function isAddress(words: Int32Array, word0: number, word1: number, word2: number, word3: number): boolean {
  return words[3] === word3 && words[2] === word2 && words[1] === word1 && words[0] === word0;
}
