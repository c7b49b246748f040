/**
 * Writes lines into a FIFO, never waiting for its reader.
 *
 * Opened for writing only, so that it is known whether somebody reads: without a reader what was queued is counted
 * as dropped, after {@link SEEK_MS} at the latest. What a reader left unread goes to the next one if that comes
 * within this time. Open from the beginning where somebody reads, and once open it stays open, so that no reader ever
 * sees an end. Made when missing, and removed at the end if it is still the one that was made. Source: fifo(7),
 * open(2) ENXIO.
 */
import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { errorCode, errorText } from '../sys/error-text.ts';
import { hasReader } from '../sys/fifo.ts';
import { inRoot } from '../sys/root-directory.ts';
import { CHUNK_BYTES } from './chunk-pool.ts';
import { type FileOwner, OwnerSetter } from './file-owner.ts';
import type { OutputServices } from './line-output.ts';
import { LineQueue } from './line-queue.ts';
import { LossAccount } from './loss-account.ts';
import type { MadeFifos } from './made-fifos.ts';
import { nofollowFlag, TargetError } from './open-target.ts';
import type { Output, OutputCounters, OutputState } from './output.ts';
import { PipeWriter } from './pipe-writer.ts';
import { WriteWait } from './write-wait.ts';

/** Between two looks for a reader; as long may a message wait for one. */
const SEEK_MS = 250;
/** Between two attempts to make a FIFO whose directory is missing. */
const RETRY_MS = 1000;
/** At the end a reader that takes nothing for so long is given up. */
const DRAIN_PATIENCE_MS = 500;
/** What is left before the deadline, for those that log what was lost. */
const RESERVE_MS = 500;
const QUEUE_BYTES = 1024 * 1024;
const NOT_A_FIFO = 'something else than a FIFO stands there';
const NOBODY_READS = 'nobody reads it';

const { O_NOCTTY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;

export interface FifoOptions {
  readonly path: string;
  /** Permission bits of a FIFO that has to be made. */
  readonly mode: number;
  /** Whom it belongs to then. */
  readonly owner: FileOwner;
}

/** The write side, with a reader on the other. */
interface WriteSide {
  readonly handle: FileHandle;
  readonly fd: number;
  readonly dev: bigint;
  readonly ino: bigint;
  readonly wait: WriteWait;
}

export class FifoOutput implements Output {
  readonly kind = 'fifo';
  readonly name: string;
  readonly label: string;
  readonly queue: LineQueue;
  readonly crlf = false;
  readonly #options: FifoOptions;
  readonly #services: OutputServices;
  readonly #fifos: MadeFifos;
  readonly #account: LossAccount;
  readonly #writer: PipeWriter;
  readonly #ownerSetter: OwnerSetter;
  #state: OutputState = 'opening';
  #side: WriteSide | null = null;
  /** The last write found no reader. */
  #deserted = false;
  /** What is under way with the path. */
  #activity: Promise<void> | null = null;
  #reopenWanted = false;
  #soughtMs = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | null = null;
  #turn: NodeJS.Immediate | null = null;
  #unwatch: (() => void) | null = null;
  /** Called when writing made headway, and when it can make none. */
  #drainStep: ((over: boolean) => void) | null = null;

  constructor(options: FifoOptions, services: OutputServices, fifos: MadeFifos) {
    this.name = options.path;
    this.label = `fifo "${options.path}"`;
    this.#options = options;
    this.#services = services;
    this.#fifos = fifos;
    this.queue = new LineQueue(services.pool, QUEUE_BYTES);
    this.#writer = new PipeWriter(this.queue);
    this.#account = new LossAccount(this.label, services.report);
    this.#ownerSetter = new OwnerSetter(options.owner, this.label, services.report);
    fifos.enter(options.path);
  }

  get state(): OutputState {
    return this.#state;
  }

  get counters(): OutputCounters {
    return this.#account.counters;
  }

  async open(persist: boolean): Promise<string | null> {
    const reason = await this.#settle();
    if (reason !== null && !persist) return reason;
    // The process before this one may be about to let go of it: a reader would see the end before the first message.
    if (reason === null) this.#side = await this.#openWriteSide().catch(() => null);
    this.#unwatch = this.#services.watcher.watch(this.#options.path, () => this.reopen());
    if (reason === null) this.#state = 'open';
    else this.#broken(`cannot open ${this.label}: ${reason}`);
    return reason;
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
    if (this.#activity !== null || this.#state === 'closed' || this.#writer.pendingBytes === 0) return;
    const side = this.#side;
    if (side !== null && !this.#deserted) {
      if (!side.wait.armed && this.#turn === null) this.#write(side);
      return;
    }
    // What comes now is the daemon's own word about the end.
    if (this.#state === 'draining') return;
    const waitMs = SEEK_MS - (nowMs - this.#soughtMs);
    if (waitMs > 0) this.#arm(Math.ceil(waitMs));
    else if (side === null) this.#begin(this.#seek());
    else this.#write(side);
  }

  reopen(): void {
    if (this.#state === 'closed' || this.#state === 'draining') return;
    this.#reopenWanted = true;
    if (this.#activity === null) this.#begin(this.#lookAgain());
  }

  async close(deadlineMs: number): Promise<number> {
    this.#unwatch?.();
    this.#state = 'draining';
    this.#disarm();
    while (this.#activity !== null) await this.#activity;
    if (this.#side === null && this.#writer.pendingBytes > 0) await this.#seek();
    await this.#drain(deadlineMs);
    this.#state = 'closed';
    const side = this.#side;
    let lost = 0;
    if (side !== null && !hasReader(side.fd)) lost += this.#writer.takeBack(side.fd);
    lost += this.#writer.clear();
    this.#account.lose(lost, NOBODY_READS);
    this.#account.close(0);
    this.#disarm();
    await this.#release();
    this.#fifos.leave(this.#options.path);
    return lost;
  }

  /** Resolves when all is written, when nobody reads, when there is no headway, or at the deadline. */
  #drain(deadlineMs: number): Promise<void> {
    const side = this.#side;
    if (side === null || this.#writer.pendingBytes === 0) return Promise.resolve();
    return new Promise((resolve) => {
      let patience: NodeJS.Timeout | null = null;
      this.#drainStep = (over) => {
        if (patience !== null) clearTimeout(patience);
        const leftMs = Math.min(DRAIN_PATIENCE_MS, deadlineMs - RESERVE_MS - performance.now());
        if (over || leftMs <= 0) {
          this.#drainStep = null;
          resolve();
        } else patience = setTimeout(() => this.#drainStep?.(true), leftMs);
      };
      this.#drainStep(false);
      if (!side.wait.armed && this.#turn === null) this.#write(side);
    });
  }

  /** Runs what works on the path, and what became due meanwhile. */
  #begin(work: Promise<void>): void {
    this.#activity = work.finally(() => {
      this.#activity = null;
      if (this.#state === 'draining' || this.#state === 'closed') return;
      if (this.#reopenWanted) this.#begin(this.#lookAgain());
      else this.flush(performance.now());
    });
  }

  #write(side: WriteSide): void {
    try {
      const end = this.#writer.write(side.fd);
      this.#deserted = false;
      if (end === 'full') this.#stall(side);
      else if (this.#state !== 'draining') this.#state = 'open';
      if (end === 'more') this.#turn ??= setImmediate(this.#onTurn);
      this.#drainStep?.(end === 'empty');
    } catch (error) {
      this.#writeFailed(side, error);
      return;
    }
    if (this.#account.failing && this.#writer.pendingBytes < CHUNK_BYTES) this.#account.recover();
    this.#services.progressed();
  }

  #writeFailed(side: WriteSide, error: unknown): void {
    this.#soughtMs = performance.now();
    if (errorCode(error) !== 'EPIPE') {
      this.#account.fail(`write to ${this.label}: ${errorText(error)}`);
      this.#leave(side);
    } else if (this.#deserted) {
      this.#account.lose(this.#writer.clear(), NOBODY_READS);
    } else {
      // The side stays open: a reader that comes now would take the closing for the end.
      this.#deserted = true;
      this.#account.lose(this.#writer.takeBack(side.fd), NOBODY_READS);
      this.#arm(SEEK_MS);
    }
    this.#drainStep?.(true);
    if (this.#state === 'open') this.#state = 'retrying';
  }

  #stall(side: WriteSide): void {
    if (this.#state === 'open') this.#state = 'retrying';
    side.wait.arm();
  }

  readonly #onTurn = (): void => {
    this.#turn = null;
    if (this.#side !== null) this.#write(this.#side);
  };

  readonly #onTimer = (): void => {
    this.#timer = null;
    if (this.#reopenWanted) this.reopen();
    else this.flush(performance.now());
  };

  /** Lets go of what is open; what was not read there is for the next one. */
  #leave(side: WriteSide): void {
    this.#account.lose(this.#writer.takeBack(side.fd), NOBODY_READS);
    void this.#release();
    this.#arm(SEEK_MS);
  }

  /** Looks for a reader; without one, what waits is dropped. */
  async #seek(): Promise<void> {
    this.#soughtMs = performance.now();
    try {
      await this.#make();
      this.#side = await this.#openWriteSide();
    } catch (error) {
      if (errorCode(error) !== 'ENXIO') this.#account.fail(`cannot open ${this.label}: ${errorText(error)}`);
      this.#account.lose(this.#writer.clear(), NOBODY_READS);
      if (this.#state !== 'draining') this.#state = 'retrying';
    }
  }

  /** Looks whether the path still names the FIFO that is open, and makes it where it is gone. */
  async #lookAgain(): Promise<void> {
    this.#reopenWanted = false;
    const reason = await this.#settle();
    if (reason !== null) {
      this.#broken(`cannot open ${this.label}: ${reason}`);
      return;
    }
    if (this.#state === 'opening' || (this.#state === 'retrying' && this.#side === null)) this.#state = 'open';
  }

  /** @returns null where a FIFO stands at the path; the open one is let go where it is another */
  async #settle(): Promise<string | null> {
    try {
      const found = await this.#make();
      const side = this.#side;
      if (side !== null && (side.dev !== found.dev || side.ino !== found.ino)) this.#leave(side);
      return null;
    } catch (error) {
      return errorText(error);
    }
  }

  #broken(reason: string): void {
    this.#account.fail(reason);
    this.#state = 'retrying';
    this.#reopenWanted = true;
    this.#arm(RETRY_MS);
  }

  /** @returns what stands at the path, which is a FIFO; made if missing */
  async #make(): Promise<BigIntStats> {
    const { path } = this.#options;
    const found = await stat(inRoot(path), { bigint: true }).catch((error: unknown) => {
      if (errorCode(error) !== 'ENOENT') throw error;
      return this.#makeMissing();
    });
    if (!found.isFIFO()) throw new TargetError(NOT_A_FIFO);
    return found;
  }

  async #makeMissing(): Promise<BigIntStats> {
    const { path, mode } = this.#options;
    this.#fifos.make(path, mode);
    const handle = await open(inRoot(path), O_RDONLY | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW);
    try {
      await this.#ownerSetter.give(handle);
      return await handle.stat({ bigint: true });
    } finally {
      await handle.close();
    }
  }

  /** @throws ENXIO where nobody reads */
  async #openWriteSide(): Promise<WriteSide> {
    const path = inRoot(this.#options.path);
    const nofollow = await nofollowFlag(path);
    const handle = await open(path, O_WRONLY | O_NOCTTY | O_NONBLOCK | nofollow);
    const opened = await handle.stat({ bigint: true });
    if (!opened.isFIFO()) {
      await handle.close();
      throw new TargetError(NOT_A_FIFO);
    }
    const { dev, ino } = opened;
    const side: WriteSide = {
      handle,
      fd: handle.fd,
      dev,
      ino,
      wait: new WriteWait(handle.fd, () => this.#write(side)),
    };
    return side;
  }

  #arm(delayMs: number): void {
    this.#timer ??= setTimeout(this.#onTimer, delayMs);
  }

  #disarm(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#turn !== null) clearImmediate(this.#turn);
    this.#timer = null;
    this.#turn = null;
  }

  async #release(): Promise<void> {
    const side = this.#side;
    this.#side = null;
    this.#deserted = false;
    side?.wait.close();
    await side?.handle.close().catch(() => undefined);
  }
}
