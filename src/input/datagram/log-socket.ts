/**
 * A log socket, such as /dev/log: a Unix datagram socket with a name in the file system. Source: unix(7), syslog(3).
 *
 * When its name is gone (removed, or its directory is) it is made again: the new socket is bound before the old
 * one is emptied and closed, so that nothing is lost and those connected to the old one notice. A socket at which
 * somebody listens is never taken.
 */
import { SEVERITY } from '../../protocol/priority.ts';
import { errorCode, errorText } from '../../sys/call/error-text.ts';
import type { PathWatcher } from '../../sys/file/path-watch.ts';
import { createInputCounters, type Input, type InputCounters, InputError, type InputState } from '../input.ts';
import type { OpenSocket } from '../shared-socket.ts';
import { clearStaleSocket, SocketFile, tryStat } from '../../sys/socket/socket-file.ts';
import { describeListener } from './socket-listener.ts';
import type { InputContext, LogSocketOpener, OpenedLogSocket, Transport } from '../transport.ts';

/** Between two attempts to make it again. */
const RETRY_MS = 1000;

/** A log socket that is open, with the file that was made for it. */
export interface OpenLogSocket {
  readonly file: SocketFile;
  readonly open: (context: InputContext, counters: InputCounters) => OpenedLogSocket;
}

export interface LogSocketOptions {
  readonly path: string;
  readonly opener: LogSocketOpener;
  readonly context: InputContext;
  readonly watcher: PathWatcher;
  readonly paused: boolean;
  /** Taken over instead of being made. */
  readonly existing?: OpenLogSocket | undefined;
  /** One that cannot be made is {@link LogSocket.failure}, and tried again, instead of an error. Default false. */
  readonly mayWait?: boolean;
}

/** What is bound. */
interface Bound {
  readonly file: SocketFile;
  readonly transport: Transport;
}

export class LogSocket implements Input {
  readonly kind = 'log socket';
  readonly label: string;
  readonly counters: InputCounters = createInputCounters();
  readonly #opener: LogSocketOpener;
  readonly #context: InputContext;
  readonly #unwatch: () => void;
  #state: InputState = 'open';
  #paused: boolean;
  /** Null: it could not be made yet. */
  #bound: Bound | null = null;
  #failure: string | null = null;
  #retry: NodeJS.Timeout | null = null;
  #frozen = false;

  /** @throws InputError where it cannot be made, unless it may wait: one line that names the path */
  constructor({ path, opener, context, watcher, paused, existing, mayWait }: LogSocketOptions) {
    this.label = path;
    this.#opener = opener;
    this.#context = context;
    this.#paused = paused;
    if (existing === undefined) this.#begin(mayWait === true);
    else this.#bound = { file: existing.file, transport: existing.open(context, this.counters).start(paused) };
    this.#unwatch = watcher.watch(path, () => this.#look());
  }

  /** Why it could not be made; null: it is open. Told by whoever made it. */
  get failure(): string | null {
    return this.#failure;
  }

  get state(): InputState {
    return this.#state;
  }

  pause(): void {
    this.#paused = true;
    if (this.#state !== 'closed') this.#bound?.transport.pause();
  }

  resume(): void {
    this.#paused = false;
    if (this.#state !== 'closed') this.#bound?.transport.resume();
  }

  openSockets(): readonly OpenSocket[] {
    const shared = this.#bound?.transport.shared ?? null;
    if (this.#bound === null || shared === null || this.#state === 'closed') return [];
    const { dev, ino } = this.#bound.file;
    return [{ record: { kind: 'log', path: this.label, dev, ino }, shared }];
  }

  freeze(frozen: boolean): void {
    this.#frozen = frozen;
    if (!frozen) this.#look();
  }

  leave(): void {
    if (this.#end()) this.#bound?.transport.shared?.leave();
  }

  close(): void {
    if (!this.#end()) return;
    this.#bound?.file.remove();
    this.#bound?.transport.close();
  }

  /** @returns whether it has not ended before */
  #end(): boolean {
    if (this.#state === 'closed') return false;
    this.#state = 'closed';
    this.#unwatch();
    if (this.#retry !== null) clearInterval(this.#retry);
    return true;
  }

  #begin(mayWait: boolean): void {
    try {
      if (this.#isSomebodyThere())
        throw new InputError(`cannot make log socket "${this.label}": ${describeListener(this.label)}`);
      this.#bound = this.#start(this.#make());
    } catch (error) {
      if (!mayWait || !(error instanceof InputError) || isHopeless(error)) throw error;
      this.#failure = error.message;
      this.#wait();
    }
  }

  #isSomebodyThere(): boolean {
    try {
      return tryStat(this.label) !== null && this.#opener.isAlive(this.label);
    } catch (error) {
      throw this.#cannotMake(error);
    }
  }

  #make(): { readonly file: SocketFile; readonly opened: OpenedLogSocket } {
    try {
      clearStaleSocket(this.label);
      const opened = this.#opener.open(this.label, this.#context, this.counters);
      try {
        return { file: SocketFile.ofNew(this.label), opened };
      } catch (error) {
        opened.discard();
        throw error;
      }
    } catch (error) {
      throw this.#cannotMake(error);
    }
  }

  #cannotMake(error: unknown): InputError {
    return new InputError(`cannot make log socket "${this.label}": ${errorText(error)}`, { cause: error });
  }

  #start({ file, opened }: { readonly file: SocketFile; readonly opened: OpenedLogSocket }): Bound {
    return { file, transport: opened.start(this.#paused) };
  }

  /** Something happened to the path, or it is time to try again. */
  #look(): void {
    if (this.#state === 'closed' || this.#frozen) return;
    try {
      if (this.#bound?.file.isThere() === true) this.#recovered('is there again');
      else this.#makeAgain();
    } catch (error) {
      this.#failed(
        error instanceof InputError ? error.message : `log socket ${this.label} is gone: ${errorText(error)}`,
      );
    }
  }

  #makeAgain(): void {
    // Whoever replaced it may have died since and left it behind.
    if (this.#isSomebodyThere()) throw new InputError(`log socket ${this.label} was taken over by another program`);
    const made = this.#make();
    // What is in the old socket is older.
    this.#bound?.transport.close();
    const how = this.#bound === null ? 'is made now' : 'was gone and is made again';
    this.#bound = this.#start(made);
    this.#failure = null;
    this.#recovered(how, true);
  }

  #failed(text: string): void {
    if (this.#state === 'retrying') return;
    this.#wait();
    this.#context.events.report(SEVERITY.warning, `${text}: trying again`);
  }

  #wait(): void {
    this.#state = 'retrying';
    this.#retry ??= setInterval(() => this.#look(), RETRY_MS).unref();
  }

  #recovered(how: string, always = false): void {
    const wasRetrying = this.#state === 'retrying';
    // deliver may have closed us while the old socket was emptied.
    if (this.#state !== 'closed') this.#state = 'open';
    if (this.#retry !== null) clearInterval(this.#retry);
    this.#retry = null;
    if (wasRetrying || always) this.#context.events.report(SEVERITY.notice, `log socket ${this.label} ${how}`);
  }
}

/** The path itself is wrong: no time mends that. */
function isHopeless({ cause }: InputError): boolean {
  return ['ENAMETOOLONG', 'EINVAL'].includes(errorCode(cause));
}
