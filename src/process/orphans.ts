/**
 * Process 1 of a container inherits every orphan there and must wait for it: otherwise it stays in the process table
 * forever. Node.js waits only for children it has started itself, and must keep doing so: it needs their exit status.
 * Source: wait(2), NOTES; pid_namespaces(7).
 */
import type { ChildProcess } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { findEndedChild, reapChild } from '../sys/process/ended-child.ts';

const INIT_PID = 1;
/** Source: Node.js, diagnostics_channel, built-in channels. */
const CHANNEL = 'child_process';

/** Reaps orphans from now on, if this is process 1. */
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

  /** Called before the child exists. */
  readonly #started = (message: unknown): void => {
    if (!isStart(message)) return;
    const child = message.process;
    this.#own.add(child);
    const forget = (): void => {
      this.#own.delete(child);
      // This child may have hidden others.
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
