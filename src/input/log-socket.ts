/**
 * A log socket, such as /dev/log: a Unix datagram socket with a name in the file system. Source: unix(7), syslog(3).
 *
 * When its name is gone (removed, or its directory is) it is made again: the new socket is bound before the old
 * one is emptied and closed, so that nothing is lost and those connected to the old one notice. Whether another
 * daemon receives at the path is not looked at on opening; that is the pid file's business.
 */
import { SEVERITY } from '../protocol/priority.ts';
import { errorText } from '../sys/error-text.ts';
import type { PathWatcher } from '../sys/path-watch.ts';
import {
  createInputCounters,
  type Input,
  type InputCounters,
  InputError,
  type InputState,
  type OpenSocket,
} from './input.ts';
import { clearStaleSocket, SocketFile, tryStat } from './socket-file.ts';
import type { InputContext, LogSocketOpener, OpenedLogSocket, Transport } from './transport.ts';

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
  #transport: Transport;
  #file: SocketFile;
  #retry: NodeJS.Timeout | null = null;
  #frozen = false;

  /**
   * @throws InputError where something else than a socket is at the path, SysError or InputError where it cannot
   *   be bound: one line that names the path
   */
  constructor({ path, opener, context, watcher, paused, existing }: LogSocketOptions) {
    this.label = path;
    this.#opener = opener;
    this.#context = context;
    this.#paused = paused;
    if (existing === undefined) clearStaleSocket(path);
    const { file, opened } =
      existing === undefined ? this.#make() : { file: existing.file, opened: existing.open(context, this.counters) };
    this.#file = file;
    this.#transport = opened.start(paused);
    this.#unwatch = watcher.watch(path, () => this.#look());
  }

  get state(): InputState {
    return this.#state;
  }

  pause(): void {
    this.#paused = true;
    if (this.#state !== 'closed') this.#transport.pause();
  }

  resume(): void {
    this.#paused = false;
    if (this.#state !== 'closed') this.#transport.resume();
  }

  openSockets(): readonly OpenSocket[] {
    const { shared } = this.#transport;
    if (shared === null || this.#state === 'closed') return [];
    const { dev, ino } = this.#file;
    return [{ record: { kind: 'log', path: this.label, dev, ino }, shared }];
  }

  freeze(frozen: boolean): void {
    this.#frozen = frozen;
    if (!frozen) this.#look();
  }

  leave(): void {
    if (this.#end()) this.#transport.shared?.leave();
  }

  close(): void {
    if (!this.#end()) return;
    this.#file.remove();
    this.#transport.close();
  }

  /** @returns whether it has not ended before */
  #end(): boolean {
    if (this.#state === 'closed') return false;
    this.#state = 'closed';
    this.#unwatch();
    if (this.#retry !== null) clearInterval(this.#retry);
    return true;
  }

  #make(): { readonly file: SocketFile; readonly opened: OpenedLogSocket } {
    try {
      const opened = this.#opener.open(this.label, this.#context, this.counters);
      try {
        return { file: SocketFile.ofNew(this.label), opened };
      } catch (error) {
        opened.discard();
        throw error;
      }
    } catch (error) {
      throw new InputError(`cannot make log socket "${this.label}": ${errorText(error)}`, { cause: error });
    }
  }

  /** Something happened to the path, or it is time to try again. */
  #look(): void {
    if (this.#state === 'closed' || this.#frozen) return;
    try {
      if (this.#file.isThere()) this.#recovered('is there again');
      else this.#makeAgain();
    } catch (error) {
      this.#failed(
        error instanceof InputError ? error.message : `log socket ${this.label} is gone: ${errorText(error)}`,
      );
    }
  }

  #makeAgain(): void {
    if (tryStat(this.label) !== null) {
      // Whoever replaced it may have died since and left it behind.
      if (this.#opener.isAlive(this.label))
        throw new InputError(`log socket ${this.label} was taken over by another program`);
      clearStaleSocket(this.label);
    }
    const { file, opened } = this.#make();
    // What is in the old socket is older.
    this.#transport.close();
    this.#file = file;
    this.#transport = opened.start(this.#paused);
    this.#recovered('was gone and is made again', true);
  }

  #failed(text: string): void {
    if (this.#state === 'retrying') return;
    this.#state = 'retrying';
    this.#context.events.report(SEVERITY.warning, `${text}: trying again`);
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
