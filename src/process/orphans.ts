/**
 * Process 1 of a container is the parent of every process there whose own has ended, and must wait for them: otherwise
 * they stay in the table of processes for ever. Node.js waits for those only that it has started itself, and must go on
 * to do so: their exit status is its own. Source: wait(2), NOTES; pid_namespaces(7).
 */
import type { ChildProcess } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { findEndedChild, reapChild } from '../sys/process/ended-child.ts';

const INIT_PID = 1;
/** Source: Node.js, diagnostics_channel, built-in channels. */
const CHANNEL = 'child_process';

/** Reaps orphans from now on, where this is process 1. */
export function reapOrphans(pid = process.pid): OrphanReaper | null {
  return pid === INIT_PID ? new OrphanReaper() : null;
}

export class OrphanReaper {
  readonly #own = new Set<ChildProcess>();

  constructor() {
    subscribe(CHANNEL, this.#started);
    process.on('SIGCHLD', this.#look);
    this.#look();
  }

  close(): void {
    unsubscribe(CHANNEL, this.#started);
    process.off('SIGCHLD', this.#look);
  }

  /** Before the child is there. */
  readonly #started = (message: unknown): void => {
    if (!isStart(message)) return;
    const child = message.process;
    this.#own.add(child);
    const forget = (): void => {
      this.#own.delete(child);
      // It may have hidden others.
      this.#look();
    };
    child.once('exit', forget);
    setImmediate(() => {
      if (child.pid === undefined) forget();
    });
  };

  readonly #look = (): void => {
    for (;;) {
      const pid = findEndedChild();
      if (pid === null || this.#isOwn(pid) || !reapChild(pid)) return;
    }
  };

  #isOwn(pid: number): boolean {
    for (const child of this.#own) if (child.pid === pid) return true;
    return false;
  }
}

function isStart(message: unknown): message is { readonly process: ChildProcess } {
  return typeof message === 'object' && message !== null && 'process' in message;
}
