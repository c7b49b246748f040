/**
 * Whether sending to a target, or to one of its addresses, works, and what is reported of it.
 *
 * UDP tells late, or never, that a datagram did not arrive. So a failure is over when something was sent afterwards and
 * no refusal came for a while.
 */
import type { LossAccount } from '../loss-account.ts';

export class PathHealth {
  readonly account: LossAccount;
  /** As in `sendto "@loghost": connection refused`. */
  readonly #name: string;
  /** Something was sent since the last failure. */
  sending = false;
  #quietFromMs = Number.NEGATIVE_INFINITY;

  constructor(account: LossAccount, name: string) {
    this.account = account;
    this.#name = name;
  }

  get troubled(): boolean {
    return this.account.failing && this.sending;
  }

  /** @param quietMs it is over after this time without another failure */
  trouble(reason: string, lost: number, quietMs: number): void {
    this.account.fail(`cannot send to loghost "${this.#name}": ${reason}`);
    this.account.lose(lost);
    this.blame(quietMs);
  }

  /** Something else is wrong, which is already counted. */
  blame(quietMs: number): void {
    this.sending = false;
    this.#quietFromMs = Math.max(this.#quietFromMs, performance.now() + quietMs);
  }

  /** Ends a failure that is over. @returns whether one must be watched further */
  settle(): boolean {
    if (!this.troubled) return false;
    if (performance.now() < this.#quietFromMs) return true;
    this.account.recover();
    return false;
  }
}
