/**
 * Reports that an output fails: one line when it begins, one when it is over, with the number of records lost. In
 * between only counters change.
 *
 * | phase    | fails or loses                | works                  | has worked long enough   |
 * | -------- | ----------------------------- | ---------------------- | ------------------------ |
 * | well     | failing, reported             |                        |                          |
 * | failing  |                               | mending                |                          |
 * | mending  | failing, the same failure     |                        | well, reported           |
 *
 * If the output has received only the daemon's own lines since it was well, and they fail, nothing is reported until
 * something else fails: a line about a loss must not cause the next one.
 */
import { SEVERITY } from '../protocol/priority.ts';
import { createOutputCounters, type OutputCounters, type Report } from './output.ts';
import { type HoldClock, RecoveryHold } from './recovery-hold.ts';

/** A reason, as logged. */
export const QUEUE_IS_FULL = 'its queue is full';

/** What accounts of one output share, and what tests replace. */
export interface LossAccountOptions {
  /** Shared with other accounts of the same output. */
  readonly counters?: OutputCounters;
  readonly clock?: HoldClock;
}

export class LossAccount {
  readonly counters: OutputCounters;
  readonly #label: string;
  readonly #report: Report;
  readonly #hold: RecoveryHold;
  /** Records lost but not yet reported. */
  #lost = 0;
  #phase: 'well' | 'failing' | 'mending' = 'well';
  /** The failure was reported, so its end will be. */
  #told = false;
  /** Messages that the output had been given by others, and by the daemon itself, when the last failure was over. */
  #othersBefore = -1;
  #ownBefore = 0;

  constructor(label: string, report: Report, { counters, clock }: LossAccountOptions = {}) {
    this.counters = counters ?? createOutputCounters();
    this.#label = label;
    this.#report = report;
    this.#hold = new RecoveryHold(() => this.#over(), clock);
  }

  get failing(): boolean {
    return this.#phase === 'failing';
  }

  /** An attempt failed; only the first in a series is reported. */
  fail(reason: string): void {
    this.counters.failures++;
    this.#fails(SEVERITY.err, reason);
  }

  /** The queue did not take `messages` messages. */
  refuse(messages: number): void {
    this.counters.refused += messages;
    this.lose(messages);
  }

  /** Waiting records had to make room for others. */
  evict(records: number): void {
    this.lose(records, 'queue memory is exhausted');
  }

  /** `records` records cannot be kept; `reason` completes the line about the first in a series. */
  lose(records: number, reason = QUEUE_IS_FULL): void {
    if (records === 0) return;
    this.counters.dropped += records;
    this.#lost += records;
    if (this.#phase === 'failing' && this.#told) return;
    this.#fails(SEVERITY.warning, `dropping messages to ${this.#label}: ${reason}`);
  }

  /** It works again; reported once that lasts. */
  recover(): void {
    if (this.#phase !== 'failing') return;
    this.#phase = 'mending';
    this.#hold.works();
  }

  /** Reports at once the end of a failure that seems to be over: there is no time left to see whether it lasts. */
  settle(): void {
    if (this.#phase === 'mending') this.#hold.end();
  }

  /** The output closes and gives up `records` waiting records. */
  close(records: number): void {
    this.counters.dropped += records;
    this.#lost += records;
    this.#hold.fails();
    this.#phase = 'well';
    if (this.#lost > 0) this.#tellLost();
  }

  /** Records taken that are neither lost nor among those `waiting`. */
  written(waiting: number): number {
    const { accepted, dropped, refused } = this.counters;
    return Math.max(0, accepted - (dropped - refused) - waiting);
  }

  #fails(severity: number, text: string): void {
    if (this.#phase === 'well') this.#hold.begin();
    else if (this.#phase === 'mending') this.#hold.fails();
    this.#phase = 'failing';
    if (this.#told || this.#isEcho()) return;
    this.#told = true;
    this.#report(severity, text);
  }

  #over(): void {
    this.#phase = 'well';
    this.#othersBefore = this.#others();
    this.#ownBefore = this.counters.own;
    if (!this.#told) return;
    this.#told = false;
    if (this.#lost === 0) this.#report(SEVERITY.notice, `writing to ${this.#label} again`);
    else this.#tellLost();
  }

  /** Only the daemon's own lines can have caused it, such as the one about the end of the last failure. */
  #isEcho(): boolean {
    return this.#others() === this.#othersBefore && this.counters.own !== this.#ownBefore;
  }

  /** Messages that were not the daemon's own, taken or not. */
  #others(): number {
    const { accepted, refused, own } = this.counters;
    return accepted + refused - own;
  }

  #tellLost(): void {
    const lost = this.#lost;
    this.#lost = 0;
    this.#report(SEVERITY.warning, `dropped ${lost} message${lost === 1 ? '' : 's'} to ${this.#label}`);
  }
}
