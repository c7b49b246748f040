/**
 * Messages per second over the last few seconds, for counters that only grow.
 *
 * Counters are sampled once a second while there is activity, and not at all otherwise: an idle daemon is never woken.
 * Nothing is done per message; per batch only a check whether the timer runs.
 */

/** Number of samples kept: the seconds that a rate covers. */
const WINDOW_LOOKS = 5;
const LOOK_MS = 1000;

/** Yields the count of each source; sources may come and go. */
export type CountReader = () => Iterable<readonly [object, number]>;

interface Look {
  readonly atMs: number;
  readonly counts: ReadonlyMap<object, number>;
}

export class Rates {
  readonly #read: CountReader;
  readonly #nowMs: () => number;
  /** Oldest first; empty: no activity for the whole window. */
  #looks: Look[] = [];
  /** Values of the counters when the activity ended. */
  #resting: ReadonlyMap<object, number> = new Map();
  #timer: NodeJS.Timeout | null = null;

  /** @param nowMs a clock that never goes back, milliseconds */
  constructor(read: CountReader, nowMs: () => number = () => performance.now()) {
    this.#read = read;
    this.#nowMs = nowMs;
  }

  /** HOT PATH, once per batch: a counter may have changed. */
  readonly touch = (): void => {
    if (this.#timer === null) this.#begin();
  };

  /** @returns growth of the counter of `source` per second, to one decimal */
  of(source: object, count: number): number {
    const oldest = this.#looks[0];
    if (oldest === undefined) return 0;
    const elapsedMs = Math.max(LOOK_MS, this.#nowMs() - oldest.atMs);
    const grown = count - (oldest.counts.get(source) ?? 0);
    return Math.max(0, Math.round((grown * 10_000) / elapsedMs) / 10);
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#looks = [];
  }

  #begin(): void {
    this.#looks = [{ atMs: this.#nowMs(), counts: this.#resting }];
    this.#arm();
  }

  #arm(): void {
    this.#timer = setTimeout(this.#onTimer, LOOK_MS).unref();
  }

  readonly #onTimer = (): void => {
    const look: Look = { atMs: this.#nowMs(), counts: new Map(this.#read()) };
    const oldest = this.#looks[0];
    if (this.#looks.length >= WINDOW_LOOKS && oldest !== undefined && isSame(oldest.counts, look.counts)) {
      this.#timer = null;
      this.#looks = [];
      this.#resting = look.counts;
      return;
    }
    this.#looks.push(look);
    if (this.#looks.length > WINDOW_LOOKS) this.#looks.shift();
    this.#arm();
  };
}

function isSame(a: ReadonlyMap<object, number>, b: ReadonlyMap<object, number>): boolean {
  if (a.size !== b.size) return false;
  for (const [source, count] of b) if (a.get(source) !== count) return false;
  return true;
}
