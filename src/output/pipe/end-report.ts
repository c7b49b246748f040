/**
 * Logs how the instances of a command ended. The same end as before is not news, so a command that dies again and again
 * does not fill the log.
 */
import { SEVERITY } from '../../protocol/priority.ts';
import type { LossAccount } from '../loss-account.ts';
import type { Report } from '../output.ts';
import type { CommandEnd, CommandProcess } from './command-process.ts';
import { LONGEST_PAUSE_MS } from './restart-pause.ts';

export class EndReport {
  readonly #label: string;
  readonly #account: LossAccount;
  readonly #report: Report;
  /** How the last instance ended; null: none has. */
  #how: string | null = null;

  constructor(label: string, account: LossAccount, report: Report) {
    this.#label = label;
    this.#account = account;
    this.#report = report;
  }

  /** @param late the output is closed: how an instance ended no longer matters to it */
  tell(process: CommandProcess, end: CommandEnd, late: boolean): void {
    const how = describe(end);
    const isNews = how !== this.#how;
    this.#how = how;
    const text =
      end.failure === null ? `${this.#label} (pid ${process.pid}) ${how}` : `cannot start ${this.#label}: ${how}`;
    if (late) this.#report(end.status === 0 ? SEVERITY.info : SEVERITY.err, text);
    else if (end.failure !== null) this.#account.fail(text);
    else if (end.status === 0) {
      const isOld = performance.now() - process.startedMs >= LONGEST_PAUSE_MS;
      if (isNews || isOld) this.#report(SEVERITY.info, text);
    } else this.#failed(text, isNews);
  }

  #failed(text: string, isNews: boolean): void {
    const failing = this.#account.failing;
    this.#account.fail(text);
    if (failing && isNews) this.#report(SEVERITY.err, text);
  }
}

function describe({ status, signal, failure }: CommandEnd): string {
  if (failure !== null) return failure;
  return signal === null ? `exited with status ${status}` : `killed by signal ${signal}`;
}
