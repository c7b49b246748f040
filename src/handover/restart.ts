/**
 * Replaces this process with a new one, running the program that is now on disk, without losing a message: the steps of
 * the old process, in two stages. In between the daemon decides whether the second may begin.
 *
 * The old process reads until the new one is ready, and closes its outputs only once that one reads; until then the new
 * one holds back what it reads. So no sender ever meets an unread socket, and every file keeps its order.
 */
import type { RestartOutcome } from '../control/commands.ts';
import type { Loaded } from '../engine/settings/load-configuration.ts';
import type { ServiceManager } from '../process/service-manager.ts';
import { SEVERITY } from '../protocol/priority.ts';
import { messageLine } from '../sys/call/error-text.ts';
import { HandOver, type HandOverParts } from './hand-over.ts';
import { RestartError, Successor } from './successor.ts';

export type { RestartProcess } from './hand-over.ts';
export { RestartError } from './successor.ts';

const INIT_PID = 1;
/** Why an attempt was cancelled. */
const ENDING = 'the daemon is exiting';

export interface RestartParts extends Omit<HandOverParts, 'loaded'> {
  readonly manager: ServiceManager;
}

/** The new process, waiting for permission to read. */
export interface PreparedSuccessor extends RestartOutcome {
  readonly successor: Successor;
  readonly held: HandOver;
}

/** One attempt. */
export class Restart {
  readonly #parts: RestartParts;
  /** Null: nothing has begun that must be taken back. */
  #held: HandOver | null = null;
  /** Null: not there yet. */
  #successor: Successor | null = null;
  #isCancelled = false;

  constructor(parts: RestartParts) {
    this.#parts = parts;
  }

  /**
   * Starts the new process, and resolves when that has loaded everything.
   *
   * @param loaded the configuration in force
   * @throws RestartError, or an error for {@link giveUp}
   */
  async prepare(loaded: Loaded): Promise<PreparedSuccessor> {
    const why = whyImpossible(this.#parts);
    if (why !== null) throw new RestartError(why);
    this.#refuseIfCancelled();
    const held = new HandOver({ ...this.#parts, loaded });
    this.#held = held;
    const environment = this.#parts.manager.environment();
    const successor = await Successor.start({ ...held.describe(), environment });
    this.#successor = successor;
    const pid = await successor.started();
    this.#refuseIfCancelled();
    const version = await successor.prepared();
    this.#refuseIfCancelled();
    return { successor, held, pid, version };
  }

  /**
   * Stops reading, writes everything, closes.
   *
   * @returns the process that has taken over: this one must end now, and remove nothing
   */
  async handOver({ successor, held, pid, version }: PreparedSuccessor): Promise<RestartOutcome> {
    successor.go(held.stopReading());
    await successor.takeOver(await held.letGo(pid, version));
    this.#parts.manager.replacedBy(pid);
    return { pid, version };
  }

  /** The daemon is about to end: the new process is ended as soon as it exists, and {@link prepare} fails. */
  cancel(): void {
    this.#isCancelled = true;
    this.#successor?.signal('SIGKILL');
  }

  /** Passes on what this process was asked meanwhile. */
  signal(name: NodeJS.Signals): void {
    this.#successor?.signal(name);
  }

  /** Takes everything back. Never rejects. @returns the reason, for the client */
  async giveUp(cause: unknown): Promise<RestartError> {
    if (this.#held === null) return new RestartError(messageLine(cause), { cause });
    await this.#successor?.kill();
    const { returned, lost } = (await this.#successor?.remains()) ?? { returned: [], lost: 0 };
    const failure = await this.#held.takeBack(returned).then(
      () => cause,
      (error: unknown) => error,
    );
    const reason = this.#isCancelled ? ENDING : messageLine(failure);
    const { report } = this.#parts.state.selfLog;
    report(SEVERITY.err, `restart failed: ${reason}`);
    if (lost > 0)
      report(SEVERITY.err, `dropped ${lost} message${lost === 1 ? '' : 's'} that the new process had received`);
    return new RestartError(reason, { cause: failure });
  }

  #refuseIfCancelled(): void {
    if (this.#isCancelled) throw new RestartError(ENDING);
  }
}

function whyImpossible({ settings, state }: RestartParts): string | null {
  if (process.pid === INIT_PID) return 'cannot restart as process 1: the container would end with the old process';
  if (settings.rootDirectory !== null) return 'cannot restart with --chroot: the program is outside the root directory';
  if (state.inputs.receiver === 'portable')
    return 'cannot restart with the portable receiver: it cannot take over open sockets';
  return null;
}
