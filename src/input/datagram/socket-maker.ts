/**
 * Makes a log socket at a path, with its file. A socket at which another program receives is never taken.
 */
import { errorText } from '../../sys/call/error-text.ts';
import { clearStaleSocket, SocketFile, tryStat } from '../../sys/socket/socket-file.ts';
import { type InputCounters, InputError } from '../input.ts';
import type { InputContext, LogSocketOpener, OpenedLogSocket } from '../transport.ts';

/** Bound, not yet read, with the file that was made for it. */
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

  /** @returns whether another program receives at the path. @throws InputError where that cannot be known */
  isTaken(): boolean {
    try {
      return tryStat(this.#path) !== null && this.#opener.isAlive(this.#path);
    } catch (error) {
      throw this.#cannotMake(error);
    }
  }

  /** Removes a socket that nobody receives at, and binds a new one. @throws InputError with one line: the path, and why */
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
    return new InputError(`cannot make log socket "${this.#path}": ${errorText(error)}`, { cause: error });
  }
}
