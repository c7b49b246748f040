/**
 * Keeps a FIFO at its path: checks whether it is still there, creates it if it is missing, opens it as soon as somebody
 * reads. One step at a time; a failed check is followed by a pause. The output decides what to do about the open FIFO.
 */
import { errorCode, errorText } from '../../sys/call/error-text.ts';
import type { PathWatcher } from '../../sys/file/path-watch.ts';
import { LifeTimer, type OutputLife } from '../life.ts';
import type { FifoPath, OpenFifo } from './fifo-path.ts';
import type { MadeFifos } from './made-fifos.ts';

/** What is found at the path; the output acts on it. */
export interface PathEvents {
  /** @returns the open FIFO; null: none */
  current(): OpenFifo | null;
  /** Somebody reads the FIFO, and it was opened for writing. */
  opened(fifo: OpenFifo): void;
  /** The path names a FIFO, as far as is known. */
  found(): void;
  /** The path names a FIFO other than the open one. */
  replaced(): void;
  /** The path names no FIFO, and none can be created. */
  missing(reason: string): void;
  /** No reader was found. */
  unread(): void;
  /** All work is done. Not called once the end has begun. */
  idle(): void;
}

export interface PathKeeperParts {
  readonly name: string;
  readonly path: FifoPath;
  readonly fifos: MadeFifos;
  readonly watcher: PathWatcher;
  readonly life: OutputLife;
  /** Pause between two attempts to have a FIFO at the path. */
  readonly retryMs: number;
}

export class PathKeeper {
  readonly #parts: PathKeeperParts;
  readonly #events: PathEvents;
  readonly #timer: LifeTimer;
  #work: Promise<unknown> | null = null;
  #lookWanted = false;
  #isWrong = false;
  #unwatch: (() => void) | null = null;

  constructor(parts: PathKeeperParts, events: PathEvents) {
    this.#parts = parts;
    this.#events = events;
    this.#timer = new LifeTimer(parts.life, () => this.look());
    parts.fifos.enter(parts.name);
  }

  /** The step in progress; null: none. */
  get work(): Promise<unknown> | null {
    return this.#work;
  }

  /** There is no FIFO at the path, as far as is known. */
  get isWrong(): boolean {
    return this.#isWrong;
  }

  /** The first check. @returns null, or why there is no FIFO at the path */
  open(persist: boolean): Promise<string | null> {
    return this.#begin(this.#firstLook(persist));
  }

  /** Checks whether the path still names the open FIFO, as soon as no other step is in progress. */
  look(): void {
    if (this.#parts.life.ending) return;
    this.#lookWanted = true;
    if (this.#work === null) void this.#begin(this.#look());
  }

  /** Looks for a reader. Only if no other step is in progress. */
  seek(): Promise<void> {
    return this.#begin(this.#seek());
  }

  unwatch(): void {
    this.#unwatch?.();
  }

  /** The output is closed: removes what was created, once no check is in progress that may still create it. */
  close(): void {
    const { fifos, name } = this.#parts;
    const leave = (): void => fifos.leave(name);
    if (this.#work === null) leave();
    else void this.#work.then(leave, leave);
  }

  async #begin<T>(work: Promise<T>): Promise<T> {
    this.#work = work;
    try {
      return await work;
    } finally {
      this.#work = null;
      if (!this.#parts.life.ending) {
        if (this.#lookWanted) void this.#begin(this.#look());
        else this.#events.idle();
      }
    }
  }

  async #firstLook(persist: boolean): Promise<string | null> {
    const { path, watcher, life, name } = this.#parts;
    let reason: string | null = null;
    try {
      await path.settle(null);
      // The previous process may be about to close it: a reader would see end of file before the first message.
      const opened = await path.open().catch(() => null);
      if (opened !== null) this.#events.opened(opened);
    } catch (error) {
      reason = errorText(error);
      if (!persist) return reason;
    }
    if (life.ending) return reason;
    this.#unwatch = watcher.watch(name, () => this.look());
    if (reason === null) life.on('works');
    else this.#wrong(reason);
    return reason;
  }

  async #look(): Promise<void> {
    this.#lookWanted = false;
    this.#timer.stop();
    try {
      const found = await this.#parts.path.settle(this.#events.current());
      const open = this.#events.current();
      if (open !== null && (open.dev !== found.dev || open.ino !== found.ino)) this.#events.replaced();
      this.#isWrong = false;
      this.#events.found();
    } catch (error) {
      this.#wrong(errorText(error));
    }
  }

  async #seek(): Promise<void> {
    const { path, life } = this.#parts;
    try {
      // At the end nothing is created any more.
      if (!life.ending) await path.settle(null);
      this.#events.opened(await path.open());
      this.#isWrong = false;
    } catch (error) {
      if (errorCode(error) !== 'ENXIO') this.#wrong(errorText(error));
      if (!life.closed) this.#events.unread();
    }
  }

  #wrong(reason: string): void {
    if (this.#parts.life.closed) return;
    this.#isWrong = true;
    this.#events.missing(reason);
    this.#timer.start(this.#parts.retryMs);
  }
}
