/**
 * The daemon's own messages: facility `syslog`, tag `tsyslogd[PID]`, sent through the same pipeline as all others.
 *
 * A report may come from anywhere, even from inside the pipeline, so it is queued and delivered separately. Until the
 * pipeline takes messages, and for problems at start, lines also go to stderr.
 */
import { appendRow, Batch, ORIGIN } from '../dgram-parser/columns/batch.ts';
import { MESSAGE_DEFAULT_BYTES, MESSAGE_MIN_BYTES } from '../protocol/limits.ts';
import { FACILITY, PRI_MARK, SEVERITY } from '../protocol/priority.ts';
import { journalLine } from '../sys/print/journal-stream.ts';
import { writeStderrLine } from '../sys/print/stderr-line.ts';

const ROWS = 16;
/** Maximum number of waiting reports; further ones are only counted. */
const WAITING_MAX = 1000;

/** Sets the receipt time of a batch from the system clock. */
export function stampBatch(batch: Batch): void {
  const nowMs = Date.now();
  batch.nowSec = Math.floor(nowMs / 1000);
  batch.nowUsec = (nowMs - batch.nowSec * 1000) * 1000;
}

function oneRow(datagram: string): Batch {
  const batch = new Batch(1, MESSAGE_MIN_BYTES);
  appendRow(batch, Buffer.from(datagram), ORIGIN.internal);
  stampBatch(batch);
  return batch;
}

export class SelfLog {
  readonly #batch = new Batch(ROWS, MESSAGE_DEFAULT_BYTES);
  readonly #waiting: Buffer[] = [];
  #omitted = 0;
  /** Lines reported, including those left out. */
  reportedCount = 0;
  /** Lines ever left out because there were too many at once. */
  omittedCount = 0;
  #deliver: ((batch: Batch) => void) | null = null;
  #scheduled = false;
  /** Copies every report to stderr. */
  echo = false;
  /** Standard error is connected to the journal, which gets every report with its severity. */
  readonly journalled: boolean;
  /** Called for every report. */
  onReport: () => void = () => undefined;

  constructor(journalled = false) {
    this.journalled = journalled;
  }

  /** Delivers reports from now on, waiting ones first. */
  attach(deliver: (batch: Batch) => void): void {
    this.#deliver = deliver;
    this.#schedule();
  }

  /** Holds reports again from now on. */
  detach(): void {
    this.#deliver = null;
  }

  /** One line. `severity` as in SEVERITY. */
  readonly report = (severity: number, text: string): void => {
    this.reportedCount++;
    this.onReport();
    if (this.journalled) writeStderrLine(journalLine(severity, text));
    else if (this.echo) writeStderrLine(`tsyslogd: ${text}`);
    if (this.#waiting.length >= WAITING_MAX) {
      this.#omitted++;
      this.omittedCount++;
      return;
    }
    this.#waiting.push(Buffer.from(`<${FACILITY.syslog * 8 + severity}>tsyslogd[${process.pid}]: ${text}`));
    this.#schedule();
  };

  /** @returns a batch whose only row is the mark */
  mark(): Batch {
    return oneRow(`<${PRI_MARK}>tsyslogd[${process.pid}]: -- MARK --`);
  }

  /** @returns a batch with one row like a loss report, to see where it would go */
  sample(): Batch {
    return oneRow(`<${FACILITY.syslog * 8 + SEVERITY.warning}>tsyslogd[${process.pid}]: sample`);
  }

  /** Delivers waiting reports at once, when the daemon ends. */
  readonly flush = (): void => {
    this.#scheduled = false;
    if (this.#deliver === null) return;
    while (this.#waiting.length > 0) {
      this.#batch.count = 0;
      for (const line of this.#waiting.splice(0, ROWS)) appendRow(this.#batch, line, ORIGIN.internal);
      stampBatch(this.#batch);
      this.#deliver(this.#batch);
    }
    if (this.#omitted === 0) return;
    const omitted = this.#omitted;
    this.#omitted = 0;
    const messages = `${omitted} message${omitted === 1 ? '' : 's'}`;
    this.report(SEVERITY.warning, `dropped ${messages} of its own: too many at once`);
  };

  #schedule(): void {
    if (this.#scheduled || this.#deliver === null) return;
    this.#scheduled = true;
    setImmediate(this.flush);
  }
}
