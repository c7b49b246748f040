/**
 * The control pipe: a FIFO from which the daemon takes commands, one word per line, for scripts that can only write to
 * a file. Its mode, 0600, says who may write. Source: tsyslogd(8), section CONTROL; fifo(7).
 *
 * It is opened for reading and writing, so that there is no end of file when the last writer closes it. Input is
 * considered hostile: its rate, its length and the reports about it are bounded.
 */
import { closeSync, constants, fchmodSync, fstatSync, openSync, type Stats } from 'node:fs';
import { Socket } from 'node:net';
import { kindOf, tryStat } from '../sys/socket/socket-file.ts';
import type { Report } from '../output/output.ts';
import { errorCode, errorText } from '../sys/call/error-text.ts';
import { OperatorError } from '../sys/call/errors.ts';
import { makeFifo } from '../sys/file/fifo.ts';
import { refuseForeign } from '../sys/file/foreign.ts';
import { type Spot, withSpotSync } from '../sys/file/spot.ts';
import type { PathWatcher } from '../sys/file/path-watch.ts';
import { KeptPath } from './kept-path.ts';
import { WordReader } from './words.ts';
import { OwnedPath } from './owned-path.ts';

const { O_NOCTTY, O_NONBLOCK, O_RDWR, O_WRONLY } = constants;

const MODE = 0o600;
/** Time between two reads, so that a flood delays only its writer. */
const READ_PAUSE_MS = 50;

/** The pipe cannot be set up at start; the message is for the operator. */
export class ControlPipeError extends OperatorError {
  override readonly name = 'ControlPipeError';
}

export interface ControlPipeOptions {
  readonly path: string;
  /** The FIFO at `path`, opened by the previous process; null: none. */
  readonly inheritedFd: number | null;
  readonly report: Report;
  /** Null: a path that disappears is not recreated. */
  readonly watcher: PathWatcher | null;
  readonly retryMs?: number;
}

interface OpenPipe {
  readonly fd: number;
  readonly file: OwnedPath;
}

export class ControlPipe {
  readonly #options: ControlPipeOptions;
  #pipe: OpenPipe | null = null;
  #words: WordReader | null = null;
  #socket: Socket | null = null;
  /** Null: a path that disappears is not recreated. */
  #kept: KeptPath | null = null;
  #pause: NodeJS.Timeout | null = null;

  constructor(options: ControlPipeOptions) {
    this.#options = options;
  }

  /** The open FIFO, for a handover; null if there is none. */
  get fd(): number | null {
    return this.#pipe?.fd ?? null;
  }

  /**
   * Creates it, or reuses the one left by a daemon of the same user. Nothing is read before {@link serve}.
   *
   * @throws ControlPipeError
   */
  open(): void {
    const { path, inheritedFd, watcher, report, retryMs } = this.#options;
    try {
      this.#pipe = inheritedFd === null ? openPipe(path) : { fd: inheritedFd, file: new OwnedPath(path) };
    } catch (error) {
      throw new ControlPipeError(`cannot use control pipe "${path}": ${errorText(error)}`, { cause: error });
    }
    if (watcher === null) return;
    this.#kept = new KeptPath({
      path,
      watcher,
      report,
      retryMs,
      restore: () => this.#restore(),
      madeAgain: `control pipe "${path}" disappeared and was recreated`,
      isGone: (reason) => `control pipe "${path}" disappeared: ${reason}: retrying`,
    });
  }

  /** @param act carries out a word; false: it is unknown */
  serve(act: (word: string) => boolean): void {
    this.#words = new WordReader(this.#options.path, act, this.#options.report);
    this.#read();
  }

  /** Removes it if it is still ours. */
  close(): void {
    this.#pipe?.file.remove();
    this.abandon();
  }

  /** As {@link close}, but leaves the FIFO: another process reads it. */
  abandon(): void {
    this.#kept?.close();
    if (this.#pause !== null) clearTimeout(this.#pause);
    this.#words?.close();
    this.#letGo();
  }

  #read(): void {
    const pipe = this.#pipe;
    const words = this.#words;
    if (pipe === null || words === null) return;
    const socket = new Socket({ fd: pipe.fd, readable: true, writable: false });
    this.#socket = socket;
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => {
      socket.pause();
      this.#pause = setTimeout(() => socket.resume(), READ_PAUSE_MS);
      words.take(bytes);
    });
  }

  #letGo(): void {
    const pipe = this.#pipe;
    this.#pipe = null;
    if (this.#socket !== null) this.#socket.destroy();
    else if (pipe !== null) closeSync(pipe.fd);
    this.#socket = null;
  }

  /** @returns whether the path was gone */
  #restore(): boolean {
    if (this.#pipe?.file.isThere() === true) return false;
    const next = openPipe(this.#options.path);
    if (this.#pause !== null) clearTimeout(this.#pause);
    this.#letGo();
    this.#pipe = next;
    this.#read();
    return true;
  }
}

/** @throws Error if what is there is not ours; the system's error */
function openPipe(path: string): OpenPipe {
  const existed = tryStat(path) !== null;
  if (!existed) makeFifo(path, MODE);
  return withSpotSync(path, 'look', (spot) => {
    if (spot.stats !== null) checkPipe(spot.stats);
    refuseForeign(spot, 'fifo');
    if (existed && hasReaderAt(spot)) throw new Error('another program is reading it');
    const file = new OwnedPath(path);
    // Opening for reading and writing, which Linux allows, never blocks and never sees an end of file.
    const fd = openSync(spot.found, O_RDWR | O_NOCTTY | O_NONBLOCK | spot.nofollow);
    try {
      const stat = fstatSync(fd);
      checkPipe(stat);
      if (stat.dev !== file.dev || stat.ino !== file.ino) throw new Error('it was replaced by something else');
      fchmodSync(fd, MODE);
      return { fd, file };
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  });
}

/** @throws Error */
function checkPipe(there: Stats): void {
  if (!there.isFIFO()) throw new Error(`${kindOf(there)} is in the way`);
  if (there.uid !== process.geteuid?.()) throw new Error(`it belongs to another user, uid ${there.uid}`);
}

/** Whether somebody has a FIFO open for reading. Source: open(2) ENXIO. */
function hasReaderAt({ found, nofollow }: Spot): boolean {
  try {
    closeSync(openSync(found, O_WRONLY | O_NOCTTY | O_NONBLOCK | nofollow));
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENXIO') return false;
    throw error;
  }
}
