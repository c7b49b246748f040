/**
 * Tells the truth about an output that fails: one line when that starts, one when it ends, the second with the
 * number of records lost. In between only counters move.
 */
import { SEVERITY } from '../protocol/priority.ts';
import { createOutputCounters, type OutputCounters, type Report } from './output.ts';

export class LossAccount {
  readonly counters: OutputCounters;
  readonly #label: string;
  readonly #report: Report;
  /** Records lost since the failure began. */
  #lost = 0;
  #failing = false;

  /** @param counters shared with other accounts of the same output */
  constructor(label: string, report: Report, counters: OutputCounters = createOutputCounters()) {
    this.counters = counters;
    this.#label = label;
    this.#report = report;
  }

  get failing(): boolean {
    return this.#failing;
  }

  /** An attempt failed; only the first of a row is reported. */
  fail(reason: string): void {
    this.counters.failures++;
    if (this.#failing) return;
    this.#failing = true;
    this.#report(SEVERITY.err, reason);
  }

  /** The queue did not take `messages` messages. */
  refuse(messages: number): void {
    this.counters.refused += messages;
    this.lose(messages);
  }

  /** `records` records cannot be kept; `reason` completes the line about the first of a row. */
  lose(records: number, reason = 'its queue is full'): void {
    if (records === 0) return;
    this.counters.dropped += records;
    this.#lost += records;
    if (this.#failing) return;
    this.#failing = true;
    this.#report(SEVERITY.warning, `dropping messages to ${this.#label}: ${reason}`);
  }

  /** It works again. */
  recover(): void {
    if (!this.#failing) return;
    this.#failing = false;
    if (this.#lost === 0) this.#report(SEVERITY.notice, `writing again to ${this.#label}`);
    else this.#tellLost();
  }

  /** It is given up for good, `records` that still waited with it. */
  close(records: number): void {
    this.counters.dropped += records;
    this.#lost += records;
    this.#failing = false;
    if (this.#lost > 0) this.#tellLost();
  }

  /** Of what was taken, how much is neither lost nor among the `waiting` records. */
  written(waiting: number): number {
    const { accepted, dropped, refused } = this.counters;
    return Math.max(0, accepted - (dropped - refused) - waiting);
  }

  #tellLost(): void {
    const lost = this.#lost;
    this.#lost = 0;
    this.#report(SEVERITY.warning, `dropped ${lost} message${lost === 1 ? '' : 's'} to ${this.#label}`);
  }
}
