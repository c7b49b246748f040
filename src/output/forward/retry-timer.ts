/**
 * When stuck forwarding retries by itself. Every new record makes an attempt, too.
 */

/** While the system has no room for datagrams. */
const FULL_MS = 5;
/** While no address can be reached; doubled up to the second value. */
const AWAY_MS = 1000;
const AWAY_MAX_MS = 60_000;

export class RetryTimer {
  readonly #due: () => void;
  readonly #isAway: () => boolean;
  #awayMs = AWAY_MS;
  #timer: NodeJS.Timeout | null = null;

  /** @param isAway whether nothing has been sent since no address could be reached */
  constructor(due: () => void, isAway: () => boolean) {
    this.#due = due;
    this.#isAway = isAway;
  }

  /** The system has no room. */
  full(): void {
    this.#start(FULL_MS);
  }

  /** No address can be reached. */
  away(): void {
    this.#start(this.#awayMs);
  }

  /** Something was sent. */
  sent(): void {
    this.#awayMs = AWAY_MS;
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #start(delayMs: number): void {
    this.#timer ??= setTimeout(this.#onTimer, delayMs);
  }

  readonly #onTimer = (): void => {
    this.#timer = null;
    if (this.#isAway()) this.#awayMs = Math.min(this.#awayMs * 2, AWAY_MAX_MS);
    this.#due();
  };
}
