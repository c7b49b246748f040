/**
 * How much memory all queues together may hold, and which one gives way when it is used up.
 *
 * Regular files whose writes make progress are firm: inputs wait for them, so they always get room, and all others give
 * way, the longest queue first. The others share the rest: a queue may take room from a longer one. An output that
 * works has a short queue, one that fails a long one, so the failing one gives way first.
 */

/** One queue. */
export interface Holder {
  /** Memory that its records occupy. */
  readonly heldBytes: number;
  /** It loses nothing as long as inputs wait for it. */
  isFirm(): boolean;
  /** Whether {@link giveRoom} would free anything. */
  canGive(): boolean;
  /** Drops its newest records. @returns bytes of memory freed */
  giveRoom(): number;
}

/** Share of the whole: when firm queues hold more, inputs should wait. The rest is for the others. */
const FIRM_SHARE = 0.75;
/** After this many requests in vain, queues are compared again: one may have silently ceased to be firm. */
const LOOK_AGAIN = 256;

export class QueueBudget {
  #limitBytes: number;
  #usedBytes = 0;
  /** Holders that hold something. */
  readonly #holders = new Set<Holder>();
  /** No queue that could give way holds more than this; recomputed after a change, and now and then. */
  #longestBytes = Number.POSITIVE_INFINITY;
  #vainCount = 0;
  /** Time and result of the last {@link isCrowded}. */
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

  /** A smaller limit applies at once, as far as queues can give way. */
  setLimit(limitBytes: number): void {
    this.#limitBytes = limitBytes;
    this.#crowdedMs = Number.NaN;
    while (this.#usedBytes > limitBytes && this.#takeFromLongest(null, 0) > 0);
  }

  /** @returns whether `holder` gets `bytes` more; they then count as used */
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

  /** It no longer holds anything. */
  leave(holder: Holder): void {
    this.#holders.delete(holder);
  }

  /** Whether firm queues hold so much that inputs should wait; computed once per `nowMs`. */
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

  /**
   * @returns whether there is room. If no queue gives way, a firm queue still gets more, and so does one that has none.
   */
  #makeRoom(bytes: number, holder: Holder): boolean {
    const isFirm = holder.isFirm();
    const longerThan = isFirm ? 0 : holder.heldBytes + bytes;
    while (this.#usedBytes + bytes > this.#limitBytes) {
      const isVain = !isFirm && longerThan >= this.#longestBytes && ++this.#vainCount % LOOK_AGAIN !== 0;
      if (isVain || this.#takeFromLongest(holder, longerThan) === 0) return isFirm || holder.heldBytes === 0;
    }
    return true;
  }

  /** @returns bytes freed by the longest queue that is not firm; 0: it is not longer than `longerThan` */
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
