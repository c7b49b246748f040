/**
 * What every output must do, whatever it writes to.
 *
 * - Take records into its queue without ever blocking; the queue is bounded in bytes.
 * - Write whole records only; a record that cannot be kept is counted.
 * - Report a failure once when it starts, and its end once it has lasted, with the number of records lost.
 * - Reopen by opening the new before closing the old.
 * - Finish, or give up, by the shutdown deadline.
 */
import type { LineQueue } from '../queue/line-queue.ts';
import type { MadeFile } from './target/made-file.ts';

/** Life of an output. `retrying`: what it writes to does not work; it tries again by itself. */
export type OutputState = 'opening' | 'open' | 'retrying' | 'draining' | 'closed';

/** What an output writes to, as the statistics name it. */
export type OutputKind = 'file' | 'terminal' | 'device' | 'fifo' | 'command' | 'forward' | 'users';

/** Counters of records. */
export interface OutputCounters {
  /** Taken into the queue. */
  accepted: number;
  /** Messages that the queue did not take; part of `dropped`. */
  refused: number;
  /** Refused by a full queue, or given up. */
  dropped: number;
  /** Failed attempts to write or open. */
  failures: number;
  /** Of those accepted or refused, the daemon's own messages. */
  own: number;
}

/** No counts yet. */
export function createOutputCounters(): OutputCounters {
  return { accepted: 0, refused: 0, dropped: 0, failures: 0, own: 0 };
}

/** One line for the daemon's own log; `severity` as in SEVERITY. */
export type Report = (severity: number, text: string) => void;

export interface Output {
  readonly kind: OutputKind;
  /** What it writes to: a path, a command, `@host`, names. */
  readonly name: string;
  /**
   * Gets ready for the first time; called once, before anything else.
   *
   * @param persist where that fails, report it and go on trying
   * @returns null, or why it cannot be done
   */
  open(persist: boolean): Promise<string | null>;
  /** As the log names it: `file "/var/log/messages"`. */
  readonly label: string;
  readonly state: OutputState;
  readonly counters: OutputCounters;
  readonly queue: LineQueue;
  /** Records end in CR LF, as terminals want them. */
  readonly crlf: boolean;
  /** Nothing that {@link flush} starts waits for promises or process.nextTick: it needs no turn of the event loop. */
  readonly turnless?: boolean;
  /** Counts messages whose record the queue refused: one, or those that a summary stands for. */
  refuse(messages: number): void;
  /** Records handed to the kernel since the beginning, less those known not to have arrived. */
  written(): number;
  /** Called once for each batch that brought records; `nowMs` is of performance.now(). Never blocks. */
  flush(nowMs: number): void;
  /** Looks whether what it writes to is still the one at its path, and opens that otherwise. */
  reopen(): void;
  /** A file is written that has rotation. */
  readonly rotates?: boolean;
  /** Begins a new file where one is written that has rotation. @returns whether it has. */
  rotate?(): boolean;
  /** True while the queue is long though writing makes headway: inputs had better wait. */
  congested(nowMs: number): boolean;
  /**
   * Writes nothing before another output of the same place is closed, whose queue holds what came before.
   *
   * @param closed resolves, sooner or later, when it is
   * @param advances whether it makes headway
   */
  follow?(closed: Promise<unknown>, advances: (nowMs: number) => boolean): void;
  /** Which file is open, equal for all paths that lead to it; null: none. */
  readonly identity?: string | null;
  /** Whether writing makes headway. */
  advances?(nowMs: number): boolean;
  /** Reports the end of a failure that seems to be over: there is no more time to see whether that lasts. */
  settle(): void;
  /**
   * Begins the end: what does not work is tried once more, and from then on nothing is tried by itself. What comes
   * afterwards, the daemon's own messages about the end, is still written. May be called again.
   *
   * @returns when all is written that was queued, when that cannot be done, or at `deadlineMs` (performance.now())
   */
  drain(deadlineMs: number): Promise<void>;
  /** At the end: it writes, has written all that it was given, and has nothing to tell. */
  readonly sound: boolean;
  /**
   * Writes what is queued, gives up at `deadlineMs`, closes. A call with a nearer deadline may overtake another.
   *
   * @returns records that were given up although there was somebody to take them
   */
  close(deadlineMs: number): Promise<number>;
  /** Closes what was opened for nothing. @returns the file that was made by that, to be removed */
  abandon?(): Promise<MadeFile | null>;
}
