/**
 * What was dropped and has not been told yet, by reasons; and the notice of it.
 */

export type LossReason = 'queue full' | 'too long' | 'closed';

/** Called for what was dropped since the last call, by a later turn of the event loop; what it throws is a bug there. */
export type OnLoss = (dropped: number, reason: string) => void;

export class Losses {
  /** Dropped at all. */
  total = 0;
  readonly #onLoss: OnLoss | null;
  /** Not yet told in the log, and not yet told to `onLoss`. */
  readonly #untold = new Map<LossReason, number>();
  readonly #pending = new Map<LossReason, number>();

  constructor(onLoss: OnLoss | null) {
    this.#onLoss = onLoss;
  }

  /** Whether there is something to be told in the log. */
  get areUntold(): boolean {
    return this.#untold.size > 0;
  }

  add(reason: LossReason, count = 1): void {
    this.total += count;
    this.#untold.set(reason, (this.#untold.get(reason) ?? 0) + count);
    if (this.#onLoss === null) return;
    if (this.#pending.size === 0) setImmediate(() => this.report());
    this.#pending.set(reason, (this.#pending.get(reason) ?? 0) + count);
  }

  /** Calls `onLoss` for what it has not been called for. */
  report(): void {
    const pending = [...this.#pending];
    this.#pending.clear();
    for (const [reason, count] of pending) this.#onLoss?.(count, reason);
  }

  /** How many are to be told in the log. */
  get untold(): number {
    return [...this.#untold.values()].reduce((sum, count) => sum + count, 0);
  }

  /** @returns `dropped 3 messages: queue full` */
  notice(): string {
    const parts = [...this.#untold].map(
      ([reason, count]) => `dropped ${count} message${count === 1 ? '' : 's'}: ${reason}`,
    );
    return parts.join(', ');
  }

  /** They are told. */
  settle(): void {
    this.#untold.clear();
  }
}
