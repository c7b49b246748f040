/**
 * HOT PATH. When the next write to a file may start: at once for a single message, otherwise some time after the last
 * write, so that one takes many records. A write costs a hundred times as much as a record.
 */

/** While messages follow one another: even the last one is written within 10 ms. */
const FLUSH_INTERVAL_MS = 8;
/** While each write takes many records: nobody waits for a single one. perf: bench/compare, calm */
const STREAM_INTERVAL_MS = 20;
const STREAM_RECORDS = 5;

export class WritePace {
  #startMs = Number.NEGATIVE_INFINITY;
  #intervalMs = FLUSH_INTERVAL_MS;
  #acceptedBefore = 0;

  /** @returns milliseconds until a write may start; 0 or less: now. `nowMs` is from performance.now() */
  waitMs(nowMs: number): number {
    return this.#intervalMs - (nowMs - this.#startMs);
  }

  /** A write starts; `accepted`: number of records that the queue has ever taken. */
  started(nowMs: number, accepted: number): void {
    this.#startMs = nowMs;
    this.#intervalMs = accepted - this.#acceptedBefore < STREAM_RECORDS ? FLUSH_INTERVAL_MS : STREAM_INTERVAL_MS;
    this.#acceptedBefore = accepted;
  }
}
