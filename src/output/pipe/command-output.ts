/**
 * Writes lines to the standard input of a command, started with the first one and never waited for.
 *
 * A command that ends is started again when there is something to write: after a second, then after twice the time
 * as before, up to a minute; one that has lived for {@link SETTLED_MS} begins anew. What the last instance was given
 * and did not read goes to the next one, so that only what it had read is lost with it. At the end the command gets
 * the end of its input and time to finish.
 */
import { SEVERITY } from '../../protocol/priority.ts';
import { errorCode, errorText } from '../../sys/call/error-text.ts';
import { CHUNK_BYTES } from '../../queue/chunk-pool.ts';
import { type CommandEnd, CommandProcess } from './command-process.ts';
import type { OutputServices } from '../services.ts';
import { LineQueue } from '../../queue/line-queue.ts';
import { LossAccount } from '../loss-account.ts';
import type { Output, OutputCounters, OutputState } from '../output.ts';
import { LifeTimer, OutputLife } from '../life.ts';
import { PipeWriter } from './pipe-writer.ts';
import { Succession } from '../succession.ts';
import { DeadlineWait, within } from '../within.ts';
import { WriteWait } from './write-wait.ts';

const QUEUE_BYTES = 8 * 1024 * 1024;
/** Pause before a command is started again. */
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;
/** A command that lives so long works. */
const SETTLED_MS = 5000;
/** Before the deadline: SIGTERM, SIGKILL, and what is left for those that log what was lost. */
const TERM_BEFORE_MS = 1500;
const KILL_BEFORE_MS = 1000;
const RESERVE_MS = 500;

export interface CommandOptions {
  /** For `sh -c`. */
  readonly command: string;
}

/** The instance that is written to. */
interface Instance {
  readonly process: CommandProcess;
  readonly wait: WriteWait;
  readonly settle: NodeJS.Timeout;
}

export class CommandOutput implements Output {
  readonly kind = 'command';
  readonly name: string;
  readonly label: string;
  readonly queue: LineQueue;
  readonly crlf = false;
  readonly #command: string;
  readonly #services: OutputServices;
  readonly #account: LossAccount;
  readonly #writer: PipeWriter;
  readonly #life = new OutputLife();
  #lostAtEnd = 0;
  /** Given up at the end, and not told yet. */
  #unwritten = 0;
  readonly #timer = new LifeTimer(this.#life, () => this.flush(performance.now()));
  #instance: Instance | null = null;
  /** Instances that are no longer written to and have not ended. */
  readonly #leaving = new Set<CommandProcess>();
  #turn: NodeJS.Immediate | null = null;
  #pauseMs = 0;
  #notBeforeMs = Number.NEGATIVE_INFINITY;
  /** How the last instance ended; null: none has. */
  #how: string | null = null;
  /** An instance was lost, and none has settled since. */
  #unsettled = false;
  readonly #drained = new DeadlineWait();
  readonly #succession = new Succession();
  /** The last chance of a command that did not run was used. */
  #lastStarted = false;

  constructor(options: CommandOptions, services: OutputServices) {
    this.name = options.command;
    this.label = `command "${options.command}"`;
    this.#command = options.command;
    this.#services = services;
    this.queue = new LineQueue(services.pool, QUEUE_BYTES, {
      evicted: (records) => this.#account.evict(records),
    });
    this.#writer = new PipeWriter(this.queue);
    this.#account = new LossAccount(this.label, services.report);
  }

  get state(): OutputState {
    return this.#life.state;
  }

  get counters(): OutputCounters {
    return this.#account.counters;
  }

  /** Nothing to be done: the first message starts the command. */
  open(): Promise<string | null> {
    this.#life.on('works');
    return Promise.resolve(null);
  }

  written(): number {
    return this.#account.written(this.#writer.countRecords());
  }

  refuse(records: number): void {
    this.#account.refuse(records);
  }

  congested(): boolean {
    return false;
  }

  settle(): void {
    this.#account.settle();
  }

  /** A command that runs is kept. */
  reopen(): void {}

  flush(nowMs: number): void {
    if (this.#life.closed || this.#writer.pendingBytes === 0 || this.#succession.holds) return;
    const instance = this.#instance;
    if (instance !== null) {
      if (!instance.wait.armed && this.#turn === null) this.#write(instance);
      return;
    }
    // What comes now is the daemon's own word about the end.
    if (this.#life.ending) return;
    const waitMs = this.#notBeforeMs - nowMs;
    if (waitMs <= 0) this.#start();
    else this.#timer.start(waitMs);
  }

  follow(closed: Promise<unknown>, advances: (nowMs: number) => boolean): void {
    this.#succession.follow(closed, advances, () => this.flush(performance.now()));
  }

  async drain(deadlineMs: number): Promise<void> {
    this.#life.on('drain');
    this.#timer.stop();
    if (this.#writer.pendingBytes > 0) await this.#succession.over(deadlineMs - TERM_BEFORE_MS);
    if (this.#instance === null && this.#writer.pendingBytes > 0 && !this.#lastStarted) {
      this.#lastStarted = true;
      this.#start();
    }
    const instance = this.#instance;
    if (instance === null || this.#writer.pendingBytes === 0) return;
    const drained = this.#drained.until(deadlineMs - TERM_BEFORE_MS);
    if (!instance.wait.armed && this.#turn === null) this.#write(instance);
    await drained;
  }

  get sound(): boolean {
    return this.#instance !== null && this.#writer.pendingBytes === 0 && !this.#account.failing;
  }

  async close(deadlineMs: number): Promise<number> {
    if (this.#life.closed) return this.#lostAtEnd;
    await this.drain(deadlineMs);
    const instance = this.#instance;
    if (instance !== null) this.#leave(instance, false);
    this.#unwritten += this.#writer.clear();
    const leaving = [...this.#leaving];
    const finished = leaving.map((process) =>
      process.finish(deadlineMs - TERM_BEFORE_MS, deadlineMs - KILL_BEFORE_MS).then(() => process.ended),
    );
    await within(Promise.all(finished), deadlineMs - RESERVE_MS);
    if (this.#life.closed) return this.#lostAtEnd;
    this.#life.on('close');
    const unread = leaving.reduce((sum, process) => sum + process.takeUnread(), 0);
    const lost = this.#unwritten + unread;
    this.#lostAtEnd = lost;
    this.#writer.clear();
    this.#account.lose(lost, 'it did not read them in time');
    this.#account.close(0);
    return lost;
  }

  #start(): void {
    try {
      const process = new CommandProcess(this.#command);
      const instance: Instance = {
        process,
        wait: new WriteWait(process.inputFd, () => this.#write(instance)),
        settle: setTimeout(this.#onSettled, SETTLED_MS),
      };
      this.#instance = instance;
      void process.ended.then((end) => this.#ended(instance, end));
      this.#write(instance);
    } catch (error) {
      this.#account.fail(`cannot start ${this.label}: ${errorText(error)}`);
      this.#pauseAfter(performance.now());
    }
  }

  #write(instance: Instance): void {
    if (this.#succession.holds) return;
    try {
      const end = this.#writer.write(instance.process.inputFd);
      if (end === 'full') instance.wait.arm();
      if (end === 'more') this.#turn ??= setImmediate(this.#onTurn);
      this.#life.on(end === 'full' ? 'fails' : 'works');
    } catch (error) {
      if (errorCode(error) !== 'EPIPE') this.#account.fail(`write to ${this.label}: ${errorText(error)}`);
      this.#leave(instance, true);
      this.#pauseAfter(instance.process.startedMs);
      this.#drained.over();
      return;
    }
    this.#recover();
    if (this.#writer.pendingBytes === 0) this.#drained.over();
    this.#services.progressed();
  }

  readonly #onTurn = (): void => {
    this.#turn = null;
    if (this.#instance !== null) this.#write(this.#instance);
  };

  readonly #onSettled = (): void => {
    this.#pauseMs = 0;
    this.#unsettled = false;
    // One that takes nothing does not work.
    if (this.#instance?.wait.armed !== true) this.#recover();
  };

  /** It works again: the queue is short, and the command does not just die once more. */
  #recover(): void {
    if (this.#account.failing && !this.#unsettled && this.#writer.pendingBytes < CHUNK_BYTES) this.#account.recover();
  }

  /** Writes no more to an instance; `broken`: what it did not read is for the next one. */
  #leave(instance: Instance, broken: boolean): void {
    const { process, wait, settle } = instance;
    wait.close();
    clearTimeout(settle);
    if (this.#turn !== null) clearImmediate(this.#turn);
    this.#turn = null;
    this.#instance = null;
    this.#leaving.add(process);
    if (broken) this.#unsettled = true;
    if (broken) this.#account.lose(this.#writer.takeBack(process.inputFd), 'it ended');
    if (broken) void process.dismiss();
    else process.endInput();
  }

  #ended(instance: Instance, end: CommandEnd): void {
    const { process } = instance;
    const unasked = this.#instance === instance;
    if (unasked) {
      this.#leave(instance, true);
      this.#pauseAfter(process.startedMs);
      this.#drained.over();
    }
    if (!this.#life.ending) {
      this.#leaving.delete(process);
      this.#account.lose(process.takeUnread(), 'it ended');
    }
    this.#tell(process, end);
  }

  /** The next instance has to wait, and longer each time. */
  #pauseAfter(startedMs: number): void {
    const nowMs = performance.now();
    if (nowMs - startedMs >= SETTLED_MS) this.#pauseMs = 0;
    this.#pauseMs = this.#pauseMs === 0 ? FIRST_PAUSE_MS : Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
    this.#notBeforeMs = nowMs + this.#pauseMs;
    if (this.#life.ending) return;
    this.#life.on(this.#writer.pendingBytes > 0 ? 'fails' : 'works');
    this.flush(nowMs);
  }

  /** Reports how an instance ended, unless the one before it ended likewise not long ago. */
  #tell(process: CommandProcess, end: CommandEnd): void {
    const how = describe(end);
    const isNews = how !== this.#how;
    this.#how = how;
    const text =
      end.failure === null ? `${this.label} (pid ${process.pid}) ${how}` : `cannot start ${this.label}: ${how}`;
    // It was given up: how it ended changes nothing any more.
    if (this.#life.closed) {
      this.#services.report(end.status === 0 ? SEVERITY.info : SEVERITY.err, text);
      return;
    }
    if (end.failure !== null) {
      this.#account.fail(text);
      return;
    }
    if (end.status === 0) {
      const isOld = performance.now() - process.startedMs >= LONGEST_PAUSE_MS;
      if (isNews || isOld) this.#services.report(SEVERITY.info, text);
      return;
    }
    const failing = this.#account.failing;
    this.#account.fail(text);
    if (failing && isNews) this.#services.report(SEVERITY.err, text);
  }
}

function describe({ status, signal, failure }: CommandEnd): string {
  if (failure !== null) return failure;
  return signal === null ? `exited with status ${status}` : `ended by signal ${signal}`;
}
