/**
 * Checks for refusals some time after a send, and reports the end of failures that are over. Keeps checking while a
 * failure must be watched, and rests otherwise.
 */
import type { PathHealth } from './path-health.ts';

export interface HealthCheckParts {
  /** Time from a send to the check. */
  readonly checkMs: number;
  /** Asks the kernel for refusals. */
  readonly poll: () => void;
  readonly healths: () => readonly PathHealth[];
  /** Nothing is checked by itself any more. */
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

  /** There may be a failure to watch. */
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
