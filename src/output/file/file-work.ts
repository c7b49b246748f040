/**
 * Works on one file, one step at a time: a write, in the thread pool, that takes all of a chunk while the queue keeps
 * filling; or an open, a rotation, a repair. next-step.ts decides what comes next.
 *
 * When the disk is full the descriptor stays open: the torn end is removed, the queue waits. Any other failure closes
 * it, and the path is opened again until that works.
 */
import { write } from 'node:fs';
import { errorText } from '../../sys/call/error-text.ts';
import { CHUNK_BYTES } from '../../queue/chunk-pool.ts';
import type { LineQueue } from '../../queue/line-queue.ts';
import { LifeTimer, type OutputLife } from '../life.ts';
import type { LossAccount } from '../loss-account.ts';
import { ROTATE_FIRST } from '../rotation/rotating-file.ts';
import type { OutputServices } from '../services.ts';
import type { Succession } from '../succession.ts';
import type { OpenTarget } from '../target/open-target.ts';
import type { DeadlineWait } from '../within.ts';
import { Headway } from './headway.ts';
import { LineWriter, type WriteCall, writeFailure } from './line-writer.ts';
import { type Activity, type Cause, type FileStep, nextFileStep } from './next-step.ts';
import { type LineOutputOptions, OpenPath } from './open-path.ts';

export const FILE_QUEUE_BYTES = 8 * 1024 * 1024;
const TERMINAL_QUEUE_BYTES = 64 * 1024;

/** Replaced in tests. */
export interface FileSeams {
  readonly write: WriteCall;
  /** Time between two attempts while something does not work. */
  readonly retryMs: number;
  /** Time between two attempts at a terminal that takes no bytes. */
  readonly stallMs: number;
}

export const SYSTEM_SEAMS: FileSeams = { write, retryMs: 1000, stallMs: 100 };

/** Parts of the output that this works for. */
export interface FileWorkParts {
  readonly options: LineOutputOptions;
  readonly label: string;
  readonly services: OutputServices;
  readonly seams: FileSeams;
  readonly queue: LineQueue;
  readonly life: OutputLife;
  readonly account: LossAccount;
  readonly succession: Succession;
  /** All is written, or nothing more can be. */
  readonly drained: DeadlineWait;
}

export class FileWork {
  readonly path: OpenPath;
  readonly #parts: FileWorkParts;
  readonly #label: string;
  readonly #queue: LineQueue;
  readonly #life: OutputLife;
  readonly #account: LossAccount;
  readonly #writer: LineWriter;
  readonly #headway = new Headway();
  /** A retry, or the next write at the file's pace. */
  readonly #timer: LifeTimer;
  /** Retries a terminal that takes nothing, also at the end. */
  #stallTimer: NodeJS.Timeout | null = null;
  #activity: Activity = 'none';
  #reopenWanted = false;
  #givenUp = false;
  #crlf = false;

  constructor(parts: FileWorkParts) {
    const { options, label, services, queue, seams, life } = parts;
    this.#parts = parts;
    this.#label = label;
    this.#queue = queue;
    this.#life = life;
    this.#account = parts.account;
    this.#timer = new LifeTimer(life, () => this.next('pause over'));
    this.path = new OpenPath(options, label, services, {
      moved: () => this.reopen(),
      rotationDue: () => this.rotateIfDue(),
    });
    this.#writer = new LineWriter({
      queue,
      gate: services.writes,
      write: seams.write,
      turn: () => this.#onTurn(),
      ended: (error, written) => this.#onWritten(error, written),
    });
  }

  /** The last file opened is a terminal. */
  get crlf(): boolean {
    return this.#crlf;
  }

  /** Writing has failed, and has not been retried since. */
  get givenUp(): boolean {
    return this.#givenUp;
  }

  /** The step in progress has taken too long to count on. */
  isStuck(nowMs: number): boolean {
    return this.#activity !== 'none' && this.#headway.isLost(nowMs);
  }

  /** Opens the path for the first time. @param persist as for {@link Output.open} */
  async open(persist: boolean): Promise<string | null> {
    this.#begin('open');
    try {
      this.#adopt(await this.path.open());
    } catch (error) {
      this.#activity = 'none';
      if (persist) {
        this.#fail(this.#cannotOpen(error));
        this.next('work');
      }
      return errorText(error);
    }
    // Opening may have taken long: writes what arrived meanwhile.
    this.#end();
    return null;
  }

  /** The path must be checked. */
  reopen(): void {
    if (this.#life.ending) return;
    this.#reopenWanted = true;
    this.next('news');
  }

  /** A period has ended, or a rotation was requested or may be retried. */
  rotateIfDue(): void {
    if (this.#life.state === 'open' && this.path.rotationWanted) this.next('news');
  }

  /** The previous output has finished with the same file. */
  resume(): void {
    if (this.path.rotates && this.#activity === 'none' && this.#stallTimer === null) void this.#measure();
    else this.next('work');
  }

  /** At the end: retries once what does not work. There may be room again. */
  lastChance(): void {
    this.#givenUp = false;
    this.next('work');
  }

  /** Starts whatever must be done now. Never blocks. */
  next(cause: Cause, nowMs = performance.now()): void {
    // Once for each batch: while something is under way its end asks again.
    if (this.#activity !== 'none') return;
    this.#take(this.#decide(cause), nowMs);
  }

  /** The output is closed. A write that hangs keeps its descriptor, which closes when the process ends. */
  async close(): Promise<void> {
    if (this.#stallTimer !== null) clearTimeout(this.#stallTimer);
    this.#stallTimer = null;
    this.#writer.withdraw();
    this.path.close();
    if (this.#activity === 'none') await this.path.release();
  }

  #decide(cause: Cause): FileStep {
    return nextFileStep({
      cause,
      life: this.#life.state,
      activity: this.#activity,
      isOpen: this.path.target !== null,
      isQueued: this.#queue.queuedBytes > 0,
      reopenWanted: this.#reopenWanted,
      // The rest of a record goes to the same file.
      rotationWanted: this.#writer.torn.bytes === 0 && this.path.rotationWanted,
      givenUp: this.#givenUp,
      held: this.#parts.succession.holds,
      stalled: this.#stallTimer !== null,
    });
  }

  #take(step: FileStep, nowMs: number): void {
    if (step === 'write') this.#writeInTurn(nowMs);
    else if (step === 'attempt') this.#write(nowMs);
    else if (step === 'pause') this.#timer.start(this.#parts.seams.retryMs);
    else if (step === 'over') this.#parts.drained.over();
    else if (step === 'look') void this.#look();
    else if (step === 'rotate') void this.#rotate();
    else if (step === 'release') void this.path.release();
  }

  #begin(activity: Activity): void {
    this.#activity = activity;
    this.#headway.step(performance.now());
  }

  #end(): void {
    this.#activity = 'none';
    this.next('work');
  }

  #writeInTurn(nowMs: number): void {
    const waitMs = this.#writer.waitMs(nowMs);
    if (waitMs <= 0 || this.#queue.queuedBytes >= CHUNK_BYTES || this.#life.ending) this.#writer.request(nowMs);
    else this.#timer.start(waitMs);
  }

  #onTurn(): void {
    const nowMs = performance.now();
    const step = this.#decide('news');
    if (step === 'write') this.#write(nowMs);
    else this.#take(step, nowMs);
  }

  #write(nowMs: number): void {
    const head = this.#queue.head();
    const { target } = this.path;
    if (head === null || target === null) return;
    const end = this.path.writeEnd(head, this.#writer.torn.bytes);
    if (end === ROTATE_FIRST) {
      void this.#rotate();
      return;
    }
    this.#activity = 'write';
    this.#headway.step(nowMs);
    this.#writer.start(target.fd, head, end, nowMs, this.#account.counters.accepted);
  }

  #onWritten(error: Error | null, written: number): void {
    this.#activity = 'none';
    if (this.#life.closed) this.next('work');
    else if (error === null) this.#wrote(written);
    else this.#writeFailed(error);
  }

  #wrote(written: number): void {
    if (this.#writer.took(written)) {
      const nowMs = performance.now();
      this.path.wrote(written, nowMs);
      this.#headway.step(nowMs);
      this.#life.on('works');
      // Only a short queue means that it works again. Otherwise a disk with little room would fail and recover in
      // turns, and so would a terminal whose queue is no longer than one write.
      const shortBytes = Math.min(CHUNK_BYTES, this.#queue.limitBytes / 4);
      if (this.#account.failing && this.#queue.queuedBytes < shortBytes) this.#account.recover();
      this.#parts.services.progressed();
    }
    this.next('work');
  }

  #writeFailed(error: Error): void {
    const failure = writeFailure(error);
    const reason = `cannot write to ${this.#label}: ${errorText(error)}`;
    if (failure === 'no room') {
      void this.#repair(reason);
      return;
    }
    if (failure === 'stalled') this.#stallTimer ??= setTimeout(this.#onStall, this.#parts.seams.stallMs);
    if (failure === 'broken') this.#letGo(reason);
    this.next('work');
  }

  readonly #onStall = (): void => {
    this.#stallTimer = null;
    this.next('work');
  };

  /** Removes the part of a record that still fit on a full disk, then waits for room. */
  async #repair(reason: string): Promise<void> {
    const { torn } = this.#writer;
    const { target } = this.path;
    if (torn.bytes > 0 && target !== null) {
      this.#begin('repair');
      const bytes = await torn.takeBack(target.fd);
      if (bytes > 0 && !this.#life.closed) {
        this.path.tookBack(bytes);
        torn.rewind();
      }
    }
    this.#fail(reason);
    this.#end();
  }

  /** Checks the path, and opens it again if it does not name the open file. */
  async #look(): Promise<void> {
    this.#reopenWanted = false;
    this.#begin('open');
    try {
      const opened = await this.path.openIfMoved();
      if (opened !== null) this.#adopt(opened);
    } catch (error) {
      if (!(await this.path.keepsOpen(error))) this.#letGo(this.#cannotOpen(error));
    }
    this.#end();
  }

  /** Replaces the open file with a new one, between two writes. */
  async #rotate(): Promise<void> {
    this.#begin('rotate');
    const next = await this.path.rotate();
    if (next !== null) this.#adopt(next);
    this.#end();
  }

  async #measure(): Promise<void> {
    this.#begin('open');
    await this.path.measure();
    this.#end();
  }

  #adopt(target: OpenTarget): void {
    if (this.#life.closed) {
      void this.path.discard(target);
      return;
    }
    this.path.adopt(target);
    this.#writer.torn.rewind();
    this.#crlf = target.kind === 'terminal';
    this.#queue.limitBytes = target.kind === 'terminal' ? TERMINAL_QUEUE_BYTES : FILE_QUEUE_BYTES;
    this.#life.on('works');
    if (this.#queue.queuedBytes === 0) this.#account.recover();
    this.#headway.step(performance.now());
  }

  /** Closes the open file. Ask for the next step afterwards. */
  #letGo(reason: string): void {
    void this.path.release();
    this.#writer.torn.rewind();
    this.#fail(reason);
  }

  #fail(reason: string): void {
    if (this.#life.closed) return;
    this.#account.fail(reason);
    this.#life.on('fails');
    this.#givenUp = true;
    this.#timer.stop();
  }

  #cannotOpen(error: unknown): string {
    return `cannot open ${this.#label}: ${errorText(error)}`;
  }
}
