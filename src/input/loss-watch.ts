/**
 * Reports that datagrams are dropped before they can be read: one line when it starts, and one with the number when
 * it has ended.
 *
 * The kernel passes its count along with the next datagram only, so it is also asked directly some time after any
 * activity. An idle input has no timer.
 */
import { SEVERITY } from '../protocol/priority.ts';
import type { InputCounters, InputEvents } from './input.ts';

/** Without a further drop for this long, the loss has ended. */
export const LOSS_SETTLE_MS = 10_000;

export interface LossWatchOptions {
  /** As in `dropped 3 messages from UDP 127.0.0.1:514`. */
  readonly label: string;
  /** Why, as in `receive buffer is full`. */
  readonly cause: string;
  readonly report: InputEvents['report'];
  readonly counters: InputCounters;
  /** @returns the number of drops since the beginning */
  readonly readDrops: () => number;
  readonly settleMs?: number;
}

export class LossWatch {
  readonly #options: LossWatchOptions;
  readonly #settleMs: number;
  /** Known drops, and how many of them were reported. */
  #known = 0;
  #reported = 0;
  #atLastLook = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: LossWatchOptions) {
    this.#options = options;
    this.#settleMs = options.settleMs ?? LOSS_SETTLE_MS;
  }

  /** Something was received: a look at the counter is due later. */
  touch(): void {
    this.#timer ??= setTimeout(() => this.#look(), this.#settleMs).unref();
  }

  /** @param drops since the beginning, as far as known now */
  note(drops: number): void {
    if (drops <= this.#known) return;
    const { label, cause, report, counters } = this.#options;
    const isFirst = this.#known === this.#reported;
    counters.kernelDropped += drops - this.#known;
    this.#known = drops;
    if (isFirst) report(SEVERITY.warning, `losing messages from ${label}: ${cause}`);
    this.touch();
  }

  /** Drops that another process has already reported. */
  skip(drops: number): void {
    this.#known = drops;
    this.#reported = drops;
    this.#atLastLook = drops;
  }

  /** Reports what was not reported yet: the input closes, or another process continues with its socket. */
  close(): void {
    this.#disarm();
    this.note(this.#options.readDrops());
    this.#report();
    this.#disarm();
  }

  #disarm(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #look(): void {
    this.#timer = null;
    this.note(this.#options.readDrops());
    if (this.#known !== this.#atLastLook) {
      this.#atLastLook = this.#known;
      this.touch();
    } else {
      this.#report();
    }
  }

  #report(): void {
    const unreported = this.#known - this.#reported;
    if (unreported === 0) return;
    this.#reported = this.#known;
    this.#options.report(
      SEVERITY.warning,
      `dropped ${unreported} ${unreported === 1 ? 'message' : 'messages'} from ${this.#options.label}`,
    );
  }
}
