/**
 * The new process of a restart, seen from the old one: started with everything that is open, heard message by message,
 * ended if it fails. restart.ts does what happens between two messages.
 */
import { statSync } from 'node:fs';
import { errorText } from '../sys/call/error-text.ts';
import { HandOverChannel } from './channel.ts';
import { NewProcess } from './new-process.ts';
import { parseNewMessage } from './parse.ts';
import { type Description, type FifoRecord, HAND_OVER_VARIABLE, type NewMessage } from './protocol.ts';
import type { ReturnedBatch, StoppedInputs } from '../engine/inputs/input-set.ts';

/** Limit for loading the program and its configuration. */
const PREPARE_MS = 30_000;
/** Limit from `done` until the new process writes. */
const RUNNING_MS = 15_000;

/** To read what is left of what it said, once it is gone. */
const REST_MS = 2000;

/** The new process cannot take over; this one goes on. The message is one line. */
export class RestartError extends Error {
  override readonly name = 'RestartError';
}

/** What the new process starts with. */
export interface Legacy {
  readonly description: Description;
  /** In protocol order. */
  readonly fds: readonly number[];
  /** Variables that this process has removed from its environment, and the new one needs. */
  readonly environment: NodeJS.ProcessEnv;
}

/** What a new process that failed had received. */
export interface Remains {
  /** It gave this back. */
  readonly returned: readonly ReturnedBatch[];
  /** Messages that went with it. */
  readonly lost: number;
}

export class Successor {
  readonly #process: NewProcess;
  readonly #channel: HandOverChannel;
  /** Messages that it has received, as it last said. */
  #holds = 0;
  readonly #returned: ReturnedBatch[] = [];

  private constructor(process: NewProcess) {
    this.#process = process;
    this.#channel = new HandOverChannel(process.channel);
  }

  /** @throws RestartError if it cannot be started */
  static async start({ description, fds, environment }: Legacy): Promise<Successor> {
    const { directory } = description;
    const started = await NewProcess.start({
      cwd: isDirectory(directory) ? directory : '/',
      stdio: ['inherit', 'inherit', 'inherit', 'pipe', ...fds],
      env: { ...process.env, ...environment, [HAND_OVER_VARIABLE]: JSON.stringify(description) },
    }).catch((error: unknown) => {
      throw new RestartError(`cannot start a new process: ${errorText(error)}`, { cause: error });
    });
    return new Successor(started);
  }

  /** Resolves when it exists: from then on it can be ended. @returns its pid. @throws RestartError */
  async started(): Promise<number> {
    const { pid } = await this.#hear('started', PREPARE_MS);
    this.#process.started(pid);
    return pid;
  }

  /** Resolves when it has loaded everything. @returns its version. @throws RestartError */
  async prepared(): Promise<string> {
    const { version } = await this.#hear('prepared', PREPARE_MS);
    return version;
  }

  /** This process has stopped reading: the new one reads. */
  go(stopped: StoppedInputs): void {
    this.#channel.send({ say: 'go', ...stopped });
  }

  /** This process has stopped writing. Resolves when the new one has taken over. @throws RestartError */
  async takeOver(fifos: readonly FifoRecord[]): Promise<void> {
    this.#channel.send({ say: 'done', fifos });
    await this.#hear('running', RUNNING_MS);
    await this.#process.release();
  }

  /** It is gone. Resolves when everything that it has said is read, or after a while. */
  async remains(): Promise<Remains> {
    const deadlineMs = performance.now() + REST_MS;
    try {
      while (this.#notes(parseNewMessage(await this.#channel.next(deadlineMs - performance.now()))));
    } catch {
      // That was the last of it, or it was cut off.
    }
    const returned = this.#returned.reduce((count, { rows }) => count + rows.length, 0);
    return { returned: this.#returned, lost: Math.max(0, this.#holds - returned) };
  }

  signal(name: NodeJS.Signals): void {
    this.#process.signal(name);
  }

  /** Resolves when it is gone, or after a while. */
  kill(): Promise<void> {
    return this.#process.kill();
  }

  /** @throws RestartError if it says something else, says nothing in time, or is gone */
  async #hear<K extends NewMessage['say']>(
    say: K,
    timeoutMs: number,
  ): Promise<Extract<NewMessage, { readonly say: K }>> {
    const deadlineMs = performance.now() + timeoutMs;
    let message: NewMessage;
    do {
      const document = await this.#channel.next(deadlineMs - performance.now());
      if (document === undefined)
        throw new RestartError(`the new process was not ready after ${timeoutMs / 1000} seconds`);
      if (document === null)
        throw new RestartError(`the new process ${await this.#process.describeEnd()} before it was ready`);
      message = parseNewMessage(document);
    } while (this.#notes(message));
    if (message.say === 'failed') throw new RestartError(message.reason);
    if (isMessage(message, say)) return message;
    throw new RestartError(`the new process sent "${message.say}": expected "${say}"`);
  }

  /** @returns whether it is about what it has received */
  #notes(message: NewMessage): boolean {
    if (message.say === 'holds') this.#holds = message.messages;
    else if (message.say === 'returns') this.#returned.push(message.batch);
    else return false;
    return true;
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
