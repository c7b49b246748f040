/**
 * Whether sending to a target, or to one address of it, works; and what is reported of that.
 *
 * UDP says late, or never, that a datagram did not arrive. So a trouble is over when something was sent afterwards and
 * no refusal came for a while.
 */
import type { LossAccount } from '../loss-account.ts';

export class PathHealth {
  readonly account: LossAccount;
  /** As in `sendto "@loghost": connection refused`. */
  readonly #name: string;
  /** Something was sent since the last trouble. */
  sending = false;
  #quietFromMs = Number.NEGATIVE_INFINITY;

  constructor(account: LossAccount, name: string) {
    this.account = account;
    this.#name = name;
  }

  get troubled(): boolean {
    return this.account.failing && this.sending;
  }

  /** @param quietMs after so long without further trouble it is over */
  trouble(reason: string, lost: number, quietMs: number): void {
    this.account.fail(`cannot send to loghost "${this.#name}": ${reason}`);
    this.account.lose(lost);
    this.blame(quietMs);
  }

  /** Something else is wrong, which the account already knows. */
  blame(quietMs: number): void {
    this.sending = false;
    this.#quietFromMs = Math.max(this.#quietFromMs, performance.now() + quietMs);
  }

  /** Ends a trouble that is over. @returns whether one has to be watched further */
  settle(): boolean {
    if (!this.troubled) return false;
    if (performance.now() < this.#quietFromMs) return true;
    this.account.recover();
    return false;
  }
}
