/**
 * Writes lines into a FIFO, never waiting for its reader.
 *
 * Opened for writing only, so that it is known whether somebody reads: without a reader what was queued is counted
 * as dropped, after `seekMs` at the latest. What a reader left unread goes to the next one if that comes within this
 * time. Open from the beginning where somebody reads, and once open it stays open, so that no reader ever sees an end.
 * Made when missing, and removed at the end if it is still the one that was made.
 *
 *   found                    a message comes            a pause later      the path changes
 *   somebody reads           written                    -                  another FIFO: left for that
 *   somebody reads, full     queued, up to a limit      -                  the same
 *   the reader went          seekMs for the next one    dropped            the same
 *   nobody reads             dropped                    -                  made if it is gone
 *   no FIFO at the path      dropped                    looked at anew     looked at anew, once
 *   no FIFO, but the one     written, as long as        looked at anew     looked at anew, once
 *   that was there is read   somebody reads it
 *   draining                 written where one reads    -                  -
 *   closed                   -                          -                  -
 *
 * What looks at the path is one piece of work at a time, and a look that fails is followed by a pause. Source: fifo(7).
 */
import type { FileHandle } from 'node:fs/promises';
import { errorCode, errorText } from '../../sys/call/error-text.ts';
import { hasReader } from '../../sys/file/fifo.ts';
import { CHUNK_BYTES } from '../../queue/chunk-pool.ts';
import { type FifoIdentity, type FifoOptions, FifoPath, type OpenFifo } from './fifo-path.ts';
import { OwnerSetter } from '../target/file-owner.ts';
import type { OutputServices } from '../services.ts';
import { LineQueue } from '../../queue/line-queue.ts';
import { LossAccount } from '../loss-account.ts';
import type { MadeFifos } from './made-fifos.ts';
import type { Output, OutputCounters, OutputState } from '../output.ts';
import { LifeTimer, OutputLife } from '../life.ts';
import { PipeWriter } from './pipe-writer.ts';
import { Succession } from '../succession.ts';
import { DeadlineWait, within } from '../within.ts';
import { WriteWait } from './write-wait.ts';

export type { FifoOptions } from './fifo-path.ts';

/** Pauses in milliseconds. */
export interface FifoTiming {
  /** Between two looks for a reader; as long may a message wait for one. */
  readonly seekMs: number;
  /** Between two attempts to have a FIFO at the path. */
  readonly retryMs: number;
}

const TIMING: FifoTiming = { seekMs: 250, retryMs: 1000 };
/** At the end a reader that takes nothing for so long is given up. */
const DRAIN_PATIENCE_MS = 500;
/** What is left before the deadline, for those that log what was lost. */
const RESERVE_MS = 500;
const QUEUE_BYTES = 1024 * 1024;
const NOBODY_READS = 'nobody reads it';

/** The write side. */
interface WriteSide extends FifoIdentity {
  readonly handle: FileHandle;
  readonly fd: number;
  readonly wait: WriteWait;
}

export class FifoOutput implements Output {
  readonly kind = 'fifo';
  readonly name: string;
  readonly label: string;
  readonly queue: LineQueue;
  readonly crlf = false;
  readonly #services: OutputServices;
  readonly #fifos: MadeFifos;
  readonly #timing: FifoTiming;
  readonly #path: FifoPath;
  readonly #account: LossAccount;
  readonly #writer: PipeWriter;
  readonly #life = new OutputLife();
  #lostAtEnd = 0;
  readonly #seekTimer = new LifeTimer(this.#life, () => this.flush(performance.now()));
  readonly #lookTimer = new LifeTimer(this.#life, () => this.reopen());
  #side: WriteSide | null = null;
  /** The last write found no reader. */
  #deserted = false;
  /** There is no FIFO at the path, as far as is known. */
  #pathWrong = false;
  /** What is under way with the path. */
  #work: Promise<unknown> | null = null;
  #lookWanted = false;
  #soughtMs = Number.NEGATIVE_INFINITY;
  #turn: NodeJS.Immediate | null = null;
  #unwatch: (() => void) | null = null;
  readonly #drained = new DeadlineWait();
  readonly #succession = new Succession();
  #patience: NodeJS.Timeout | null = null;

  constructor(options: FifoOptions, services: OutputServices, fifos: MadeFifos, timing: FifoTiming = TIMING) {
    this.name = options.path;
    this.label = `fifo "${options.path}"`;
    this.#services = services;
    this.#fifos = fifos;
    this.#timing = timing;
    this.queue = new LineQueue(services.pool, QUEUE_BYTES, {
      evicted: (records) => this.#account.evict(records),
    });
    this.#writer = new PipeWriter(this.queue);
    this.#account = new LossAccount(this.label, services.report);
    this.#path = new FifoPath(options, fifos, new OwnerSetter(options.owner, this.label, services.report));
    fifos.enter(options.path);
  }

  get state(): OutputState {
    return this.#life.state;
  }

  get counters(): OutputCounters {
    return this.#account.counters;
  }

  open(persist: boolean): Promise<string | null> {
    return this.#begin(this.#firstLook(persist));
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

  flush(nowMs: number): void {
    if (this.#work !== null || this.#life.closed || this.#writer.pendingBytes === 0) return;
    if (this.#succession.holds) return;
    const side = this.#side;
    if (side !== null && !this.#deserted) {
      if (!side.wait.armed && this.#turn === null) this.#write(side);
      return;
    }
    // What comes now is the daemon's own word about the end.
    if (this.#life.ending) return;
    const waitMs = this.#timing.seekMs - (nowMs - this.#soughtMs);
    if (waitMs > 0) this.#seekTimer.start(waitMs);
    else if (side === null) void this.#begin(this.#seek());
    else this.#write(side);
  }

  settle(): void {
    this.#account.settle();
  }

  reopen(): void {
    if (this.#life.ending) return;
    this.#lookWanted = true;
    if (this.#work === null) void this.#begin(this.#look());
  }

  follow(closed: Promise<unknown>, advances: (nowMs: number) => boolean): void {
    this.#succession.follow(closed, advances, () => this.flush(performance.now()));
  }

  async drain(deadlineMs: number): Promise<void> {
    this.#life.on('drain');
    this.#seekTimer.stop();
    this.#lookTimer.stop();
    const limitMs = deadlineMs - RESERVE_MS;
    if (this.#writer.pendingBytes > 0) await this.#succession.over(limitMs);
    if (this.#work !== null) await within(this.#work, limitMs);
    if (this.#work === null && this.#side === null && this.#writer.pendingBytes > 0)
      await within(this.#begin(this.#seek()), limitMs);
    const side = this.#side;
    if (this.#work !== null || side === null || this.#writer.pendingBytes === 0) return;
    if (!side.wait.armed && this.#turn === null) this.#write(side);
    if (this.#writer.pendingBytes === 0 || this.#deserted) return;
    this.#waitOn();
    await this.#drained.until(limitMs);
  }

  get sound(): boolean {
    const writes = this.#side !== null && !this.#deserted;
    return writes && this.#writer.pendingBytes === 0 && !this.#account.failing;
  }

  async close(deadlineMs: number): Promise<number> {
    if (this.#life.closed) return this.#lostAtEnd;
    this.#unwatch?.();
    await this.drain(deadlineMs);
    if (this.#life.closed) return this.#lostAtEnd;
    this.#life.on('close');
    const side = this.#side;
    let lost = 0;
    if (side !== null && !hasReader(side.fd)) lost += this.#writer.takeBack(side.fd);
    lost += this.#writer.clear();
    this.#lostAtEnd = lost;
    this.#account.lose(lost, NOBODY_READS);
    this.#account.close(0);
    this.#release();
    const leave = (): void => this.#fifos.leave(this.name);
    // A look that hangs may make it still.
    if (this.#work === null) leave();
    else void this.#work.then(leave, leave);
    return lost;
  }

  /** Runs what works on the path, then what became due meanwhile. */
  async #begin<T>(work: Promise<T>): Promise<T> {
    this.#work = work;
    try {
      return await work;
    } finally {
      this.#work = null;
      if (!this.#life.ending) {
        if (this.#lookWanted) void this.#begin(this.#look());
        else this.flush(performance.now());
      }
    }
  }

  #write(side: WriteSide): void {
    if (this.#succession.holds) return;
    try {
      const end = this.#writer.write(side.fd);
      this.#deserted = false;
      if (end === 'full') side.wait.arm();
      if (end === 'more') this.#turn ??= setImmediate(this.#onTurn);
      this.#life.on(end === 'full' || this.#pathWrong ? 'fails' : 'works');
    } catch (error) {
      this.#writeFailed(side, error);
      return;
    }
    if (this.#writer.pendingBytes === 0) this.#drained.over();
    else this.#waitOn();
    if (this.#account.failing && !this.#pathWrong && this.#writer.pendingBytes < CHUNK_BYTES) this.#account.recover();
    this.#services.progressed();
  }

  #writeFailed(side: WriteSide, error: unknown): void {
    this.#soughtMs = performance.now();
    this.#life.on('fails');
    if (errorCode(error) !== 'EPIPE') {
      this.#account.fail(`write to ${this.label}: ${errorText(error)}`);
      this.#leave(side);
    } else if (this.#deserted) {
      this.#account.lose(this.#writer.clear(), NOBODY_READS);
    } else {
      // The side stays open: a reader that comes now would take the closing for the end.
      this.#deserted = true;
      this.#account.lose(this.#writer.takeBack(side.fd), NOBODY_READS);
      this.#seekTimer.start(this.#timing.seekMs);
    }
    this.#drained.over();
  }

  /** At the end a reader has so long for each piece. */
  #waitOn(): void {
    if (!this.#life.ending) return;
    if (this.#patience !== null) clearTimeout(this.#patience);
    this.#patience = setTimeout(() => this.#drained.over(), DRAIN_PATIENCE_MS);
  }

  readonly #onTurn = (): void => {
    this.#turn = null;
    if (this.#side !== null) this.#write(this.#side);
  };

  /** Lets go of what is open; what was not read there is for the next one. */
  #leave(side: WriteSide): void {
    this.#account.lose(this.#writer.takeBack(side.fd), NOBODY_READS);
    this.#release();
    this.#soughtMs = performance.now();
    this.#seekTimer.start(this.#timing.seekMs);
  }

  /** @returns null, or why there is no FIFO at the path */
  async #firstLook(persist: boolean): Promise<string | null> {
    let reason: string | null = null;
    try {
      await this.#path.settle(null);
      // The process before this one may be about to let go of it: a reader would see the end before the first message.
      this.#adopt(await this.#path.open().catch(() => null));
    } catch (error) {
      reason = errorText(error);
      if (!persist) return reason;
    }
    if (this.#life.ending) return reason;
    this.#unwatch = this.#services.watcher.watch(this.name, () => this.reopen());
    if (reason === null) this.#life.on('works');
    else this.#wrong(reason);
    return reason;
  }

  /** Looks whether the path still names the FIFO that is open, and makes it where it is gone. */
  async #look(): Promise<void> {
    this.#lookWanted = false;
    this.#lookTimer.stop();
    try {
      const found = await this.#path.settle(this.#side);
      const side = this.#side;
      if (side !== null && (side.dev !== found.dev || side.ino !== found.ino)) this.#leave(side);
      this.#pathWrong = false;
      if (this.#side === null) this.#life.on('works');
    } catch (error) {
      this.#wrong(errorText(error));
    }
  }

  /** Looks for a reader; without one, what waits is dropped. */
  async #seek(): Promise<void> {
    try {
      // At the end nothing is made any more.
      if (!this.#life.ending) await this.#path.settle(null);
      this.#adopt(await this.#path.open());
      this.#pathWrong = false;
    } catch (error) {
      this.#soughtMs = performance.now();
      if (errorCode(error) !== 'ENXIO') this.#wrong(errorText(error));
      if (this.#life.closed) return;
      this.#account.lose(this.#writer.clear(), NOBODY_READS);
      this.#life.on('fails');
    }
  }

  /** There is no FIFO at the path: looks again after a pause. */
  #wrong(reason: string): void {
    if (this.#life.closed) return;
    this.#pathWrong = true;
    this.#account.fail(`cannot open ${this.label}: ${reason}`);
    this.#life.on('fails');
    this.#lookTimer.start(this.#timing.retryMs);
  }

  #adopt(opened: OpenFifo | null): void {
    if (opened === null) return;
    const { handle, dev, ino } = opened;
    if (this.#life.closed) void handle.close();
    else {
      const side: WriteSide = {
        handle,
        fd: handle.fd,
        dev,
        ino,
        wait: new WriteWait(handle.fd, () => this.#write(side)),
      };
      this.#side = side;
    }
  }

  /** Lets go of the write side and of everything that waits for it. */
  #release(): void {
    const side = this.#side;
    this.#side = null;
    this.#deserted = false;
    if (this.#turn !== null) clearImmediate(this.#turn);
    if (this.#patience !== null) clearTimeout(this.#patience);
    this.#turn = null;
    this.#patience = null;
    side?.wait.close();
    void side?.handle.close().catch(() => undefined);
  }
}
