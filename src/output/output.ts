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

/** State of an output. `retrying`: what it writes to does not work; it retries by itself. */
export type OutputState = 'opening' | 'open' | 'retrying' | 'draining' | 'closed';

/** What an output writes to, as named in the statistics. */
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
  /** The daemon's own messages among those accepted or refused. */
  own: number;
}

/** @returns counters at zero */
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
   * @param persist if that fails, report it and keep trying
   * @returns null, or why it cannot be done
   */
  open(persist: boolean): Promise<string | null>;
  /** As named in the log: `file "/var/log/messages"`. */
  readonly label: string;
  readonly state: OutputState;
  readonly counters: OutputCounters;
  readonly queue: LineQueue;
  /** Records end in CR LF, for terminals. */
  readonly crlf: boolean;
  /** Nothing that {@link flush} starts needs promises or process.nextTick, and so no turn of the event loop. */
  readonly turnless?: boolean;
  /** Counts messages whose record the queue refused: one, or all that a summary stands for. */
  refuse(messages: number): void;
  /** Records handed to the kernel since the beginning, less those known not to have arrived. */
  written(): number;
  /** Called once for each batch that brought records; `nowMs` is from performance.now(). Never blocks. */
  flush(nowMs: number): void;
  /** Checks whether what it writes to is still at its path, and otherwise opens what is there. */
  reopen(): void;
  /** It writes a file with rotation. */
  readonly rotates?: boolean;
  /** Starts a new file if it writes one with rotation. @returns whether it does */
  rotate?(): boolean;
  /** True while the queue is long although writing makes progress: inputs should wait. */
  congested(nowMs: number): boolean;
  /**
   * Writes nothing until another output to the same place is closed, whose queue holds earlier records.
   *
   * @param closed resolves, sooner or later, when it is closed
   * @param advances whether it makes progress
   */
  follow?(closed: Promise<unknown>, advances: (nowMs: number) => boolean): void;
  /** Identifies the open file, equal for all paths that lead to it; null: none. */
  readonly identity?: string | null;
  /** Whether writing makes progress. */
  advances?(nowMs: number): boolean;
  /** Reports the end of a failure that seems to be over: there is no time left to see whether it lasts. */
  settle(): void;
  /**
   * Begins the end: what does not work is tried once more, and from then on nothing is retried. What arrives
   * afterwards, the daemon's own messages about the end, is still written. May be called again.
   *
   * @returns when everything queued is written, when that is impossible, or at `deadlineMs` (performance.now())
   */
  drain(deadlineMs: number): Promise<void>;
  /** At the end: it works, has written everything it was given, and has nothing to report. */
  readonly sound: boolean;
  /**
   * Writes what is queued, gives up at `deadlineMs`, closes. A call with a nearer deadline may overtake another.
   *
   * @returns records that were given up although something could have taken them
   */
  close(deadlineMs: number): Promise<number>;
  /** Closes what was opened in vain. @returns the file created by that, to be removed */
  abandon?(): Promise<MadeFile | null>;
}
