/**
 * Tells the operator that messages are longer than `max_message` and are being cut: one line when it starts, one with
 * the number when it has ended. Without cuts there is no timer.
 */
import { SEVERITY } from '../protocol/priority.ts';
import type { InputCounters, InputEvents, InputKind } from './input.ts';

export interface CutWatchOptions {
  readonly kind: InputKind;
  /** As the input has it. */
  readonly label: string;
  /** Bytes that are left. */
  readonly limitBytes: number;
  readonly report: InputEvents['report'];
  readonly counters: InputCounters;
  /** So long without a further cut, and it has ended. */
  readonly settleMs: number;
}

export class CutWatch {
  readonly #options: CutWatchOptions;
  readonly #source: string;
  /** Cut since the first line. */
  #untold = 0;
  #atLastLook = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: CutWatchOptions) {
    const { kind, label } = options;
    this.#options = options;
    // Addresses, and sockets without a path, say what they are.
    this.#source = kind === 'udp' || label.startsWith(kind) ? label : `${kind} ${label}`;
  }

  /** So many messages more have been cut. */
  add(count: number): void {
    if (count === 0) return;
    const { counters, limitBytes, report, settleMs } = this.#options;
    const isFirst = this.#untold === 0;
    counters.cut += count;
    this.#untold += count;
    if (isFirst) {
      const text = `cutting messages from ${this.#source} that are longer than ${limitBytes} bytes (max_message)`;
      report(SEVERITY.warning, text);
    }
    this.#timer ??= setTimeout(() => this.#look(), settleMs).unref();
  }

  /** Tells what is untold: the input closes, or somebody else goes on with it. */
  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#tell();
  }

  #look(): void {
    this.#timer = null;
    if (this.#untold === this.#atLastLook) this.#tell();
    else {
      this.#atLastLook = this.#untold;
      this.#timer = setTimeout(() => this.#look(), this.#options.settleMs).unref();
    }
  }

  #tell(): void {
    const untold = this.#untold;
    if (untold === 0) return;
    this.#untold = 0;
    this.#atLastLook = 0;
    this.#options.report(
      SEVERITY.warning,
      `cut ${untold} ${untold === 1 ? 'message' : 'messages'} from ${this.#source}`,
    );
  }
}
