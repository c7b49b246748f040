/**
 * A log socket, such as /dev/log: a Unix datagram socket with a name in the file system. Source: unix(7), syslog(3).
 *
 * When the name or its directory is removed, the socket is made again: the new one is bound before the old one is
 * emptied and closed, so that nothing is lost and clients connected to the old one notice. The path is checked
 * whenever it changes and, while retrying, each second, but not while the input is frozen:
 *
 * | state      | its file is there | gone                 | another program's, or cannot be made | leave, close |
 * | ---------- | ----------------- | -------------------- | ------------------------------------ | ------------ |
 * | `open`     | `open`            | `open`, new, logged  | `retrying`, logged                   | `closed`     |
 * | `retrying` | `open`, logged    | `open`, new, logged  | `retrying`                           | `closed`     |
 * | `closed`   | -                 | -                    | -                                    | -            |
 */
import { SEVERITY } from '../../protocol/priority.ts';
import { errorCode, errorText } from '../../sys/call/error-text.ts';
import type { PathWatcher } from '../../sys/file/path-watch.ts';
import type { SocketFile } from '../../sys/socket/socket-file.ts';
import { createInputCounters, type Input, type InputCounters, InputError, type InputState } from '../input.ts';
import type { OpenSocket } from '../shared-socket.ts';
import type { InputContext, LogSocketOpener, OpenedLogSocket, Transport } from '../transport.ts';
import { describeListener } from './socket-listener.ts';
import { type MadeSocket, SocketMaker } from './socket-maker.ts';

/** Between two attempts to make the socket. */
const RETRY_MS = 1000;

/** An open log socket, with the file that was made for it. */
export interface OpenLogSocket {
  readonly file: SocketFile;
  readonly open: (context: InputContext, counters: InputCounters) => OpenedLogSocket;
}

export interface LogSocketOptions {
  readonly path: string;
  readonly opener: LogSocketOpener;
  readonly context: InputContext;
  readonly watcher: Pick<PathWatcher, 'watch'>;
  readonly paused: boolean;
  /** Taken over instead of making one. */
  readonly existing?: OpenLogSocket | undefined;
  /** If it cannot be made, sets {@link LogSocket.failure} and retries instead of throwing. Default: false. */
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
  readonly #maker: SocketMaker;
  readonly #context: InputContext;
  readonly #unwatch: () => void;
  #state: InputState = 'open';
  #paused: boolean;
  /** Null: not made yet. */
  #bound: Bound | null = null;
  #failure: string | null = null;
  #retry: NodeJS.Timeout | null = null;
  #frozen = false;

  /** @throws InputError where it cannot be made, unless `mayWait`: one line that names the path */
  constructor({ path, opener, context, watcher, paused, existing, mayWait }: LogSocketOptions) {
    this.label = path;
    this.#context = context;
    this.#maker = new SocketMaker(path, opener, context, this.counters);
    this.#paused = paused;
    if (existing === undefined) this.#begin(mayWait === true);
    else this.#bound = { file: existing.file, transport: existing.open(context, this.counters).start(paused) };
    this.#unwatch = watcher.watch(path, () => this.#look());
  }

  /** Why it could not be made, which the caller reports; null: it was made. */
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
      if (this.#maker.isTaken())
        throw new InputError(`cannot create log socket "${this.label}": ${describeListener(this.label)}`);
      this.#bound = this.#start(this.#maker.make());
    } catch (error) {
      if (!mayWait || !(error instanceof InputError) || isHopeless(error)) throw error;
      this.#failure = error.message;
      this.#wait();
    }
  }

  #start({ file, opened }: MadeSocket): Bound {
    return { file, transport: opened.start(this.#paused) };
  }

  /** The path has changed, or it is time to try again. */
  #look(): void {
    if (this.#state === 'closed' || this.#frozen) return;
    const wasRetrying = this.#state === 'retrying';
    try {
      const isThere = this.#bound?.file.isThere() === true;
      const how = isThere ? 'is back' : this.#makeAgain();
      if (how === null) return;
      this.#goOn();
      if (wasRetrying || !isThere) this.#report(SEVERITY.notice, `log socket ${this.label} ${how}`);
    } catch (error) {
      const why =
        error instanceof InputError ? error.message : `log socket ${this.label} disappeared: ${errorText(error)}`;
      this.#wait();
      if (!wasRetrying) this.#report(SEVERITY.warning, `${why}: retrying`);
    }
  }

  /** @returns what to report; null: nothing, it was closed in the meantime */
  #makeAgain(): string | null {
    // The program that replaced it may have died since and left it behind.
    if (this.#maker.isTaken()) throw new InputError(`log socket ${this.label} was taken over by another program`);
    const made = this.#maker.make();
    const before = this.#bound;
    // The old socket holds the older messages. Delivering them may run any code of the daemon.
    before?.transport.close();
    if (this.#state === 'closed') {
      made.opened.discard();
      made.file.remove();
      return null;
    }
    this.#bound = this.#start(made);
    this.#failure = null;
    return before === null ? 'was created' : 'disappeared and was recreated';
  }

  #wait(): void {
    this.#state = 'retrying';
    this.#retry ??= setInterval(() => this.#look(), RETRY_MS).unref();
  }

  #goOn(): void {
    this.#state = 'open';
    if (this.#retry !== null) clearInterval(this.#retry);
    this.#retry = null;
  }

  #report(severity: number, text: string): void {
    this.#context.events.report(severity, text);
  }
}

/** The path itself is wrong: trying again is no use. */
function isHopeless({ cause }: InputError): boolean {
  return ['ENAMETOOLONG', 'EINVAL'].includes(errorCode(cause));
}
