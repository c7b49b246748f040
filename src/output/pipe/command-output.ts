/**
 * Writes lines to the standard input of a command. The first line starts it; nothing ever waits for it.
 *
 * A command that ends is started again when there is something to write, after a pause (restart-pause.ts). What the
 * last instance was given but did not read goes to the next one, so that only what it had read is lost with it. At the
 * end the command gets end of file on its input and time to finish.
 */
import { errorCode, errorText } from '../../sys/call/error-text.ts';
import { CHUNK_BYTES } from '../../queue/chunk-pool.ts';
import { LifeTimer } from '../life.ts';
import type { OutputServices } from '../services.ts';
import { QueuedOutput, type Remainder } from '../queued-output.ts';
import { within } from '../within.ts';
import { type CommandEnd, CommandProcess } from './command-process.ts';
import { EndReport } from './end-report.ts';
import { nextPipeStep } from './next-step.ts';
import { PipeWriter } from './pipe-writer.ts';
import { RestartPause, SETTLED_MS } from './restart-pause.ts';
import { WriteEnd } from './write-end.ts';

const QUEUE_BYTES = 8 * 1024 * 1024;
/** Times before the deadline: SIGTERM, SIGKILL; the rest is for outputs that log what was lost. */
const TERM_BEFORE_MS = 1500;
const KILL_BEFORE_MS = 1000;
const RESERVE_MS = 500;

export interface CommandOptions {
  /** For `sh -c`. */
  readonly command: string;
}

/** The instance being written to. */
interface Instance {
  readonly process: CommandProcess;
  readonly end: WriteEnd;
  readonly settle: NodeJS.Timeout;
}

export class CommandOutput extends QueuedOutput {
  readonly kind = 'command';
  protected override readonly reserveMs = TERM_BEFORE_MS;
  readonly #command: string;
  readonly #services: OutputServices;
  readonly #writer = new PipeWriter(this.queue);
  readonly #ends: EndReport;
  readonly #pause = new RestartPause();
  readonly #timer = new LifeTimer(this.life, () => this.flush(performance.now()));
  #instance: Instance | null = null;
  /** Instances that are no longer written to but have not ended. */
  readonly #leaving = new Set<CommandProcess>();
  /** Given up at the end, but not counted yet. */
  #unwritten = 0;
  /** A command that was not running at the end has been restarted once. */
  #lastStarted = false;

  constructor({ command }: CommandOptions, services: OutputServices) {
    const { pool, report } = services;
    super({ name: command, label: `command "${command}"`, pool, queueBytes: QUEUE_BYTES, report });
    this.#command = command;
    this.#services = services;
    this.#ends = new EndReport(this.label, this.account, report);
  }

  /** Does nothing: the first message starts the command. A reload keeps a running one. */
  override open(): Promise<string | null> {
    this.life.on('works');
    return Promise.resolve(null);
  }

  override flush(nowMs: number): void {
    const instance = this.#instance;
    const pauseMs = this.#pause.leftMs(nowMs);
    const step = nextPipeStep({
      life: this.life.state,
      pending: this.pendingBytes > 0,
      held: this.succession.holds,
      end: instance === null ? 'none' : instance.end.waiting ? 'waiting' : 'open',
      pauseMs,
    });
    if (step === 'write' && instance !== null) this.#write(instance);
    else if (step === 'pause') this.#timer.start(pauseMs);
    else if (step === 'renew') this.#start();
  }

  protected override get ready(): boolean {
    return this.#instance !== null;
  }

  protected override get pendingBytes(): number {
    return this.#writer.pendingBytes;
  }

  protected override countWaiting(): number {
    return this.#writer.countRecords();
  }

  protected override async writeRest(limitMs: number): Promise<void> {
    if (this.#instance === null && this.pendingBytes > 0 && !this.#lastStarted) {
      this.#lastStarted = true;
      this.#start();
    }
    const instance = this.#instance;
    if (instance === null || this.pendingBytes === 0) return;
    const drained = this.drained.until(limitMs);
    if (!instance.end.waiting) this.#write(instance);
    await drained;
  }

  /** Lets all instances finish, by force if need be. */
  protected override async finish(deadlineMs: number): Promise<void> {
    const instance = this.#instance;
    if (instance !== null) this.#leave(instance, false);
    this.#unwritten += this.#writer.clear();
    const finished = [...this.#leaving].map((process) =>
      process.finish(deadlineMs - TERM_BEFORE_MS, deadlineMs - KILL_BEFORE_MS).then(() => process.ended),
    );
    await within(Promise.all(finished), deadlineMs - RESERVE_MS);
  }

  protected override giveUp(): Remainder {
    this.#writer.clear();
    const unread = [...this.#leaving].reduce((sum, process) => sum + process.takeUnread(), 0);
    return { records: this.#unwritten + unread, reason: 'it did not read them in time' };
  }

  #start(): void {
    try {
      const process = new CommandProcess(this.#command);
      const instance: Instance = {
        process,
        end: new WriteEnd(process.inputFd, this.#writer, () => this.#write(instance)),
        settle: setTimeout(this.#onSettled, SETTLED_MS),
      };
      this.#instance = instance;
      void process.ended.then((end) => this.#ended(instance, end));
      this.#write(instance);
    } catch (error) {
      this.account.fail(`cannot start ${this.label}: ${errorText(error)}`);
      this.#pauseAfter(performance.now());
    }
  }

  #write(instance: Instance): void {
    if (this.succession.holds) return;
    try {
      this.life.on(instance.end.write() === 'full' ? 'fails' : 'works');
    } catch (error) {
      if (errorCode(error) !== 'EPIPE') this.account.fail(`cannot write to ${this.label}: ${errorText(error)}`);
      this.#broke(instance);
      return;
    }
    this.#recover();
    if (this.pendingBytes === 0) this.drained.over();
    this.#services.progressed();
  }

  readonly #onSettled = (): void => {
    this.#pause.settled();
    // An instance that takes nothing does not work.
    if (this.#instance?.end.full !== true) this.#recover();
  };

  /** It works again: the queue is short, and the command has not just died again. */
  #recover(): void {
    if (this.account.failing && !this.#pause.unsettled && this.pendingBytes < CHUNK_BYTES) this.account.recover();
  }

  /** The instance has ended or stopped reading; the next one gets what it did not read. */
  #broke(instance: Instance): void {
    this.#leave(instance, true);
    this.#pauseAfter(instance.process.startedMs);
    this.drained.over();
  }

  /** Stops writing to an instance. */
  #leave({ process, end, settle }: Instance, broken: boolean): void {
    end.close();
    clearTimeout(settle);
    this.#instance = null;
    this.#leaving.add(process);
    if (!broken) {
      process.endInput();
      return;
    }
    this.#pause.unsettled = true;
    this.account.lose(this.#writer.takeBack(process.inputFd), 'it exited');
    void process.dismiss();
  }

  #ended(instance: Instance, end: CommandEnd): void {
    const { process } = instance;
    if (this.#instance === instance) this.#broke(instance);
    if (!this.life.ending) {
      this.#leaving.delete(process);
      this.account.lose(process.takeUnread(), 'it exited');
    }
    this.#ends.tell(process, end, this.life.closed);
  }

  /** The next instance must wait, longer each time. */
  #pauseAfter(startedMs: number): void {
    const nowMs = performance.now();
    this.#pause.begin(startedMs, nowMs);
    if (this.life.ending) return;
    this.life.on(this.pendingBytes > 0 ? 'fails' : 'works');
    this.flush(nowMs);
  }
}
