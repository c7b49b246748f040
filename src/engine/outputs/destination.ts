/**
 * HOT PATH. One destination of the configuration: decides what goes to its output as it is, and what is counted as a
 * repetition.
 */
import type { Batch } from '../../dgram-parser/columns/batch.ts';
import type { RecordFormat } from '../../format/record-format.ts';
import type { Output } from '../../output/output.ts';
import type { RepeatState } from '../../repeat/repeat-state.ts';
import { createSummaryBatch, fillSummary } from '../../repeat/summary.ts';
import { clockSec } from '../../sys/process/clock-sec.ts';
import type { HostLabels } from './host-labels.ts';
import { createFormattedRow, type FormattedRow, RecordWriter } from './record-writer.ts';

export class Destination {
  readonly output: Output;
  /** Set while records of the current batch wait for {@link endBatch}. */
  touched = false;
  /** Time of the last record written, by {@link clockSec}. */
  lastWriteSec = Number.NEGATIVE_INFINITY;
  readonly #writer: RecordWriter;
  readonly #labels: HostLabels;
  /** Null: repetitions are written like everything else. */
  readonly #repeat: RepeatState | null;
  readonly #alone: FormattedRow = createFormattedRow();
  /** Created when first needed: it is as large as the rest of a destination. */
  #summary: Batch | null = null;
  #timer: NodeJS.Timeout | null = null;
  #suppressed = 0;
  #ended = false;

  readonly #clock: () => number;

  /** @param clock replaces {@link clockSec} in tests */
  constructor(
    output: Output,
    format: RecordFormat,
    labels: HostLabels,
    repeat: RepeatState | null,
    clock: () => number = clockSec,
  ) {
    this.#clock = clock;
    this.output = output;
    this.#writer = new RecordWriter(output, format, labels);
    this.#labels = labels;
    this.#repeat = repeat;
  }

  /**
   * Takes the located row; `formatted` may already hold its record, and does so afterwards.
   *
   * @param nowSec of {@link clockSec}
   */
  accept(batch: Batch, row: number, formatted: FormattedRow, nowSec: number): void {
    const repeat = this.#repeat;
    if (this.#ended) return;
    if (repeat === null) {
      this.#write(batch, row, formatted, nowSec, 1);
      return;
    }
    // While an output fails every message is counted separately, so that no summary hides how many are lost.
    if (this.output.state !== 'retrying' && repeat.count(batch, row)) {
      this.#repeated(repeat, batch, row, nowSec);
      return;
    }
    if (repeat.pending > 0) {
      this.#tellRepeats(repeat, nowSec);
      this.#labels.locate(batch, row);
    }
    if (this.#write(batch, row, formatted, nowSec, 1)) repeat.remember(batch, row, nowSec);
    else repeat.forget();
  }

  /** Takes and counts one of the daemon's own messages. */
  acceptOwn(batch: Batch, row: number, formatted: FormattedRow, nowSec: number): void {
    const { counters } = this.output;
    const before = counters.accepted + counters.refused;
    // Counted before it may be refused: the report of a refusal depends on whose message it was.
    counters.own++;
    this.accept(batch, row, formatted, nowSec);
    if (counters.accepted + counters.refused === before) counters.own--;
  }

  /** Takes a mark, which is never a repetition; nor does the next message repeat anything. */
  acceptMark(batch: Batch, row: number, formatted: FormattedRow): void {
    this.tellPending();
    this.#labels.locate(batch, row);
    this.#write(batch, row, formatted, this.#clock(), 1);
    this.#repeat?.forget();
  }

  /** Messages that a summary replaces, or will. */
  get suppressed(): number {
    return this.#suppressed + (this.#repeat?.pending ?? 0);
  }

  /** The whole batch was handed over; its memory is about to be reused. */
  endBatch(nowMs: number): void {
    this.touched = false;
    this.#repeat?.keep();
    this.output.flush(nowMs);
  }

  /** Writes the repetitions known so far: at a reload and at the end. */
  tellPending(): void {
    const repeat = this.#repeat;
    if (repeat === null || repeat.pending === 0) return;
    const nowSec = this.#clock();
    this.#tellRepeats(repeat, nowSec);
    repeat.told(nowSec);
    this.output.flush(performance.now());
  }

  /** Writes everything that was received; see {@link Output.drain}. */
  async drain(deadlineMs: number): Promise<void> {
    this.tellPending();
    await this.output.drain(deadlineMs);
  }

  /** Takes nothing more, not even reports about its own end, and closes; see {@link Output.close}. */
  async close(deadlineMs: number): Promise<number> {
    this.tellPending();
    this.#ended = true;
    return await this.output.close(deadlineMs);
  }

  get ended(): boolean {
    return this.#ended;
  }

  #repeated(repeat: RepeatState, at: Batch, atRow: number, nowSec: number): void {
    if (nowSec >= repeat.dueSec()) {
      this.#tellRepeats(repeat, nowSec);
      repeat.told(nowSec);
      this.#labels.locate(at, atRow);
    } else {
      this.#timer ??= setTimeout(this.#onDue, (repeat.dueSec() - nowSec) * 1000);
    }
  }

  readonly #onDue = (): void => {
    this.#timer = null;
    const repeat = this.#repeat;
    if (repeat === null || repeat.pending === 0) return;
    const waitSec = repeat.dueSec() - this.#clock();
    // Another message restarted the wait, or the timer was early.
    if (waitSec > 0) this.#timer = setTimeout(this.#onDue, waitSec * 1000);
    else this.tellPending();
  };

  #tellRepeats(repeat: RepeatState, nowSec: number): void {
    this.#disarm();
    const { batch, row, pending } = repeat;
    if (batch === null) return;
    this.#alone.format = null;
    if (pending === 1) this.#writeAgain(repeat, batch, row, nowSec);
    else {
      this.#suppressed += pending;
      const summary = (this.#summary ??= createSummaryBatch());
      fillSummary(summary, repeat);
      this.#labels.locate(summary, 0);
      this.#write(summary, 0, this.#alone, nowSec, pending);
    }
  }

  /** A single repetition is written as itself, with its own time. */
  #writeAgain(repeat: RepeatState, batch: Batch, row: number, nowSec: number): void {
    const timeSec = batch.timeSec[row]!;
    const timeUsec = batch.timeUsec[row]!;
    const timeOffsetMin = batch.timeOffsetMin[row]!;
    batch.timeSec[row] = repeat.timeSec;
    batch.timeUsec[row] = repeat.timeUsec;
    batch.timeOffsetMin[row] = repeat.timeOffsetMin;
    this.#labels.locate(batch, row);
    this.#write(batch, row, this.#alone, nowSec, 1);
    batch.timeSec[row] = timeSec;
    batch.timeUsec[row] = timeUsec;
    batch.timeOffsetMin[row] = timeOffsetMin;
  }

  /** `messages`: how many messages the record stands for. @returns whether the output took it */
  #write(batch: Batch, row: number, formatted: FormattedRow, nowSec: number, messages: number): boolean {
    if (!this.#writer.write(batch, row, formatted, messages)) return false;
    this.lastWriteSec = nowSec;
    return true;
  }

  #disarm(): void {
    if (this.#timer === null) return;
    clearTimeout(this.#timer);
    this.#timer = null;
  }
}
