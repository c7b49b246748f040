/**
 * The old process of a restart: starts the program that is now on the disk, hands over everything that
 * is open, and goes on as if nothing had been where the new process cannot.
 *
 * It reads until the new process is ready to, and closes its outputs only when that reads; the new one holds back
 * what it has read until then. So no sender ever meets a socket that nobody reads, and every file keeps its order.
 */
import { statSync } from 'node:fs';
import { errorText } from '../sys/call/error-text.ts';
import type { RestartOutcome } from '../control/commands.ts';
import { parseNewMessage } from './parse.ts';
import { type Description, type FifoRecord, HAND_OVER_VARIABLE, HandOverChannel, type NewMessage } from './protocol.ts';
import { NewProcess } from './new-process.ts';
import type { StoppedInputs } from '../engine/inputs/input-set.ts';

/** Loading the program and its configuration. */
const PREPARE_MS = 30_000;
/** From `done` to a process that writes. */
const RUNNING_MS = 15_000;

/** The new process cannot take over; this one goes on. The message is one line. */
export class RestartError extends Error {
  override readonly name = 'RestartError';
}

/** What this process does at each step. */
export interface HandOverSteps {
  /** What is handed over, and its descriptors in the order of the protocol. Nothing of it changes until the end. */
  begin(): { readonly description: Description; readonly fds: readonly number[] };
  /** Reads nothing any more. */
  stop(): StoppedInputs;
  /** Writes everything out and lets go of files and lock, within its own deadline. @returns FIFOs that are left */
  finish(pid: number, version: string): Promise<readonly FifoRecord[]>;
  /** Takes back whatever of these steps was done. */
  goOn(): Promise<void>;
}

export interface HandOverOptions {
  readonly steps: HandOverSteps;
  /** Variables that this process has taken out of its environment, and the new one needs. */
  readonly environment: NodeJS.ProcessEnv;
}

/** One attempt. */
export class HandOver {
  readonly #options: HandOverOptions;
  #process: NewProcess | null = null;
  #stage: 'preparing' | 'handing over' | 'over' = 'preparing';
  #cancelled = false;

  constructor(options: HandOverOptions) {
    this.#options = options;
  }

  /**
   * @returns the process that has taken over: nothing is left to be done here but to end, removing nothing
   * @throws RestartError: this process goes on
   */
  async run(): Promise<RestartOutcome> {
    const { steps } = this.#options;
    try {
      const { description, fds } = steps.begin();
      const channel = await this.#start(description, fds);
      const { pid } = await this.#hear(channel, 'started', PREPARE_MS);
      this.#process?.started(pid);
      if (this.#cancelled) throw new RestartError('the daemon is ending');
      const prepared = await this.#hear(channel, 'prepared', PREPARE_MS);
      if (this.#cancelled) throw new RestartError('the daemon is ending');
      this.#stage = 'handing over';
      channel.send({ say: 'go', ...steps.stop() });
      const fifos = await steps.finish(pid, prepared.version);
      channel.send({ say: 'done', fifos });
      await this.#hear(channel, 'running', RUNNING_MS);
      await this.#process?.release();
      this.#stage = 'over';
      return { pid, version: prepared.version };
    } catch (error) {
      await this.#process?.kill();
      this.#stage = 'over';
      await steps.goOn();
      if (this.#cancelled) throw new RestartError('the daemon is ending', { cause: error });
      throw error instanceof Error ? new RestartError(error.message, { cause: error }) : error;
    }
  }

  /**
   * The daemon is to end by a signal. As long as the new process does not read, the attempt is given up; from then on
   * the signal is for that.
   *
   * @returns whether this process may end at once
   */
  end(signal: NodeJS.Signals): boolean {
    if (this.#stage === 'preparing') {
      this.#cancelled = true;
      this.#process?.signal('SIGKILL');
      return true;
    }
    this.#process?.signal(signal);
    return false;
  }

  /** For the process that has taken over: what came here meanwhile. */
  forward(signal: NodeJS.Signals): void {
    this.#process?.signal(signal);
  }

  async #start(description: Description, fds: readonly number[]): Promise<HandOverChannel> {
    const { environment } = this.#options;
    const { directory } = description;
    const started = await NewProcess.start({
      cwd: isDirectory(directory) ? directory : '/',
      stdio: ['inherit', 'inherit', 'inherit', 'pipe', ...fds],
      env: { ...process.env, ...environment, [HAND_OVER_VARIABLE]: JSON.stringify(description) },
    }).catch((error: unknown) => {
      throw new RestartError(`cannot start a new process: ${errorText(error)}`, { cause: error });
    });
    this.#process = started;
    return new HandOverChannel(started.channel);
  }

  /** @throws RestartError where it is not said */
  async #hear<K extends NewMessage['say']>(
    channel: HandOverChannel,
    say: K,
    timeoutMs: number,
  ): Promise<Extract<NewMessage, { readonly say: K }>> {
    const document = await channel.next(timeoutMs);
    if (document === undefined)
      throw new RestartError(`the new process was not ready after ${timeoutMs / 1000} seconds`);
    if (document === null) {
      const end = (await this.#process?.describeEnd()) ?? 'ended';
      throw new RestartError(`the new process ${end} before it was ready`);
    }
    const message = parseNewMessage(document);
    if (message.say === 'failed') throw new RestartError(message.reason);
    if (isMessage(message, say)) return message;
    throw new RestartError(`the new process says "${message.say}": expected "${say}"`);
  }
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function isMessage<K extends NewMessage['say']>(
  message: NewMessage,
  say: K,
): message is Extract<NewMessage, { readonly say: K }> {
  return message.say === say;
}
