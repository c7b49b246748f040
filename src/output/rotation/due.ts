/**
 * Decides when one file is rotated. It reads no file and no clock: callers pass sizes and times.
 *
 * By size, a file is rotated before a write that would exceed the limit, which is split at the end of a record; a
 * record longer than the limit gets a file of its own. By time and on request, it is rotated as soon as no write is in
 * progress. {@link AFTER} says how long to wait after an attempt, and which reasons remain.
 */
import type { Chunk } from '../../queue/chunk-pool.ts';

/** Why a file must be rotated. */
export type RotationReason = 'size' | 'time' | 'request';

/** How an attempt ended. `moved`: the path names another file. `busy`: old files are still being compared. */
export type RotationOutcome = 'done' | 'moved' | 'busy' | 'failed';

/** Returned by {@link RotationDue.writeEnd} if the file must be rotated first. */
export const ROTATE_FIRST = -1;

/** Time between two attempts after one that failed. */
const RETRY_MS = 60_000;
/** Time for the program that moves the files to finish. */
const MOVED_MS = 1000;
/** See {@link RotationCompressor.areDistinct}. */
const BUSY_MS = 250;
const LF = 0x0a;

/** What follows an attempt: a pause, and the reasons that remain. */
const AFTER: Readonly<
  Record<RotationOutcome, { readonly pauseMs: number; readonly stays: readonly RotationReason[] }>
> = {
  done: { pauseMs: 0, stays: [] },
  moved: { pauseMs: MOVED_MS, stays: [] },
  busy: { pauseMs: BUSY_MS, stays: ['time', 'request'] },
  // A request can be repeated; the end of a period comes only once.
  failed: { pauseMs: RETRY_MS, stays: ['time'] },
};

export class RotationDue {
  readonly #limitBytes: number | null;
  #reason: RotationReason | null = null;
  #pausedUntilMs = 0;

  /** @param limitBytes maximum size of the file; null: unlimited */
  constructor(limitBytes: number | null) {
    this.#limitBytes = limitBytes;
  }

  /** @param nowMs of a monotonic clock, here and below */
  isDue(nowMs: number): boolean {
    return this.#reason !== null && nowMs >= this.#pausedUntilMs;
  }

  /** The operator requests a rotation. */
  request(): void {
    this.#reason = 'request';
    this.#pausedUntilMs = 0;
  }

  /** A period has ended. */
  periodEnded(): void {
    this.#reason ??= 'time';
  }

  /** The file was opened. @param fromBefore whether it was last written in an earlier period */
  opened(fromBefore: boolean): void {
    if (fromBefore) this.#reason = 'time';
  }

  /** Ends a pause: what failed may work now. */
  endPause(): void {
    this.#pausedUntilMs = 0;
  }

  /**
   * How much of a chunk may be written now: HOT PATH, once for each write.
   *
   * @param tornBytes bytes at the end of the file that belong to the first record of the chunk
   * @param sizeBytes of the file
   * @returns the offset after the last record for this file, or {@link ROTATE_FIRST}
   */
  writeEnd(chunk: Chunk, tornBytes: number, sizeBytes: number, nowMs: number): number {
    if (nowMs < this.#pausedUntilMs) return chunk.end;
    if (this.#reason !== null && tornBytes === 0) return ROTATE_FIRST;
    if (this.#limitBytes === null) return chunk.end;
    const roomBytes = this.#limitBytes - sizeBytes;
    if (chunk.end - chunk.begin <= roomBytes) return chunk.end;
    const lastLf = roomBytes > 0 ? chunk.bytes.lastIndexOf(LF, chunk.begin + roomBytes - 1) : -1;
    if (lastLf >= chunk.begin) return lastLf + 1;
    if (sizeBytes === 0 || tornBytes > 0) return chunk.bytes.indexOf(LF, chunk.begin) + 1;
    this.#reason = 'size';
    return ROTATE_FIRST;
  }

  /** Begins an attempt. @returns its reason; null: none */
  begin(): RotationReason | null {
    const reason = this.#reason;
    this.#reason = null;
    return reason;
  }

  /**
   * Ends the attempt for `reason`; null: the file could not be prepared for rotation.
   *
   * @returns milliseconds until the next attempt
   */
  end(reason: RotationReason | null, outcome: RotationOutcome, nowMs: number): number {
    const { pauseMs, stays } = AFTER[outcome];
    if (reason !== null && stays.includes(reason)) this.#reason = reason;
    if (pauseMs > 0) this.#pausedUntilMs = nowMs + pauseMs;
    return pauseMs;
  }

  /** The file was closed for good. */
  forget(): void {
    this.#reason = null;
  }
}
