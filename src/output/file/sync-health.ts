/**
 * Reports failures of fdatasync(2) on a file, once when they begin and once when they have been over for a while.
 */
import { SEVERITY } from '../../protocol/priority.ts';
import { errorText } from '../../sys/call/error-text.ts';
import type { Report } from '../output.ts';
import { type HoldClock, RecoveryHold } from '../recovery-hold.ts';

export class SyncHealth {
  readonly #label: string;
  readonly #report: Report;
  readonly #hold: RecoveryHold;
  #failing = false;

  constructor(label: string, report: Report, clock?: HoldClock) {
    this.#label = label;
    this.#report = report;
    this.#hold = new RecoveryHold(() => this.#over(), clock);
  }

  /** The result of one call. */
  readonly note = (error: Error | null): void => {
    if (error === null) {
      if (this.#failing) this.#hold.works();
      return;
    }
    if (this.#failing) {
      this.#hold.fails();
      return;
    }
    this.#failing = true;
    this.#hold.begin();
    this.#report(SEVERITY.err, `fdatasync failed on ${this.#label}: ${errorText(error)}`);
  };

  /** The file is closed for good. */
  close(): void {
    this.#hold.fails();
  }

  #over(): void {
    this.#failing = false;
    this.#report(SEVERITY.notice, `fdatasync works again on ${this.#label}`);
  }
}
