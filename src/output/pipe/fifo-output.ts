/**
 * Writes lines into a FIFO, and never waits for its reader.
 *
 * Opened for writing only, so that a missing reader shows: without one, what was queued is counted as dropped within
 * `seekMs`. What a reader left unread goes to the next one if that comes within this time. Opened at the start if
 * somebody reads, and once open it stays open, so that no reader ever sees an end of file. Created if missing, and
 * removed at the end if it is still the one that was created.
 *
 *   found                    a message comes            a pause later      the path changes
 *   somebody reads           written                    -                  another FIFO: left for that
 *   somebody reads, full     queued, up to a limit      -                  the same
 *   the reader went          seekMs for the next one    dropped            the same
 *   nobody reads             dropped                    -                  made if it is gone
 *   no FIFO at the path      dropped                    checked again      checked again, once
 *   no FIFO, but the one     written, as long as        checked again      checked again, once
 *   that was there is read   somebody reads it
 *   draining                 written if one reads       -                  -
 *   closed                   -                          -                  -
 *
 * path-keeper.ts works on the path. Source: fifo(7).
 */
import { errorCode, errorText } from '../../sys/call/error-text.ts';
import { hasReader } from '../../sys/file/fifo.ts';
import { CHUNK_BYTES } from '../../queue/chunk-pool.ts';
import { LifeTimer } from '../life.ts';
import { QueuedOutput, type Remainder } from '../queued-output.ts';
import type { OutputServices } from '../services.ts';
import { OwnerSetter } from '../target/file-owner.ts';
import { within } from '../within.ts';
import { type FifoOptions, FifoPath, type OpenFifo } from './fifo-path.ts';
import type { MadeFifos } from './made-fifos.ts';
import { nextPipeStep } from './next-step.ts';
import { type PathEvents, PathKeeper } from './path-keeper.ts';
import { PipeWriter } from './pipe-writer.ts';
import { WriteEnd } from './write-end.ts';

export type { FifoOptions } from './fifo-path.ts';

/** Pauses in milliseconds. */
export interface FifoTiming {
  /** Time between two attempts to find a reader; a message may wait as long for one. */
  readonly seekMs: number;
  /** Time between two attempts to have a FIFO at the path. */
  readonly retryMs: number;
}

const TIMING: FifoTiming = { seekMs: 250, retryMs: 1000 };
/** At the end a reader that takes nothing for this long is given up. */
const DRAIN_PATIENCE_MS = 500;
/** The rest of the time is for outputs that log what was lost. */
const RESERVE_MS = 500;
const QUEUE_BYTES = 1024 * 1024;
const NOBODY_READS = 'it has no reader';

/** The open FIFO and its write end. */
interface Side extends OpenFifo {
  readonly end: WriteEnd;
}

export class FifoOutput extends QueuedOutput {
  readonly kind = 'fifo';
  protected override readonly reserveMs = RESERVE_MS;
  readonly #services: OutputServices;
  readonly #seekMs: number;
  readonly #keeper: PathKeeper;
  readonly #writer = new PipeWriter(this.queue);
  readonly #seekTimer = new LifeTimer(this.life, () => this.flush(performance.now()));
  #side: Side | null = null;
  /** The last write found no reader. */
  #deserted = false;
  /** When a reader was last found to be missing, performance.now(). */
  #soughtMs = Number.NEGATIVE_INFINITY;
  #patience: NodeJS.Timeout | null = null;

  constructor(options: FifoOptions, services: OutputServices, fifos: MadeFifos, timing: FifoTiming = TIMING) {
    const { path: name, owner } = options;
    const { pool, report, watcher } = services;
    super({ name, label: `fifo "${name}"`, pool, queueBytes: QUEUE_BYTES, report });
    this.#services = services;
    this.#seekMs = timing.seekMs;
    const path = new FifoPath(options, fifos, new OwnerSetter(owner, this.label, report));
    const parts = { name, path, fifos, watcher, life: this.life, retryMs: timing.retryMs };
    this.#keeper = new PathKeeper(parts, this.#events());
  }

  override open(persist: boolean): Promise<string | null> {
    return this.#keeper.open(persist);
  }

  override reopen(): void {
    this.#keeper.look();
  }

  override flush(nowMs: number): void {
    const side = this.#side;
    const pauseMs = this.#seekMs - (nowMs - this.#soughtMs);
    const step = nextPipeStep({
      life: this.life.state,
      pending: this.pendingBytes > 0,
      held: this.succession.holds || this.#keeper.work !== null,
      end: side === null ? 'none' : this.#deserted ? 'deserted' : side.end.waiting ? 'waiting' : 'open',
      pauseMs,
    });
    if (step === 'write' && side !== null) this.#write(side);
    else if (step === 'pause') this.#seekTimer.start(pauseMs);
    else if (step === 'renew') void this.#keeper.seek();
  }

  protected override get ready(): boolean {
    return this.#side !== null && !this.#deserted;
  }

  protected override get pendingBytes(): number {
    return this.#writer.pendingBytes;
  }

  protected override countWaiting(): number {
    return this.#writer.countRecords();
  }

  protected override async writeRest(limitMs: number): Promise<void> {
    if (this.#keeper.work !== null) await within(this.#keeper.work, limitMs);
    if (this.#keeper.work === null && this.#side === null && this.pendingBytes > 0)
      await within(this.#keeper.seek(), limitMs);
    const side = this.#side;
    if (this.#keeper.work !== null || side === null || this.pendingBytes === 0) return;
    if (!side.end.waiting) this.#write(side);
    if (this.pendingBytes === 0 || this.#deserted) return;
    this.#waitOn();
    await this.drained.until(limitMs);
  }

  protected override unwatch(): void {
    this.#keeper.unwatch();
  }

  protected override giveUp(): Remainder {
    const side = this.#side;
    const torn = side !== null && !hasReader(side.handle.fd) ? this.#writer.takeBack(side.handle.fd) : 0;
    return { records: torn + this.#writer.clear(), reason: NOBODY_READS };
  }

  protected override release(): void {
    this.#letGo();
    this.#keeper.close();
  }

  #write(side: Side): void {
    if (this.succession.holds) return;
    try {
      const end = side.end.write();
      this.#deserted = false;
      this.life.on(end === 'full' || this.#keeper.isWrong ? 'fails' : 'works');
    } catch (error) {
      this.#writeFailed(side, error);
      return;
    }
    if (this.pendingBytes === 0) this.drained.over();
    else this.#waitOn();
    const isShort = this.pendingBytes < CHUNK_BYTES;
    if (this.account.failing && !this.#keeper.isWrong && isShort) this.account.recover();
    this.#services.progressed();
  }

  #writeFailed(side: Side, error: unknown): void {
    this.#soughtMs = performance.now();
    this.life.on('fails');
    if (errorCode(error) !== 'EPIPE') {
      this.account.fail(`cannot write to ${this.label}: ${errorText(error)}`);
      this.#leave(side);
    } else if (this.#deserted) {
      this.account.lose(this.#writer.clear(), NOBODY_READS);
    } else {
      // It stays open: a reader that comes now would take closing it for the end.
      this.#deserted = true;
      this.account.lose(this.#writer.takeBack(side.handle.fd), NOBODY_READS);
      this.#seekTimer.start(this.#seekMs);
    }
    this.drained.over();
  }

  /** At the end a reader has this long for each piece. */
  #waitOn(): void {
    if (!this.life.ending) return;
    if (this.#patience !== null) clearTimeout(this.#patience);
    this.#patience = setTimeout(() => this.drained.over(), DRAIN_PATIENCE_MS);
  }

  #events(): PathEvents {
    return {
      current: () => this.#side,
      opened: (fifo) => this.#adopt(fifo),
      found: () => {
        if (this.#side === null) this.life.on('works');
      },
      replaced: () => {
        if (this.#side !== null) this.#leave(this.#side);
      },
      missing: (reason) => {
        this.account.fail(`cannot open ${this.label}: ${reason}`);
        this.life.on('fails');
      },
      unread: () => {
        this.#soughtMs = performance.now();
        this.account.lose(this.#writer.clear(), NOBODY_READS);
        this.life.on('fails');
      },
      idle: () => this.flush(performance.now()),
    };
  }

  #adopt(fifo: OpenFifo): void {
    if (this.life.closed) {
      void fifo.handle.close();
      return;
    }
    const side: Side = { ...fifo, end: new WriteEnd(fifo.handle.fd, this.#writer, () => this.#write(side)) };
    this.#side = side;
  }

  /** Leaves the open FIFO for another one; what was not read goes to the next reader. */
  #leave(side: Side): void {
    this.account.lose(this.#writer.takeBack(side.handle.fd), NOBODY_READS);
    this.#letGo();
    this.#soughtMs = performance.now();
    this.#seekTimer.start(this.#seekMs);
  }

  /** Closes everything that is open, and ends all waits for it. */
  #letGo(): void {
    const side = this.#side;
    this.#side = null;
    this.#deserted = false;
    if (this.#patience !== null) clearTimeout(this.#patience);
    this.#patience = null;
    side?.end.close();
    void side?.handle.close().catch(() => undefined);
  }
}
