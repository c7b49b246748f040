/**
 * Reports that messages are longer than `max_message` and are cut: one line when it starts, and one with the number
 * when it has ended. Without cuts there is no timer.
 */
import { SEVERITY } from '../protocol/priority.ts';
import type { InputCounters, InputEvents, InputKind } from './input.ts';

export interface CutWatchOptions {
  readonly kind: InputKind;
  /** As the input is named. */
  readonly label: string;
  /** Bytes that are kept of a message. */
  readonly limitBytes: number;
  readonly report: InputEvents['report'];
  readonly counters: InputCounters;
  /** Without a further cut for this long, it has ended. */
  readonly settleMs: number;
}

export class CutWatch {
  readonly #options: CutWatchOptions;
  readonly #source: string;
  /** Cut since the first line. */
  #unreported = 0;
  #atLastLook = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: CutWatchOptions) {
    const { kind, label } = options;
    this.#options = options;
    // An address, and a socket without a path, already say what they are.
    this.#source = kind === 'udp' || label.startsWith(kind) ? label : `${kind} ${label}`;
  }

  /** `count` more messages were cut. */
  add(count: number): void {
    if (count === 0) return;
    const { counters, limitBytes, report, settleMs } = this.#options;
    const isFirst = this.#unreported === 0;
    counters.cut += count;
    this.#unreported += count;
    if (isFirst) {
      const text = `cutting messages from ${this.#source} longer than ${limitBytes} bytes (max_message)`;
      report(SEVERITY.warning, text);
    }
    this.#timer ??= setTimeout(() => this.#look(), settleMs).unref();
  }

  /** Reports what was not reported yet: the input closes, or another process continues with it. */
  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#report();
  }

  #look(): void {
    this.#timer = null;
    if (this.#unreported === this.#atLastLook) this.#report();
    else {
      this.#atLastLook = this.#unreported;
      this.#timer = setTimeout(() => this.#look(), this.#options.settleMs).unref();
    }
  }

  #report(): void {
    const unreported = this.#unreported;
    if (unreported === 0) return;
    this.#unreported = 0;
    this.#atLastLook = 0;
    this.#options.report(
      SEVERITY.warning,
      `cut ${unreported} ${unreported === 1 ? 'message' : 'messages'} from ${this.#source}`,
    );
  }
}
