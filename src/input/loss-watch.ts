/**
 * Tells the operator that datagrams are being dropped before anybody could read them: one line when it starts,
 * one with the number when it has ended.
 *
 * The kernel tells its count with the next datagram only, so a while after every activity it is asked directly.
 * An idle input has no timer.
 */
import { SEVERITY } from '../protocol/priority.ts';
import type { InputCounters, InputEvents } from './input.ts';

/** So long without a further drop, and the loss has ended. */
export const LOSS_SETTLE_MS = 10_000;

export interface LossWatchOptions {
  /** As in `dropped 3 messages from UDP 127.0.0.1:514`. */
  readonly label: string;
  /** What is too small, as in `receive buffer is full`. */
  readonly cause: string;
  readonly report: InputEvents['report'];
  readonly counters: InputCounters;
  /** Asks for the number of drops since the beginning. */
  readonly readDrops: () => number;
  readonly settleMs?: number;
}

export class LossWatch {
  readonly #options: LossWatchOptions;
  readonly #settleMs: number;
  /** Drops known of; those of them that were told as a number. */
  #known = 0;
  #told = 0;
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
    const isFirst = this.#known === this.#told;
    counters.kernelDropped += drops - this.#known;
    this.#known = drops;
    if (isFirst) report(SEVERITY.warning, `losing messages from ${label}: ${cause}`);
    this.touch();
  }

  /** Drops that somebody else has told already. */
  skip(drops: number): void {
    this.#known = drops;
    this.#told = drops;
    this.#atLastLook = drops;
  }

  /** Tells what is untold: the input closes, or somebody else goes on with its socket. */
  close(): void {
    this.#disarm();
    this.note(this.#options.readDrops());
    this.#tell();
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
      this.#tell();
    }
  }

  #tell(): void {
    const untold = this.#known - this.#told;
    if (untold === 0) return;
    this.#told = this.#known;
    this.#options.report(
      SEVERITY.warning,
      `dropped ${untold} ${untold === 1 ? 'message' : 'messages'} from ${this.#options.label}`,
    );
  }
}
