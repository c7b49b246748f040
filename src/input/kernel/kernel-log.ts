/**
 * The kernel's log, /dev/kmsg: one record a line, with its priority and tag `kernel`. What user space wrote there
 * keeps the facility and the tag that it has.
 *
 * Records that were waiting when the daemon started carry the kernel's time, later ones the time of receipt (or
 * the kernel's too, `-t`). Records overwritten before they were read are counted by their sequence numbers.
 */
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { appendRow, F_CUT, ORIGIN } from '../../dgram-parser/columns/batch.ts';
import { wallDate, type Zone } from '../../protocol/calendar.ts';
import { SEVERITY } from '../../protocol/priority.ts';
import { errorCode, errorText } from '../../sys/call/error-text.ts';
import { nativeAvailable } from '../../sys/call/native.ts';
import { rewindFd } from '../../sys/machine/rewind.ts';
import { type Readiness, watchReadable } from '../../sys/call/readiness.ts';
import { CutWatch } from '../cut-watch.ts';
import { createInputCounters, type Input, type InputCounters, type InputState } from '../input.ts';
import type { OpenSocket } from '../shared-socket.ts';
import type { KernelCache } from './kernel-cache.ts';
import { parseKmsgRecord } from './kmsg-record.ts';
import type { InputContext } from '../transport.ts';

/** More than the longest record; a shorter buffer is refused with EINVAL. */
const RECORD_MAX_BYTES = 16_384;
/** Records taken before other inputs have their turn. */
const TURN_RECORDS = 512;
/** A smaller change of the wall clock is none: reading two clocks takes time. */
const CLOCK_SET_MS = 100;
/** Between two looks where readiness cannot be watched. */
const POLL_MS = 1000;

/** Opens and reads the log; another one for tests, since a read of /dev/kmsg is like that of no other file. */
export interface KmsgFile {
  /** @throws the system's error */
  open(path: string): number;
  /** One record a call. @throws the system's error, EAGAIN where there is none */
  read(fd: number, buffer: Buffer): number;
  close(fd: number): void;
  /** Goes back to the first record. */
  rewind(fd: number): void;
  /** Calls back when there may be something to read. */
  watch(fd: number, callback: () => void): Readiness;
}

class PollTimer implements Readiness {
  readonly #timer: NodeJS.Timeout;
  #paused = false;

  constructor(callback: () => void) {
    this.#timer = setInterval(() => {
      if (!this.#paused) callback();
    }, POLL_MS);
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
  }

  close(): void {
    clearInterval(this.#timer);
  }
}

const KMSG_FILE: KmsgFile = {
  open: (path) => openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY),
  read: (fd, buffer) => readSync(fd, buffer),
  close: closeSync,
  rewind: rewindFd,
  watch: (fd, callback) => (nativeAvailable().ok ? watchReadable(fd, callback) : new PollTimer(callback)),
};

function bootTimeMs(): number {
  return Date.now() - Number(process.hrtime.bigint() / 1_000_000n);
}

export interface KernelLogOptions {
  readonly path: string;
  readonly file?: KmsgFile;
  /** `-t` */
  readonly trustTime: boolean;
  /** In which the kernel's times are told. */
  readonly zone: Zone;
  readonly cache: KernelCache;
  readonly context: InputContext;
  readonly paused: boolean;
  /** The log as the daemon before this one has it open. */
  readonly existing?: OpenKernelLog | null;
}

/** The open log; several processes that have it share one position. */
export interface OpenKernelLog {
  readonly fd: number;
  /** Sequence number of the last record taken; -1: none. */
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
  /** Epoch milliseconds of the moment at which the monotonic clock began, as far as the wall clock is right. */
  #bootMs = bootTimeMs();
  #state: InputState = 'opening';
  #fd = -1;
  #paused: boolean;
  #readiness: Readiness | null = null;
  #last: number;
  /** Still reading what was there before the daemon. */
  #backlog = true;
  #cacheFailed = false;

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
    this.#last = options.existing?.last ?? options.cache.read();
  }

  get state(): InputState {
    return this.#state;
  }

  /** Opens the log. Absent or forbidden, as in a container, it is one notice and no failure. */
  open(): void {
    const { path, context, existing } = this.#options;
    try {
      this.#fd = existing?.fd ?? this.#file.open(path);
      // What comes behind those that were taken is news.
      if (existing !== undefined && existing !== null) this.#backlog = false;
    } catch (error) {
      this.#state = 'closed';
      context.events.report(SEVERITY.notice, `the kernel log is not read: ${path}: ${errorText(error)}`);
      return;
    }
    this.#options.cache.prepare();
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
    this.#readiness?.resume();
  }

  openSockets(): readonly OpenSocket[] {
    return [];
  }

  freeze(): void {}

  /** The open log, for another process; null: it is not open. */
  get shared(): OpenKernelLog | null {
    return this.#state === 'open' ? { fd: this.#fd, last: this.#last } : null;
  }

  /**
   * As the process before this one left it: that may have read on since the log was handed over.
   *
   * @param last -1: it died without saying where it was; its cache says it
   */
  continueBehind(last: number): void {
    this.#last = Math.max(this.#last, last === -1 ? this.#options.cache.read() : last);
  }

  /** Another process has read on and is gone: what it read is read again. Throws nothing. */
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
    this.#cuts.close();
    this.#readiness?.close();
    this.#file.close(this.#fd);
    this.#options.cache.close();
    this.#state = 'closed';
  }

  readonly #onReadable = (): void => {
    if (!this.#paused && this.#state === 'open') this.#readRecords();
  };

  #readRecords(): void {
    const { batch, clock, events } = this.#options.context;
    let left = TURN_RECORDS;
    const bootMs = bootTimeMs();
    if (Math.abs(bootMs - this.#bootMs) > CLOCK_SET_MS) this.#bootMs = bootMs;
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
        // EPIPE: records were overwritten; the next read goes on behind the gap.
        if (errorCode(error) === 'EPIPE') continue;
        if (errorCode(error) !== 'EAGAIN') this.#failed(error);
        this.#backlog = false;
        return false;
      }
      if (bytes === 0) return false;
      this.#take(this.#buffer.subarray(0, bytes));
    }
    return true;
  }

  #take(bytes: Buffer): void {
    const record = parseKmsgRecord(bytes);
    if (record === null || record.sequence <= this.#last) return;
    this.#countGap(record.sequence - this.#last - 1);
    this.#last = record.sequence;
    const { batch } = this.#options.context;
    const time = this.#backlog || this.#options.trustTime ? `${this.#timeOf(record.usec)} ` : '';
    const tag = record.pri < 8 ? 'kernel: ' : '';
    const row = appendRow(
      batch,
      Buffer.concat([Buffer.from(`<${record.pri}>${time}${tag}`), record.text]),
      ORIGIN.kernel,
    );
    if ((batch.flags[row]! & F_CUT) !== 0) this.#cuts.add(1);
  }

  /** The first record ever seen may have any number. */
  #countGap(missing: number): void {
    if (missing <= 0 || this.#last === -1) return;
    this.counters.kernelDropped += missing;
    this.#options.context.events.report(SEVERITY.warning, `dropped ${missing} messages from ${this.label}`);
  }

  /** RFC 3339 with microseconds, on this machine's wall clock. */
  #timeOf(usec: number): string {
    const epochMs = this.#bootMs + Math.floor(usec / 1000);
    const { zone } = this.#options;
    const offsetMin = zone.offsetMinAt(Math.floor(epochMs / 1000));
    const wall = wallDate(zone, epochMs).toISOString();
    const two = (value: number): string => String(value).padStart(2, '0');
    const minutes = Math.abs(offsetMin);
    const suffix = `${offsetMin < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
    return `${wall.slice(0, -1)}${String(usec % 1000).padStart(3, '0')}${suffix}`;
  }

  #remember(): void {
    if (this.#last === -1 || this.#cacheFailed) return;
    try {
      this.#options.cache.write(this.#last);
    } catch (error) {
      this.#cacheFailed = true;
      const text = `cannot remember what of the kernel log was read: ${errorText(error)}`;
      this.#options.context.events.report(SEVERITY.warning, text);
    }
  }

  #failed(error: unknown): void {
    this.#options.context.events.report(SEVERITY.err, `read ${this.label}: ${errorText(error)}`);
    this.#readiness?.pause();
  }
}
