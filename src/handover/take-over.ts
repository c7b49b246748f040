/**
 * How the new process of a restart differs from an ordinary start: it refuses what a reload would refuse, reads before
 * it writes, and takes the pid file last.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { formatProblem } from '../conf/config.ts';
import type { MadeFifos } from '../output/pipe/made-fifos.ts';
import { collectGarbage } from '../sys/process/collect-garbage.ts';
import type { FifoRecord } from './protocol.ts';
import type { Predecessor } from './predecessor.ts';
import type { InputSet, ReturnedBatch } from '../engine/inputs/input-set.ts';
import { ConfigFileError, type Loaded } from '../engine/settings/load-configuration.ts';
import type { DaemonContext } from '../process/context/context.ts';
import { PidFileError } from '../process/pid-file.ts';

/** The lock of a process that was killed disappears a moment after its sockets. */
const LOCK_MS = 2000;
const LOCK_RETRY_MS = 20;
/** Number of configuration errors named in one line. */
const PROBLEMS_SHOWN = 3;

export class TakeOver {
  readonly #predecessor: Predecessor;
  readonly #version: string;
  readonly #context: Pick<DaemonContext, 'lock'>;

  /** @param context takes the pid file */
  constructor(predecessor: Predecessor, version: string, context: Pick<DaemonContext, 'lock'>) {
    this.#predecessor = predecessor;
    this.#version = version;
    this.#context = context;
  }

  /** Pid of the previous process. */
  get pid(): number {
    return this.#predecessor.description.pid;
  }

  /** @throws ConfigFileError if a reload would refuse it too */
  check({ problems }: Loaded): void {
    if (problems.length === 0) return;
    const shown = problems.slice(0, PROBLEMS_SHOWN).map(formatProblem).join('; ');
    const more = problems.length > PROBLEMS_SHOWN ? ` and ${problems.length - PROBLEMS_SHOWN} more` : '';
    throw new ConfigFileError(`${problems.length} error${problems.length === 1 ? '' : 's'}: ${shown}${more}`);
  }

  /**
   * The inputs are open. Reads once the old process has stopped, and resolves when that has also stopped writing.
   *
   * @returns FIFOs that the old process created
   * @throws PidFileError
   */
  async begin(inputs: InputSet): Promise<readonly FifoRecord[]> {
    // Now, and not between the moment at which the old process stops reading and this one starts.
    collectGarbage();
    inputs.readAhead(await this.#predecessor.prepared(this.#version), (messages) => this.#predecessor.holds(messages));
    const fifos = await this.#predecessor.done();
    await this.#lock();
    return fifos;
  }

  /** This process cannot go on: the old one gets what it has received. */
  giveBack(returned: readonly ReturnedBatch[]): void {
    this.#predecessor.returns(returned);
  }

  /** This process is the daemon now. Resolves when the old one is gone. */
  end(): Promise<void> {
    return this.#predecessor.running();
  }

  async #lock(): Promise<void> {
    const deadlineMs = performance.now() + LOCK_MS;
    for (;;) {
      try {
        this.#context.lock();
        return;
      } catch (error) {
        if (!(error instanceof PidFileError) || performance.now() > deadlineMs) throw error;
        await delay(LOCK_RETRY_MS);
      }
    }
  }
}

/** The outputs are open. FIFOs that the old process created and nobody uses any more are removed. */
export function adoptFifos(fifos: MadeFifos, made: readonly FifoRecord[]): void {
  fifos.adopt(new Map(made.map(({ path, identity }) => [path, identity])));
  for (const { path } of made) {
    fifos.enter(path);
    fifos.leave(path);
  }
}
