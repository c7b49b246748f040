/**
 * The old process of a restart, seen from the new one: takes over what it has open and waits for its messages. If it
 * dies meanwhile, the new process continues by itself.
 */
import { Socket } from 'node:net';
import { errorText } from '../sys/call/error-text.ts';
import { HandOverChannel } from './channel.ts';
import { parseDescription, parseOldMessage } from './parse.ts';
import {
  CHANNEL_FD,
  type Description,
  type FifoRecord,
  HAND_OVER_VARIABLE,
  HandOverError,
  LAUNCHER_VARIABLE,
  type OldMessage,
} from './protocol.ts';
import { type Inherited, NOTHING_INHERITED } from '../engine/inputs/inherited.ts';
import type { ReturnedBatch, StoppedInputs } from '../engine/inputs/input-set.ts';

/** The old process gives up before that. */
const GO_MS = 60_000;
/** More than the old process needs to write what it has, or to give that up. */
const DONE_MS = 10_000;

/** For what is given back. */
const FAILED_MS = 5000;
/** The old process has only the service manager and the client left to answer. */
const GONE_MS = 2000;

export class Predecessor {
  readonly description: Description;
  /** Sockets and log of the old process. */
  readonly inherited: Inherited;
  readonly #channel: HandOverChannel;
  /** Pid of the shell that started this process. */
  readonly #launcher: number;

  private constructor(channel: HandOverChannel, description: Description, launcher: number) {
    this.#channel = channel;
    this.#launcher = launcher;
    this.description = description;
    this.inherited = numberDescriptors(description);
  }

  /**
   * Removes the variables from the environment.
   *
   * @returns null if this process was started in another way
   * @throws HandOverError: this process must end; the old one knows, and continues
   */
  static take(env: NodeJS.ProcessEnv = process.env): Predecessor | null {
    const { [HAND_OVER_VARIABLE]: text, [LAUNCHER_VARIABLE]: launcher } = env;
    delete env[HAND_OVER_VARIABLE];
    delete env[LAUNCHER_VARIABLE];
    if (text === undefined) return null;
    const channel = openChannel();
    try {
      const document: unknown = JSON.parse(text);
      return new Predecessor(channel, parseDescription(document), Number(launcher));
    } catch (error) {
      channel.send({ say: 'failed', reason: errorText(error) });
      channel.close();
      throw error;
    }
  }

  /** Everything is ready. @returns what to start with, once the old process has stopped reading */
  async prepared(version: string): Promise<StoppedInputs> {
    this.#channel.send({ say: 'prepared', version });
    const message = await this.#hear(GO_MS);
    if (message?.say === 'go') return { drops: message.drops, kernelLast: message.kernelLast };
    // It died: what it last read and reported is unknown.
    return { drops: [], kernelLast: -1 };
  }

  /** Resolves when the old process has stopped writing. @returns the FIFOs that it created */
  async done(): Promise<readonly FifoRecord[]> {
    const message = await this.#hear(DONE_MS);
    return message?.say === 'done' ? message.fifos : [];
  }

  /** This process is the daemon now. Resolves when the old one has ended, or after a while. */
  async running(): Promise<void> {
    this.#channel.send({ say: 'running' });
    await this.#channel.next(GONE_MS);
    this.#channel.close();
    // An old process that was killed left it behind.
    if (process.ppid === this.#launcher) process.kill(this.#launcher, 'SIGKILL');
  }

  /** So many messages were received that are not written yet. */
  holds(messages: number): void {
    if (this.description.takesBack) this.#channel.send({ say: 'holds', messages });
  }

  /** They will not be written by this process: {@link failed} follows. */
  returns(batches: readonly ReturnedBatch[]): void {
    if (this.description.takesBack) for (const batch of batches) this.#channel.send({ say: 'returns', batch });
  }

  /** The old process goes on instead. `reason` is one line. Resolves when it can know everything, or after a while. */
  async failed(reason: string): Promise<void> {
    this.#channel.send({ say: 'failed', reason });
    await this.#channel.finish(FAILED_MS);
  }

  /**
   * @returns null if the old process is dead; one that hangs is killed: it is alive while its end of the channel is
   *   open
   */
  async #hear(timeoutMs: number): Promise<OldMessage | null> {
    const document = await this.#channel.next(timeoutMs);
    if (document === undefined) {
      process.kill(this.description.pid, 'SIGKILL');
      return null;
    }
    return document === null ? null : parseOldMessage(document);
  }
}

/** The descriptors follow the channel, in protocol order. */
function numberDescriptors(description: Description): Inherited {
  const { sockets, kernelLast, consoleOff, control, controlPipe, pidFile } = description;
  let next = CHANNEL_FD + 1;
  const take = (): number => next++;
  return {
    ...NOTHING_INHERITED,
    sockets: sockets.map((record) => ({ fd: take(), record })),
    kernel: kernelLast === null ? null : { fd: take(), last: kernelLast },
    consoleOff,
    control: control === null ? null : { path: control, fd: take() },
    controlPipe: controlPipe === null ? null : { path: controlPipe, fd: take() },
    pidFile: pidFile === null ? null : { path: pidFile, fd: take() },
  };
}

/** @throws HandOverError if the variable was set by something else */
function openChannel(): HandOverChannel {
  try {
    return new HandOverChannel(new Socket({ fd: CHANNEL_FD }));
  } catch (error) {
    throw new HandOverError(`${HAND_OVER_VARIABLE} is set, but no process is handing over: expected it unset`, {
      cause: error,
    });
  }
}
