/**
 * The kernel's log, /dev/kmsg: one line for each record, with its priority and the tag `kernel`. Records written by
 * user space keep their own facility and tag.
 *
 * Records from before the start of the daemon have the kernel's time, later ones the time of receipt (or, with `-t`,
 * the kernel's time too). Gaps in the sequence numbers tell how many records were overwritten before they were read.
 */
import { appendRow, F_CUT, ORIGIN } from '../../dgram-parser/columns/batch.ts';
import type { Zone } from '../../protocol/calendar.ts';
import { SEVERITY } from '../../protocol/priority.ts';
import { errorCode, errorText } from '../../sys/call/error-text.ts';
import type { Readiness } from '../../sys/call/readiness.ts';
import { CutWatch } from '../cut-watch.ts';
import { createInputCounters, type Input, type InputCounters, type InputState } from '../input.ts';
import type { OpenSocket } from '../shared-socket.ts';
import type { InputContext } from '../transport.ts';
import { BootClock } from './boot-clock.ts';
import type { KernelCache } from './kernel-cache.ts';
import { KMSG_FILE, type KmsgFile } from './kmsg-file.ts';
import { type KmsgRecord, parseKmsgRecord } from './kmsg-record.ts';
import { ReadPosition, TAKEN_BEFORE } from './position.ts';

/** More than the longest record; a shorter buffer is refused with EINVAL. */
const RECORD_MAX_BYTES = 16_384;
/** Records read before other inputs get their turn. */
const TURN_RECORDS = 512;
/** Pause after an error. */
const ERROR_PAUSE_MS = 1000;

export interface KernelLogOptions {
  readonly path: string;
  readonly file?: KmsgFile;
  /** `-t` */
  readonly trustTime: boolean;
  /** For the times of records. */
  readonly zone: Zone;
  readonly cache: KernelCache;
  readonly context: InputContext;
  readonly paused: boolean;
  /** The log as the previous process has it open. */
  readonly existing?: OpenKernelLog | null;
}

/** The open log. Processes that share it also share one position. */
export interface OpenKernelLog {
  readonly fd: number;
  /** Sequence number of the last record read; -1: none. */
  readonly last: number;
}

export class KernelLog implements Input {
  readonly kind = 'kernel';
  readonly label: string;
  readonly counters: InputCounters = createInputCounters();
  readonly #options: KernelLogOptions;
  readonly #file: KmsgFile;
  readonly #cuts: CutWatch;
  readonly #buffer = Buffer.alloc(RECORD_MAX_BYTES);
  readonly #bootClock: BootClock;
  readonly #position: ReadPosition;
  #state: InputState = 'opening';
  #fd = -1;
  #paused: boolean;
  #readiness: Readiness | null = null;
  #errorPause: NodeJS.Timeout | null = null;
  /** As last reported; empty: the last read succeeded. */
  #lastError = '';
  /** Still reading records from before the start. */
  #backlog = true;

  constructor(options: KernelLogOptions) {
    this.label = options.path;
    this.#options = options;
    this.#file = options.file ?? KMSG_FILE;
    this.#paused = options.paused;
    const { batch, events, lossSettleMs } = options.context;
    this.#cuts = new CutWatch({
      kind: 'kernel',
      label: `kernel log ${options.path}`,
      limitBytes: batch.messageBytes,
      report: events.report,
      counters: this.counters,
      settleMs: lossSettleMs,
    });
    this.#bootClock = new BootClock(options.zone);
    this.#position = new ReadPosition(options.cache, options.existing?.last ?? null);
  }

  get state(): InputState {
    return this.#state;
  }

  /** Opens the log. If it is missing or forbidden, as in a container, that is reported and not an error. */
  open(): void {
    const { path, context, existing } = this.#options;
    try {
      this.#fd = existing?.fd ?? this.#file.open(path);
      // All that follows is new.
      if (existing !== undefined && existing !== null) this.#backlog = false;
    } catch (error) {
      this.#state = 'closed';
      context.events.report(SEVERITY.notice, `not reading the kernel log: ${path}: ${errorText(error)}`);
      return;
    }
    this.#position.prepare();
    this.#state = 'open';
    this.#readiness = this.#file.watch(this.#fd, this.#onReadable);
    if (this.#paused) this.#readiness?.pause();
  }

  pause(): void {
    this.#paused = true;
    this.#readiness?.pause();
  }

  resume(): void {
    this.#paused = false;
    if (this.#errorPause === null) this.#readiness?.resume();
  }

  openSockets(): readonly OpenSocket[] {
    return [];
  }

  freeze(): void {}

  /** The open log, for another process; null: it is not open. */
  get shared(): OpenKernelLog | null {
    return this.#state === 'open' ? { fd: this.#fd, last: this.#position.last } : null;
  }

  /** See {@link ReadPosition.continueBehind}. */
  continueBehind(last: number): void {
    this.#position.continueBehind(last);
  }

  /** Another process has read on and is gone: reads those records again. Never throws. */
  takeBack(): void {
    if (this.#state === 'open') this.#file.rewind(this.#fd);
  }

  leave(): void {
    this.#end();
  }

  close(): void {
    if (this.#state !== 'open') return;
    this.#paused = false;
    this.#readRecords();
    this.#end();
  }

  #end(): void {
    if (this.#state !== 'open') return;
    if (this.#errorPause !== null) clearTimeout(this.#errorPause);
    this.#cuts.close();
    this.#readiness?.close();
    this.#file.close(this.#fd);
    this.#position.close();
    this.#state = 'closed';
  }

  readonly #onReadable = (): void => {
    if (!this.#paused && this.#state === 'open') this.#readRecords();
  };

  #readRecords(): void {
    const { batch, clock, events } = this.#options.context;
    let left = TURN_RECORDS;
    this.#bootClock.look();
    while (left > 0 && !this.#paused) {
      batch.count = 0;
      const taken = this.#fill(Math.min(left, batch.rows));
      if (batch.count > 0) {
        clock.stamp(batch);
        this.counters.received += batch.count;
        events.deliver(batch);
        batch.count = 0;
      }
      this.#remember();
      if (!taken) break;
      left -= batch.rows;
    }
  }

  /** @returns whether there may be more. */
  #fill(most: number): boolean {
    const { batch } = this.#options.context;
    while (batch.count < most) {
      let bytes: number;
      try {
        bytes = this.#file.read(this.#fd, this.#buffer);
      } catch (error) {
        // EPIPE: records were overwritten; the next read continues after the gap.
        if (errorCode(error) === 'EPIPE') continue;
        if (errorCode(error) !== 'EAGAIN') this.#failed(error);
        this.#backlog = false;
        return false;
      }
      this.#lastError = '';
      if (bytes === 0) return false;
      this.#take(this.#buffer.subarray(0, bytes));
    }
    return true;
  }

  #take(bytes: Buffer): void {
    const record = parseKmsgRecord(bytes);
    if (record === null) return;
    const missed = this.#position.take(record.sequence);
    if (missed === TAKEN_BEFORE) return;
    if (missed > 0) this.#reportMissed(missed);
    const { batch } = this.#options.context;
    const row = appendRow(batch, this.#datagramOf(record), ORIGIN.kernel);
    if ((batch.flags[row]! & F_CUT) !== 0) this.#cuts.add(1);
  }

  #datagramOf({ pri, usec, text }: KmsgRecord): Buffer {
    const time = this.#backlog || this.#options.trustTime ? `${this.#bootClock.spell(usec)} ` : '';
    const tag = pri < 8 ? 'kernel: ' : '';
    return Buffer.concat([Buffer.from(`<${pri}>${time}${tag}`), text]);
  }

  #reportMissed(count: number): void {
    this.counters.kernelDropped += count;
    this.#options.context.events.report(
      SEVERITY.warning,
      `dropped ${count} message${count === 1 ? '' : 's'} from ${this.label}`,
    );
  }

  #remember(): void {
    try {
      this.#position.remember();
    } catch (error) {
      const text = `cannot save how much of the kernel log was read: ${errorText(error)}`;
      this.#options.context.events.report(SEVERITY.warning, text);
    }
  }

  /** Whatever it is, it must neither use all the CPU nor flood the log, and may pass. */
  #failed(error: unknown): void {
    const text = `cannot read ${this.label}: ${errorText(error)}`;
    if (text !== this.#lastError) this.#options.context.events.report(SEVERITY.err, text);
    this.#lastError = text;
    this.#readiness?.pause();
    this.#errorPause ??= setTimeout(() => {
      this.#errorPause = null;
      if (!this.#paused) this.#readiness?.resume();
    }, ERROR_PAUSE_MS).unref();
  }
}
