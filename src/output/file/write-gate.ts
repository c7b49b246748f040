/**
 * HOT PATH. Lets only a few writes run at a time: while a file waits for its turn its queue grows, and its next write
 * takes all of it. With hundreds of files under load this makes the difference between one write per message and one
 * for many. perf: bench/compare, files-500
 *
 * A slow write stops counting: a disk that hangs must not delay the others. A file that is alone never waits here.
 */

/** Half of the threads available for writing. */
const RUNNING_MAX = 8;
/** A write that takes longer stops counting. */
const SLOW_MS = 10;

/** Whoever writes; it has one write at a time. */
export interface GatedWriter {
  /** Its turn has come: starts a write, or leaves at once. */
  startWrite(): void;
}

export class WriteGate {
  /** Writes that count, and their start, performance.now(). */
  readonly #running = new Map<GatedWriter, number>();
  /** In order of arrival. */
  readonly #waiting = new Set<GatedWriter>();
  #timer: NodeJS.Timeout | null = null;

  /** Calls `startWrite` now or as soon as there is room; a writer already waiting keeps its place. */
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

  /** It no longer wants to write; a write in progress continues. */
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
