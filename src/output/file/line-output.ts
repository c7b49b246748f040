/**
 * Appends lines to a file, a terminal or another device. file-work.ts does the work.
 *
 * Inputs wait for a regular file that works, however slowly, so it loses nothing. At the end everything is tried once
 * more, and only what works is waited for.
 */
import type { OutputKind } from '../output.ts';
import { QueuedOutput, type Remainder } from '../queued-output.ts';
import type { OutputServices } from '../services.ts';
import type { MadeFile } from '../target/made-file.ts';
import { FILE_QUEUE_BYTES, type FileSeams, FileWork, SYSTEM_SEAMS } from './file-work.ts';
import type { LineOutputOptions } from './open-path.ts';

export type { LineOutputOptions } from './open-path.ts';

/** Terminals are given no longer than this at the end. */
const TERMINAL_DRAIN_MS = 300;
/** Nor is an open that fails then. */
const OPEN_DRAIN_MS = 1000;
/** Closing a file that was never written to takes no longer, unless its disk hangs. */
const ABANDON_MS = 1000;

export class LineOutput extends QueuedOutput {
  readonly turnless: boolean;
  readonly #services: OutputServices;
  readonly #work: FileWork;

  constructor(options: LineOutputOptions, services: OutputServices, seams: FileSeams = SYSTEM_SEAMS) {
    const { path } = options;
    const { pool, report } = services;
    super({ name: path, label: `file "${path}"`, pool, queueBytes: FILE_QUEUE_BYTES, report });
    this.turnless = options.rotation === null;
    this.#services = services;
    const { label, queue, life, account, succession, drained } = this;
    this.#work = new FileWork({ options, label, services, seams, queue, life, account, succession, drained });
  }

  /** Assumed to be a file until it is open: nearly all are. */
  override get kind(): OutputKind {
    const kind = this.#work.path.target?.kind ?? 'regular';
    return kind === 'regular' ? 'file' : kind;
  }

  override get crlf(): boolean {
    return this.#work.crlf;
  }

  get identity(): string | null {
    return this.#work.path.identity;
  }

  get rotates(): boolean {
    return this.#work.path.rotates;
  }

  override open(persist: boolean): Promise<string | null> {
    return this.#work.open(persist);
  }

  override flush(nowMs: number): void {
    this.#work.next('news', nowMs);
  }

  override reopen(): void {
    this.#work.reopen();
  }

  rotate(): boolean {
    this.#work.path.requestRotation();
    this.#work.rotateIfDue();
    return this.rotates;
  }

  override congested(nowMs: number): boolean {
    const { queuedBytes, limitBytes } = this.queue;
    const isLong = queuedBytes >= limitBytes / 2 || (queuedBytes > 0 && this.#services.pool.budget.isCrowded(nowMs));
    return isLong && this.life.state === 'open' && this.isFirm(nowMs);
  }

  advances(nowMs: number): boolean {
    return this.isFirm(nowMs);
  }

  async abandon(): Promise<MadeFile | null> {
    const made = this.#work.path.abandon();
    await this.close(performance.now() + ABANDON_MS);
    return made;
  }

  protected override get ready(): boolean {
    return this.#work.path.target !== null;
  }

  /** A regular file that works, however slowly. */
  protected override isFirm(nowMs: number): boolean {
    const { state } = this.life;
    const isWorking = (state === 'open' || state === 'draining') && !this.#work.givenUp;
    if (!isWorking || this.#work.path.target?.kind !== 'regular') return false;
    return this.succession.holds ? this.succession.advances(nowMs) : !this.#work.isStuck(nowMs);
  }

  protected override resume(): void {
    this.#work.resume();
  }

  protected override async writeRest(limitMs: number): Promise<void> {
    if (this.queue.queuedBytes === 0) return;
    const kind = this.#work.path.target?.kind ?? null;
    const patienceMs = kind === null ? OPEN_DRAIN_MS : TERMINAL_DRAIN_MS;
    const untilMs = kind === 'regular' ? limitMs : Math.min(limitMs, performance.now() + patienceMs);
    const drained = this.drained.until(untilMs);
    this.#work.lastChance();
    await drained;
  }

  protected override unwatch(): void {
    this.#work.path.unwatch();
  }

  protected override giveUp(): Remainder {
    return { records: this.queue.clear(), reason: null };
  }

  protected override release(): Promise<void> {
    return this.#work.close();
  }
}
