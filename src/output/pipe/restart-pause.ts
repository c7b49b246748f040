/**
 * When a command that has ended may be restarted: after a second, then after twice the previous pause, up to a minute.
 * After living for {@link SETTLED_MS} it starts over with a second.
 */
const FIRST_PAUSE_MS = 1000;
export const LONGEST_PAUSE_MS = 60_000;
/** A command that lives this long works. */
export const SETTLED_MS = 5000;

export class RestartPause {
  #pauseMs = 0;
  #notBeforeMs = Number.NEGATIVE_INFINITY;
  /** An instance failed, and none has settled since. */
  unsettled = false;

  /** @returns milliseconds until the next start; 0 or less: now */
  leftMs(nowMs: number): number {
    return this.#notBeforeMs - nowMs;
  }

  /** An instance that was started at `startedMs` is lost, or could not be started. */
  begin(startedMs: number, nowMs: number): void {
    if (nowMs - startedMs >= SETTLED_MS) this.#pauseMs = 0;
    this.#pauseMs = this.#pauseMs === 0 ? FIRST_PAUSE_MS : Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
    this.#notBeforeMs = nowMs + this.#pauseMs;
  }

  /** An instance has lived for {@link SETTLED_MS}. */
  settled(): void {
    this.#pauseMs = 0;
    this.unsettled = false;
  }
}
