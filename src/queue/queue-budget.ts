/**
 * How much memory all queues together may hold, and who gives room when it is used up.
 *
 * Regular files whose writes make headway are firm: inputs wait for them, so they always get room, and all others give
 * it, the longest queue first. The others share what is left: a queue may take room from one that is longer. What
 * works has a short queue, what fails a long one, so that the latter makes room first.
 */

/** One queue. */
export interface Holder {
  /** Memory of its records. */
  readonly heldBytes: number;
  /** It loses nothing as long as inputs wait for it. */
  isFirm(): boolean;
  /** Whether {@link giveRoom} would give something. */
  canGive(): boolean;
  /** Drops its newest records. @returns bytes of memory given back */
  giveRoom(): number;
}

/** Of the whole: with more in firm queues inputs had better wait. The rest is for the others. */
const FIRM_SHARE = 0.75;
/** After so many vain requests queues are compared anew: one may have ceased to be firm without a word. */
const LOOK_AGAIN = 256;

export class QueueBudget {
  #limitBytes: number;
  #usedBytes = 0;
  /** Those that hold something. */
  readonly #holders = new Set<Holder>();
  /** None of those that would have to give room holds more; looked at anew where something has changed, and now and then. */
  #longestBytes = Number.POSITIVE_INFINITY;
  #vainCount = 0;
  /** When {@link isCrowded} was asked last, and its answer. */
  #crowdedMs = Number.NaN;
  #crowded = false;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  get limitBytes(): number {
    return this.#limitBytes;
  }

  /** A smaller limit holds at once, as far as there are queues that give room. */
  setLimit(limitBytes: number): void {
    this.#limitBytes = limitBytes;
    this.#crowdedMs = Number.NaN;
    while (this.#usedBytes > limitBytes && this.#takeFromLongest(null, 0) > 0);
  }

  /** @returns whether `bytes` more are `holder`'s; they are then used. */
  claim(bytes: number, holder: Holder): boolean {
    if (this.#usedBytes + bytes > this.#limitBytes) {
      if (!this.#makeRoom(bytes, holder)) return false;
    } else this.#longestBytes = Number.POSITIVE_INFINITY;
    this.#usedBytes += bytes;
    return true;
  }

  release(bytes: number): void {
    this.#usedBytes -= bytes;
    this.#longestBytes = Number.POSITIVE_INFINITY;
  }

  /** `holder` holds something from now on. */
  enter(holder: Holder): void {
    this.#holders.add(holder);
  }

  /** It holds nothing any more. */
  leave(holder: Holder): void {
    this.#holders.delete(holder);
  }

  /** Whether firm queues hold so much that inputs had better wait; looked at once for each `nowMs`. */
  isCrowded(nowMs: number): boolean {
    const mostBytes = this.#limitBytes * FIRM_SHARE;
    if (this.#usedBytes <= mostBytes) return false;
    if (nowMs === this.#crowdedMs) return this.#crowded;
    let firmBytes = 0;
    for (const holder of this.#holders) if (holder.isFirm()) firmBytes += holder.heldBytes;
    this.#crowdedMs = nowMs;
    this.#crowded = firmBytes > mostBytes;
    return this.#crowded;
  }

  /** @returns whether there is room. Where nobody gives any, a firm queue gets more all the same, and one that has none. */
  #makeRoom(bytes: number, holder: Holder): boolean {
    const isFirm = holder.isFirm();
    const longerThan = isFirm ? 0 : holder.heldBytes + bytes;
    while (this.#usedBytes + bytes > this.#limitBytes) {
      const isVain = !isFirm && longerThan >= this.#longestBytes && ++this.#vainCount % LOOK_AGAIN !== 0;
      if (isVain || this.#takeFromLongest(holder, longerThan) === 0) return isFirm || holder.heldBytes === 0;
    }
    return true;
  }

  /** @returns bytes that the longest queue gave, of those that are not firm; 0: it is not longer than `longerThan` */
  #takeFromLongest(asker: Holder | null, longerThan: number): number {
    let longest: Holder | null = null;
    let longestBytes = 0;
    for (const holder of this.#holders) {
      if (holder === asker || holder.heldBytes <= longestBytes || !holder.canGive() || holder.isFirm()) continue;
      longest = holder;
      longestBytes = holder.heldBytes;
    }
    this.#longestBytes = longestBytes;
    if (longest === null || longestBytes <= longerThan) return 0;
    return longest.giveRoom();
  }
}
