/**
 * Makes a log socket with its file. A socket on which another program receives is never replaced.
 */
import { errorText } from '../../sys/call/error-text.ts';
import { clearStaleSocket, SocketFile, tryStat } from '../../sys/socket/socket-file.ts';
import { type InputCounters, InputError } from '../input.ts';
import type { InputContext, LogSocketOpener, OpenedLogSocket } from '../transport.ts';

/** A socket that is bound and not yet read, with its file. */
export interface MadeSocket {
  readonly file: SocketFile;
  readonly opened: OpenedLogSocket;
}

export class SocketMaker {
  readonly #path: string;
  readonly #opener: LogSocketOpener;
  readonly #context: InputContext;
  readonly #counters: InputCounters;

  constructor(path: string, opener: LogSocketOpener, context: InputContext, counters: InputCounters) {
    this.#path = path;
    this.#opener = opener;
    this.#context = context;
    this.#counters = counters;
  }

  /** @returns whether another program receives on the path. @throws InputError where that cannot be determined */
  isTaken(): boolean {
    try {
      return tryStat(this.#path) !== null && this.#opener.isAlive(this.#path);
    } catch (error) {
      throw this.#cannotMake(error);
    }
  }

  /** Replaces a stale socket. @throws InputError with one line that names the path and the reason */
  make(): MadeSocket {
    try {
      clearStaleSocket(this.#path);
      const opened = this.#opener.open(this.#path, this.#context, this.#counters);
      try {
        return { file: SocketFile.ofNew(this.#path), opened };
      } catch (error) {
        opened.discard();
        throw error;
      }
    } catch (error) {
      throw this.#cannotMake(error);
    }
  }

  #cannotMake(error: unknown): InputError {
    return new InputError(`cannot create log socket "${this.#path}": ${errorText(error)}`, { cause: error });
  }
}
