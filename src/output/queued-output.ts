/**
 * The skeleton of every output: a bounded queue, an account of losses, a life, a place in the order of succession, and
 * an end that comes by the deadline.
 *
 * A new output must provide
 *   - `kind`, and name, label and queue size for the constructor;
 *   - `open`: gets ready for the first time; calls `life.on('works')` or `life.on('fails')`;
 *   - `flush`: starts writing what is queued and returns at once; does nothing while `succession.holds`, or once closed;
 *   - `ready`: whether it could write now;
 *   - `writeRest`: at the end, waits until all is written, nothing more can be written, or the time is up;
 *   - `giveUp`: what is lost when it closes.
 * It usually also needs
 *   - `release`: closes descriptors and stops timers of its own;
 *   - `reopen`: looks again at what it writes to, after a reload;
 *   - `pendingBytes` and `countWaiting`, if records also wait outside the queue.
 * All other hooks have a default that fits most outputs.
 *
 * It gets
 *   - `queue`, filled by the pipeline: whole records, each ended by a newline;
 *   - `life`, the only place of its state. It says what works and what fails, with `on`; what completes late must look
 *     at `life.closed`; a LifeTimer runs only while the output is alive;
 *   - `account`: `fail`, `lose` and `recover` count, and log the beginning and the end of a failure;
 *   - `succession`: an output of the same place that a reload has replaced writes first;
 *   - `drained`: `writeRest` waits `until` the output says `over`.
 */
import type { ChunkPool } from '../queue/chunk-pool.ts';
import { LineQueue } from '../queue/line-queue.ts';
import { OutputLife } from './life.ts';
import { LossAccount } from './loss-account.ts';
import type { Output, OutputCounters, OutputKind, OutputState, Report } from './output.ts';
import { Succession } from './succession.ts';
import { DeadlineWait } from './within.ts';

export interface QueuedOutputOptions {
  /** As the configuration writes it: a path, a command, `@host`, names. */
  readonly name: string;
  /** As the log names it: `file "/var/log/messages"`. */
  readonly label: string;
  readonly pool: ChunkPool;
  readonly queueBytes: number;
  readonly report: Report;
  /** Missing: the usual ones. */
  readonly counters?: OutputCounters;
}

/** What an output gives up when it closes. */
export interface Remainder {
  /** Records that were still waiting. They are not counted yet. */
  readonly records: number;
  /** Why, for the log; null: only the number is logged. */
  readonly reason: string | null;
  /** Records counted as lost while draining that the result of {@link Output.close} includes. Missing: none. */
  readonly counted?: number;
}

export abstract class QueuedOutput implements Output {
  abstract readonly kind: OutputKind;
  readonly name: string;
  readonly label: string;
  readonly queue: LineQueue;
  /** Milliseconds before the deadline at which {@link writeRest} must end, for what comes after it. */
  protected readonly reserveMs: number = 0;
  protected readonly life = new OutputLife();
  protected readonly account: LossAccount;
  protected readonly drained = new DeadlineWait();
  protected readonly succession = new Succession();
  #droppedBeforeEnd = 0;
  #lostAtEnd = 0;

  constructor({ name, label, pool, queueBytes, report, counters }: QueuedOutputOptions) {
    this.name = name;
    this.label = label;
    this.queue = new LineQueue(pool, queueBytes, {
      isFirm: () => this.isFirm(performance.now()),
      evicted: (records) => this.evicted(records),
    });
    this.account = new LossAccount(label, report, counters === undefined ? {} : { counters });
  }

  abstract open(persist: boolean): Promise<string | null>;

  abstract flush(nowMs: number): void;

  get state(): OutputState {
    return this.life.state;
  }

  get counters(): OutputCounters {
    return this.account.counters;
  }

  get crlf(): boolean {
    return false;
  }

  get sound(): boolean {
    return this.ready && this.pendingBytes === 0 && !this.account.failing;
  }

  written(): number {
    return this.account.written(this.countWaiting());
  }

  refuse(messages: number): void {
    this.account.refuse(messages);
  }

  /** By default there is nothing to check. */
  reopen(): void {}

  congested(_nowMs?: number): boolean {
    return false;
  }

  settle(): void {
    this.account.settle();
  }

  follow(closed: Promise<unknown>, advances: (nowMs: number) => boolean): void {
    this.succession.follow(closed, advances, () => this.resume());
  }

  async drain(deadlineMs: number): Promise<void> {
    if (!this.life.ending) this.#droppedBeforeEnd = this.counters.dropped;
    this.life.on('drain');
    const limitMs = deadlineMs - this.reserveMs;
    if (this.pendingBytes > 0) await this.succession.over(limitMs);
    if (!this.life.closed) await this.writeRest(limitMs);
  }

  /** Closed once, whoever calls it: every call gets the same number. */
  async close(deadlineMs: number): Promise<number> {
    if (this.life.closed) return this.#lostAtEnd;
    this.unwatch();
    await this.drain(deadlineMs);
    await this.finish(deadlineMs);
    if (this.life.closed) return this.#lostAtEnd;
    this.life.on('close');
    this.drained.over();
    const { records, reason, counted = 0 } = this.giveUp();
    this.#lostAtEnd = records + counted;
    if (reason !== null) this.account.lose(records, reason);
    const released = this.release();
    this.account.close(reason === null ? records : 0);
    await released;
    return this.#lostAtEnd;
  }

  /** Whether what it writes to is there and takes records, as far as is known. */
  protected abstract get ready(): boolean;

  /**
   * Draining: writes what is waiting; no other output comes before this one any more. Called again whenever somebody
   * drains or closes, even while an earlier call is still waiting.
   *
   * @returns at `limitMs` (performance.now()) at the latest
   */
  protected abstract writeRest(limitMs: number): Promise<void>;

  /** Closed: empties the queue. Called once, before {@link release}. */
  protected abstract giveUp(): Remainder;

  /** Closed: releases everything else. {@link close} waits for the result. */
  protected release(): Promise<void> | void {}

  /** Bytes waiting anywhere. */
  protected get pendingBytes(): number {
    return this.queue.queuedBytes;
  }

  /** Records waiting, including partly written ones. */
  protected countWaiting(): number {
    return this.queue.countRecords();
  }

  /** Records lost since draining began. */
  protected get droppedAtEnd(): number {
    return this.counters.dropped - this.#droppedBeforeEnd;
  }

  /** Whether inputs wait for it rather than let it lose records; see {@link LineQueue}. */
  protected isFirm(_nowMs: number): boolean {
    return false;
  }

  /** Waiting records had to make room for others. */
  protected evicted(records: number): void {
    this.account.evict(records);
  }

  /** The previous output is closed: it is this one's turn. */
  protected resume(): void {
    this.flush(performance.now());
  }

  /** The end is near: nothing outside needs watching any more. */
  protected unwatch(): void {}

  /** Closing, after {@link writeRest}: waits for what outlives the writing. */
  protected async finish(_deadlineMs: number): Promise<void> {}
}
