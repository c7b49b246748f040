/**
 * Looks for refusals some time after something was sent, and reports the end of troubles that are over. It goes on while
 * a trouble has to be watched, and rests otherwise.
 */
import type { PathHealth } from './path-health.ts';

export interface HealthCheckParts {
  /** From a send to the look. */
  readonly checkMs: number;
  /** Asks the kernel for refusals. */
  readonly poll: () => void;
  readonly healths: () => readonly PathHealth[];
  /** Nothing is looked at by itself any more. */
  readonly ending: () => boolean;
}

export class HealthCheck {
  readonly #parts: HealthCheckParts;
  #timer: NodeJS.Timeout | null = null;

  constructor(parts: HealthCheckParts) {
    this.#parts = parts;
  }

  /** Something was sent. */
  arm(): void {
    if (!this.#parts.ending()) this.#timer ??= setTimeout(this.#check, this.#parts.checkMs);
  }

  /** There may be a trouble to be watched. */
  watch(): void {
    if (this.#parts.healths().some(({ troubled }) => troubled)) this.arm();
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  readonly #check = (): void => {
    this.#timer = null;
    this.#parts.poll();
    let waiting = false;
    for (const health of this.#parts.healths()) if (health.settle()) waiting = true;
    if (waiting) this.arm();
  };
}
