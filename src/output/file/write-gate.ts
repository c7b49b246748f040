/**
 * HOT PATH. Lets only a few writes run at a time: while one waits for its turn its queue grows, and the write that
 * comes then takes all of it. With hundreds of files under load that is the difference between a write a message and
 * a write for many. perf: bench/compare, files-500
 *
 * A write that takes long no longer counts: a disk that hangs must not hold up the others. A file that waits alone
 * never waits here.
 */

/** Half of the threads that there are for it. */
const RUNNING_MAX = 8;
/** A write that takes longer does not count. */
const SLOW_MS = 10;

/** Whoever writes; it has one write at a time. */
export interface GatedWriter {
  /** Its turn has come: it starts a write, or leaves at once. */
  startWrite(): void;
}

export class WriteGate {
  /** Those that count, and since when, performance.now(). */
  readonly #running = new Map<GatedWriter, number>();
  /** In the order of their arrival. */
  readonly #waiting = new Set<GatedWriter>();
  #timer: NodeJS.Timeout | null = null;

  /** Calls `startWrite` now or as soon as there is room; whoever waits already goes on waiting. */
  enter(writer: GatedWriter, nowMs: number): void {
    if (this.#running.size < RUNNING_MAX) {
      this.#running.set(writer, nowMs);
      writer.startWrite();
      return;
    }
    this.#waiting.add(writer);
    if (this.#timer === null) this.#timer = setTimeout(this.#onTimer, SLOW_MS);
  }

  /** Its write has ended. */
  leave(writer: GatedWriter): void {
    if (this.#running.delete(writer)) this.#admit();
  }

  /** It no longer wants to write; a write that runs goes on. */
  withdraw(writer: GatedWriter): void {
    this.#waiting.delete(writer);
  }

  #admit(): void {
    for (const writer of this.#waiting) {
      if (this.#running.size >= RUNNING_MAX) return;
      this.#waiting.delete(writer);
      this.#running.set(writer, performance.now());
      writer.startWrite();
    }
  }

  readonly #onTimer = (): void => {
    this.#timer = null;
    const slowMs = performance.now() - SLOW_MS;
    for (const [writer, startMs] of this.#running) if (startMs <= slowMs) this.#running.delete(writer);
    this.#admit();
    if (this.#waiting.size > 0) this.#timer = setTimeout(this.#onTimer, SLOW_MS);
  };
}
