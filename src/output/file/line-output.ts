/**
 * Appends lines to a file, a terminal or another device.
 *
 * One write is under way at a time, in the thread pool; meanwhile the queue fills and the next write takes all
 * of it. A write that comes alone starts at once; others at the pace of write-pace.ts.
 * A disk that fills up keeps its place: the torn end is taken back, the queue waits. Any other failure closes
 * the descriptor and opens the path anew, every RETRY_MS, until that works. At the end each is tried once more.
 */
import { write } from 'node:fs';
import { errorCode, errorText } from '../../sys/call/error-text.ts';
import { CHUNK_BYTES } from '../../queue/chunk-pool.ts';
import { closeWhenSynced, DataSync } from './data-sync.ts';
import { LineQueue } from '../../queue/line-queue.ts';
import { Exile } from './exile.ts';
import { Headway } from './headway.ts';
import { type FileOwner, OwnerSetter } from '../target/file-owner.ts';
import { LossAccount } from '../loss-account.ts';
import { isStillAt, type OpenTarget, openTarget } from '../target/open-target.ts';
import { LifeTimer, OutputLife } from '../life.ts';
import type { Output, OutputCounters, OutputKind, OutputState } from '../output.ts';
import type { OutputServices } from '../services.ts';
import { FileRotation, ROTATE_FIRST, type RotationRule } from '../rotation/rotating-file.ts';
import { type MadeFile, removeMade } from '../target/made-file.ts';
import { PathGuard } from '../target/path-guard.ts';
import { SyncHealth } from './sync-health.ts';
import { Succession } from '../succession.ts';
import { TornEnd } from './torn-end.ts';
import { DeadlineWait } from '../within.ts';
import type { GatedWriter } from './write-gate.ts';
import { WritePace } from './write-pace.ts';

/** Between two attempts while something is out of order. */
const RETRY_MS = 1000;
/** Between two looks at a terminal that takes no bytes. */
const STALL_MS = 100;
/** Terminals are not waited for at the end. */
const TERMINAL_DRAIN_MS = 300;
/** Nor is what does not open then. */
const OPEN_DRAIN_MS = 1000;
/** Closing what was never written to takes no longer, unless its disk hangs. */
const ABANDON_MS = 1000;

const FILE_QUEUE_BYTES = 8 * 1024 * 1024;
const TERMINAL_QUEUE_BYTES = 64 * 1024;

/** Errors that mean: no room now. */
const NO_ROOM: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

export interface LineOutputOptions {
  readonly path: string;
  /** fdatasync(2) within a second of each write. */
  readonly sync: boolean;
  /** Permission bits of a file that has to be made. */
  readonly mode: number;
  /** Whom a file that has to be made belongs to. */
  readonly owner: FileOwner;
  /** Null: never rotated by the daemon. */
  readonly rotation: RotationRule | null;
}

/** What is under way; only one thing at a time. */
type Activity = 'none' | 'write' | 'open' | 'repair' | 'rotate';

export class LineOutput implements Output, GatedWriter {
  readonly name: string;
  readonly label: string;
  readonly queue: LineQueue;
  crlf = false;
  readonly turnless: boolean;
  readonly #options: LineOutputOptions;
  readonly #services: OutputServices;
  readonly #account: LossAccount;
  readonly #syncHealth: SyncHealth;
  readonly #ownerSetter: OwnerSetter;
  readonly #rotation: FileRotation | null;
  readonly #exile: Exile;
  readonly #guard: PathGuard;
  readonly #life = new OutputLife();
  #lostAtEnd = 0;
  /** What is tried again, or written later, while the output is alive. */
  readonly #timer = new LifeTimer(this.#life, () => this.#onTimer());
  /** A terminal that takes nothing is tried again, at the end too. */
  #stallTimer: NodeJS.Timeout | null = null;
  #activity: Activity = 'none';
  #target: OpenTarget | null = null;
  #sync: DataSync | null = null;
  readonly #torn: TornEnd;
  readonly #pace = new WritePace();
  readonly #headway = new Headway();
  #reopenWanted = false;
  /** At the end: writing has failed, and what came before that is not tried again. */
  #givenUp = false;
  readonly #drained = new DeadlineWait();
  readonly #succession = new Succession();
  /** It was opened for nothing: what opening makes goes again. */
  #abandoned = false;

  constructor(options: LineOutputOptions, services: OutputServices) {
    this.name = options.path;
    this.label = `file "${options.path}"`;
    this.#options = options;
    this.#services = services;
    this.queue = new LineQueue(services.pool, FILE_QUEUE_BYTES, {
      isFirm: () => this.#isFirm(performance.now()),
      evicted: (records) => this.#account.evict(records),
    });
    this.#torn = new TornEnd(this.queue);
    this.turnless = options.rotation === null;
    this.#account = new LossAccount(this.label, services.report);
    this.#syncHealth = new SyncHealth(this.label, services.report);
    this.#ownerSetter = new OwnerSetter(options.owner, this.label, services.report);
    this.#exile = new Exile(this.label, services.report, () => this.reopen());
    this.#guard = new PathGuard(options.path, services.watcher, () => this.reopen());
    this.#rotation = options.rotation === null ? null : this.#createRotation(options.path, options.rotation);
  }

  get state(): OutputState {
    return this.#life.state;
  }

  get counters(): OutputCounters {
    return this.#account.counters;
  }

  /**
   * Opens the path for the first time.
   *
   * @param persist go on trying if that fails, and report it
   * @returns null, or why the path cannot be opened
   */
  async open(persist: boolean): Promise<string | null> {
    this.#begin('open');
    try {
      this.#adopt(await this.#openPath());
      this.#activity = 'none';
      // Opening may have taken long: what came meanwhile is written now.
      this.#continue();
      return null;
    } catch (error) {
      this.#activity = 'none';
      if (persist) this.#outOfOrder(`cannot open ${this.label}: ${errorText(error)}`);
      if (persist) this.#continue();
      return errorText(error);
    }
  }

  /** Before it is open, a file: nearly all are. */
  get kind(): OutputKind {
    const kind = this.#target?.kind ?? 'regular';
    return kind === 'regular' ? 'file' : kind;
  }

  written(): number {
    return this.#account.written(this.queue.countRecords());
  }

  refuse(records: number): void {
    this.#account.refuse(records);
  }

  flush(nowMs: number): void {
    if (this.#activity !== 'none' || this.#life.state === 'retrying' || this.queue.queuedBytes === 0) return;
    if (this.#succession.holds) return;
    const waitMs = this.#pace.waitMs(nowMs);
    if (waitMs <= 0 || this.queue.queuedBytes >= CHUNK_BYTES || this.#life.ending)
      this.#services.writes.enter(this, nowMs);
    else this.#timer.start(waitMs);
  }

  congested(nowMs: number): boolean {
    const { queuedBytes, limitBytes } = this.queue;
    const isLong = queuedBytes >= limitBytes / 2 || (queuedBytes > 0 && this.#services.pool.budget.isCrowded(nowMs));
    return isLong && this.#life.state === 'open' && this.#isFirm(nowMs);
  }

  /** A regular file that works, be it slowly. */
  #isFirm(nowMs: number): boolean {
    const { state } = this.#life;
    if (this.#target?.kind !== 'regular' || (state !== 'open' && state !== 'draining') || this.#givenUp) return false;
    if (this.#succession.holds) return this.#succession.advances(nowMs);
    return this.#activity === 'none' || !this.#headway.isLost(nowMs);
  }

  advances(nowMs: number): boolean {
    return this.#isFirm(nowMs);
  }

  follow(closed: Promise<unknown>, advances: (nowMs: number) => boolean): void {
    this.#succession.follow(closed, advances, () => void this.#takeOver());
  }

  /** The output before this one has written all that it could. */
  async #takeOver(): Promise<void> {
    if (this.#activity !== 'none' || this.#stallTimer !== null) return;
    if (this.#rotation !== null) {
      this.#begin('open');
      await this.#rotation.measure();
      this.#activity = 'none';
    }
    this.#continue();
  }

  get identity(): string | null {
    const target = this.#target;
    return target === null ? null : `${target.dev}:${target.ino}`;
  }

  #begin(activity: Activity): void {
    this.#activity = activity;
    this.#headway.step(performance.now());
  }

  settle(): void {
    this.#account.settle();
  }

  reopen(): void {
    if (this.#life.ending) return;
    this.#reopenWanted = true;
    if (this.#activity === 'none') void this.#lookAgain();
  }

  get rotates(): boolean {
    return this.#rotation !== null;
  }

  rotate(): boolean {
    this.#rotation?.request();
    this.#onRotationDue();
    return this.#rotation !== null;
  }

  async drain(deadlineMs: number): Promise<void> {
    this.#life.on('drain');
    this.#timer.stop();
    if (this.queue.queuedBytes > 0) await this.#succession.over(deadlineMs);
    if (this.queue.queuedBytes === 0 || this.#life.closed) return;
    const patienceMs = this.#target === null ? OPEN_DRAIN_MS : TERMINAL_DRAIN_MS;
    const limitMs =
      this.#target?.kind === 'regular' ? deadlineMs : Math.min(deadlineMs, performance.now() + patienceMs);
    // Also what is out of order gets a last chance: there may be room again.
    this.#givenUp = false;
    const drained = this.#drained.until(limitMs);
    if (this.#activity === 'none' && this.#stallTimer === null) this.#continue();
    await drained;
  }

  get sound(): boolean {
    return this.#target !== null && this.queue.queuedBytes === 0 && !this.#account.failing;
  }

  async close(deadlineMs: number): Promise<number> {
    if (this.#life.closed) return this.#lostAtEnd;
    this.#guard.close();
    this.#exile.close();
    await this.drain(deadlineMs);
    if (this.#life.closed) return this.#lostAtEnd;
    this.#life.on('close');
    if (this.#stallTimer !== null) clearTimeout(this.#stallTimer);
    this.#services.writes.withdraw(this);
    this.#rotation?.close();
    const lost = this.queue.clear();
    this.#lostAtEnd = lost;
    this.#account.close(lost);
    this.#syncHealth.close();
    // A write that hangs keeps its descriptor; the end of the process closes it.
    if (this.#activity === 'none') await this.#release();
    return lost;
  }

  async abandon(): Promise<MadeFile | null> {
    this.#abandoned = true;
    const target = this.#target;
    await this.close(performance.now() + ABANDON_MS);
    return target === null ? null : this.#madeBy(target);
  }

  #madeBy({ made, dev, ino }: OpenTarget): MadeFile | null {
    return made ? { path: this.name, dev, ino } : null;
  }

  /** Does what is due once nothing is under way. */
  #continue(): void {
    if (this.#life.closed) void this.#release();
    else if (this.#life.ending) this.#finish();
    else if (this.#reopenWanted) void this.#lookAgain();
    else if (this.#life.state === 'retrying') this.#timer.start(RETRY_MS);
    else if (this.#rotation?.wanted === true) void this.#rotate();
    else this.flush(performance.now());
  }

  /** Goes on with what is left at the end, or says that nothing more can be done. */
  #finish(): void {
    if (this.queue.queuedBytes === 0 || this.#givenUp) this.#drained.over();
    else if (this.#target === null) void this.#lookAgain();
    else this.flush(performance.now());
  }

  startWrite(): void {
    const held = this.#life.state === 'retrying' || this.#succession.holds;
    if (this.#activity === 'none' && !held) this.#write(performance.now());
    if (this.#activity !== 'write') this.#services.writes.leave(this);
  }

  #write(nowMs: number): void {
    const head = this.queue.head();
    const target = this.#target;
    if (head === null || target === null) return;
    const end = this.#rotation === null ? head.end : this.#rotation.writeEnd(head, this.#torn.bytes);
    if (end === ROTATE_FIRST) {
      void this.#rotate();
      return;
    }
    this.#activity = 'write';
    this.#headway.step(nowMs);
    this.queue.headInUse = true;
    this.#pace.started(nowMs, this.counters.accepted);
    write(target.fd, head.bytes, head.begin, end - head.begin, null, this.#onWritten);
  }

  readonly #onWritten = (error: Error | null, written: number): void => {
    this.#activity = 'none';
    this.queue.headInUse = false;
    this.#services.writes.leave(this);
    if (!this.#life.closed) {
      if (error === null) this.#advance(written);
      else this.#writeFailed(error);
    }
    if (this.#activity === 'none' && this.#stallTimer === null) this.#continue();
  };

  #advance(written: number): void {
    const head = this.queue.head();
    if (head === null) return;
    this.#torn.wrote(head, written);
    this.queue.consume(written);
    this.#rotation?.wrote(written);
    this.#sync?.touch();
    const nowMs = performance.now();
    this.#headway.step(nowMs);
    this.#guard.wrote(nowMs);
    this.#life.on('works');
    // Only a short queue means that it works again: a disk with a little room would otherwise fail and recover in
    // turns, and so would a terminal whose queue is no longer than one write.
    const shortBytes = Math.min(CHUNK_BYTES, this.queue.limitBytes / 4);
    if (this.#account.failing && this.queue.queuedBytes < shortBytes) this.#account.recover();
    this.#services.progressed();
  }

  #writeFailed(error: Error): void {
    const code = errorCode(error);
    if (code === 'EINTR') return;
    if (code === 'EAGAIN') {
      this.#stallTimer ??= setTimeout(this.#onStall, STALL_MS);
      return;
    }
    const reason = `write to ${this.label}: ${errorText(error)}`;
    if (NO_ROOM.has(code)) {
      void this.#repair(reason);
      return;
    }
    this.#letGo(reason);
  }

  /** Takes the part of a record back that fitted on a full disk, then waits for room. */
  async #repair(reason: string): Promise<void> {
    if (this.#torn.bytes === 0 || this.#target === null) {
      this.#outOfOrder(reason);
      return;
    }
    this.#begin('repair');
    const bytes = await this.#torn.takeBack(this.#target.fd);
    this.#activity = 'none';
    if (bytes > 0 && !this.#life.closed) {
      this.#rotation?.wrote(-bytes);
      this.#torn.rewind();
    }
    this.#outOfOrder(reason);
    this.#continue();
  }

  /** Whoever calls this calls {@link #continue} afterwards. */
  #outOfOrder(reason: string): void {
    if (this.#life.closed) return;
    this.#account.fail(reason);
    this.#life.on('fails');
    this.#givenUp = true;
    this.#timer.stop();
  }

  #createRotation(path: string, rule: RotationRule): FileRotation {
    const { report, rotations } = this.#services;
    const { complain } = this.#ownerSetter;
    const hooks = { due: this.#onRotationDue, moved: this.#guard.hint, replaced: () => this.reopen() };
    return new FileRotation({ path, label: this.label, rule, report, complain }, rotations, hooks);
  }

  /** Puts a new file in the place of the open one, between two writes. */
  async #rotate(): Promise<void> {
    const current = this.#target;
    if (this.#rotation === null || current === null) return;
    this.#begin('rotate');
    const next = await this.#rotation.rotate(current);
    this.#activity = 'none';
    if (next !== null) this.#adopt(this.#services.rotations.held.track(next));
    this.#continue();
  }

  /** A period has ended, or a rotation can be tried again. */
  readonly #onRotationDue = (): void => {
    if (this.#activity === 'none' && this.#rotation?.wanted === true && this.#life.state === 'open')
      void this.#rotate();
  };

  async #openPath(): Promise<OpenTarget> {
    const { path, mode } = this.#options;
    const { opens, rotations } = this.#services;
    const { held } = rotations;
    const made = this.#ownerSetter.give;
    const isHeld = (dev: number, ino: number): boolean => held.isHeld(dev, ino);
    const open = (): Promise<OpenTarget> => openTarget(path, mode, { made, isHeld });
    return held.track(await opens.run(() => this.#rotation?.open(open) ?? open()));
  }

  /** Opens the path anew where it no longer names the open file. */
  async #lookAgain(): Promise<void> {
    this.#reopenWanted = false;
    this.#begin('open');
    try {
      const current = this.#target;
      if (current === null || !(await isStillAt(this.#options.path, current))) this.#adopt(await this.#openPath());
    } catch (error) {
      if (!(await this.#exile.begins(this.#target, error)))
        this.#letGo(`cannot open ${this.label}: ${errorText(error)}`);
    }
    this.#activity = 'none';
    this.#continue();
  }

  #letGo(reason: string): void {
    void this.#release();
    this.#torn.rewind();
    this.#outOfOrder(reason);
  }

  #adopt(target: OpenTarget): void {
    if (this.#life.closed) {
      // Too late: nobody needs it any more.
      this.#rotation?.close();
      void this.#dispose(target);
      return;
    }
    this.#exile.ends();
    void closeWhenSynced(this.#target, this.#sync);
    this.#target = target;
    this.#torn.rewind();
    this.crlf = target.kind === 'terminal';
    this.queue.limitBytes = target.kind === 'terminal' ? TERMINAL_QUEUE_BYTES : FILE_QUEUE_BYTES;
    this.#sync =
      this.#options.sync && target.kind === 'regular'
        ? new DataSync(target.fd, this.#services.gate, this.#syncHealth.note)
        : null;
    this.#life.on('works');
    if (this.queue.queuedBytes === 0) this.#account.recover();
    this.#guard.guard(target);
    this.#headway.step(performance.now());
  }

  #onTimer(): void {
    if (this.#activity !== 'none' || this.#stallTimer !== null) return;
    if (this.#life.state !== 'retrying') this.#continue();
    else if (this.#target === null) void this.#lookAgain();
    else if (!this.#succession.holds) this.#write(performance.now());
  }

  readonly #onStall = (): void => {
    this.#stallTimer = null;
    if (this.#activity === 'none') this.#continue();
  };

  async #dispose(target: OpenTarget): Promise<void> {
    const made = this.#madeBy(target);
    await target.close();
    if (made !== null && this.#abandoned) await removeMade(made, this.#services.rotations.held);
  }

  async #release(): Promise<void> {
    const target = this.#target;
    const sync = this.#sync;
    this.#target = null;
    this.#sync = null;
    this.#guard.guard(null);
    await closeWhenSynced(target, sync);
  }
}
