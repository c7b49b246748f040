/**
 * Decides when the end of a failure is reported: once it has lasted. Failing, working and failing again within that
 * time is one failure. The time grows with each failure that begins soon after the last one was over, so that an output
 * that comes and goes does not write a line each time.
 */

/** How long it must work at first. */
const FIRST_HOLD_MS = 1000;
/** Doubled up to this; after as long without failure it starts over. */
const LONGEST_HOLD_MS = 300_000;

/** Time, and a way to be called later; replaced in tests. */
export interface HoldClock {
  nowMs(): number;
  /** @returns a function that cancels it */
  after(delayMs: number, task: () => void): () => void;
}

export const SYSTEM_CLOCK: HoldClock = {
  nowMs: () => performance.now(),
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs).unref();
    return () => clearTimeout(timer);
  },
};

export class RecoveryHold {
  readonly #over: () => void;
  readonly #clock: HoldClock;
  #holdMs = FIRST_HOLD_MS;
  #overMs = Number.NEGATIVE_INFINITY;
  #undo: (() => void) | null = null;

  /** @param over the failure is over */
  constructor(over: () => void, clock: HoldClock = SYSTEM_CLOCK) {
    this.#over = over;
    this.#clock = clock;
  }

  /** It works, and is watched. */
  get holding(): boolean {
    return this.#undo !== null;
  }

  /** A failure begins; the one before it was over. */
  begin(): void {
    const isSoon = this.#clock.nowMs() - this.#overMs < LONGEST_HOLD_MS;
    this.#holdMs = isSoon ? Math.min(this.#holdMs * 2, LONGEST_HOLD_MS) : FIRST_HOLD_MS;
  }

  /** It works again, for now. */
  works(): void {
    this.#undo ??= this.#clock.after(this.#holdMs, () => this.end());
  }

  /** It fails again. */
  fails(): void {
    this.#undo?.();
    this.#undo = null;
  }

  /** It works, and there is no time to wait. */
  end(): void {
    this.fails();
    this.#overMs = this.#clock.nowMs();
    this.#over();
  }
}
