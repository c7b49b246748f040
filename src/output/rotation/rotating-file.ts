/**
 * Rotates one file between two writes of its output: puts a new file in its place when that is due.
 *
 * A file is rotated by size, at the end of each period, including one that ended while the daemon was down, and on
 * request (SIGUSR2); see {@link RotationDue}. An empty file is never rotated. If a rotation fails, the file keeps
 * growing, and the rotation is retried later.
 */
import { ftruncate } from 'node:fs';
import { promisify } from 'node:util';
import { SEVERITY } from '../../protocol/priority.ts';
import type { Chunk } from '../../queue/chunk-pool.ts';
import { errorText } from '../../sys/call/error-text.ts';
import type { Report } from '../output.ts';
import { isStillAt, type OpenTarget } from '../target/open-target.ts';
import type { RotationInterval } from './calendar.ts';
import { RotationCalendar } from './clock.ts';
import { fstatAsync, holdPlace, type Place, readGenerations, replaceFile, resolvePlace, settle } from './disk.ts';
import { RotationDue, type RotationOutcome, type RotationReason } from './due.ts';
import type { FamilyMember } from './families.ts';
import { OpenSize } from './open-size.ts';
import type { Rotations } from './rotations.ts';

export { ROTATE_FIRST } from './due.ts';

/** When a file is rotated, and how many old files are kept. */
export interface RotationRule {
  /** Null: not by size. */
  readonly sizeBytes: number | null;
  /** Null: not by time. */
  readonly interval: RotationInterval | null;
  /** Number of the oldest file that is kept; 0: the file is truncated and nothing is kept. */
  readonly count: number;
}

/** Time between two reports of rotations by size, which may be frequent. */
const REPORT_MS = 600_000;

const ftruncateAsync = promisify(ftruncate);

export interface RotatingFileOptions {
  readonly path: string;
  /** As in reports. */
  readonly label: string;
  readonly rule: RotationRule;
  readonly report: Report;
  /** Reports that owner or group cannot be kept. */
  readonly complain: (error: unknown) => void;
}

/** Callbacks of the output that writes the file. */
export interface RotationHooks extends FamilyMember {
  /** {@link FileRotation.wanted} may have become true by itself. */
  readonly due: () => void;
  /** The path names another file or none, which another program did. */
  readonly moved: () => void;
}

/** How an attempt ended, and the new file; null: writing continues in the old one. */
interface Attempt {
  readonly outcome: RotationOutcome;
  readonly next: OpenTarget | null;
}

const NOTHING_DONE: Attempt = { outcome: 'done', next: null };

export class FileRotation {
  readonly #options: RotatingFileOptions;
  readonly #rotations: Rotations;
  readonly #hooks: RotationHooks;
  readonly #due: RotationDue;
  readonly #size = new OpenSize();
  readonly #calendar: RotationCalendar | null;
  /** Null: no regular file is open. */
  #place: Place | null = null;
  #reportedMs = Number.NEGATIVE_INFINITY;
  #failing = false;
  #leaveClock: (() => void) | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: RotatingFileOptions, rotations: Rotations, hooks: RotationHooks) {
    this.#options = options;
    this.#hooks = hooks;
    this.#rotations = rotations;
    const { interval, sizeBytes } = options.rule;
    const { clock } = rotations;
    this.#due = new RotationDue(sizeBytes);
    this.#calendar = interval === null ? null : new RotationCalendar(interval, clock.now(), clock.zone);
    if (this.#calendar === null) return;
    this.#leaveClock = clock.add(this.#calendar, () => {
      this.#due.periodEnded();
      hooks.due();
    });
  }

  /** Whether to rotate as soon as no write is in progress, even if no record follows. */
  get wanted(): boolean {
    return this.#place !== null && this.#due.isDue(performance.now());
  }

  /** The operator requests a rotation. */
  request(): void {
    this.#due.request();
  }

  /** Finishes or cleans up an interrupted rotation, then opens the path with `open`. */
  async open(open: () => Promise<OpenTarget>): Promise<OpenTarget> {
    const { path, rule } = this.#options;
    const { locks, ops, compressor, families } = this.#rotations;
    this.#leavePlace();
    const place = await resolvePlace(path).catch(() => null);
    if (place === null) return await open();
    const target = await locks.run(place.key, async () => {
      await holdPlace(place, (here) => settle(here, ops)).catch((error: unknown) => this.#failed(null, error));
      return await open();
    });
    if (target.kind !== 'regular') return target;
    this.#place = place;
    if (!this.#failing) this.#due.endPause();
    families.join(place.key, this.#hooks);
    this.#size.follow(target.fd, target.sizeBytes);
    this.#due.opened(target.sizeBytes > 0 && this.#calendar?.isBefore(target.changedMs) === true);
    compressor.enqueue(place, rule.count);
    return target;
  }

  /** See {@link RotationDue.writeEnd}: HOT PATH, once for each write. */
  writeEnd(chunk: Chunk, tornBytes: number): number {
    this.#size.writeBegins();
    if (this.#place === null) return chunk.end;
    const nowMs = performance.now();
    if (this.#calendar?.advance(this.#rotations.clock.now()) === true) this.#due.periodEnded();
    return this.#due.writeEnd(chunk, tornBytes, this.#size.bytes, nowMs);
  }

  /** `bytes` bytes were written; negative: removed again. */
  wrote(bytes: number): void {
    this.#size.wrote(bytes);
  }

  /** Looks up the size between two writes: another output has written to the file. */
  async measure(): Promise<void> {
    await this.#size.measure();
  }

  /**
   * Rotates the file. Never throws: errors are reported.
   *
   * @param old the open file; it stays open
   * @returns its successor, or null if writing continues in the same file
   */
  async rotate(old: OpenTarget): Promise<OpenTarget | null> {
    const place = this.#place;
    if (place === null) return null;
    const reason = this.#due.begin();
    if (reason === null) return null;
    try {
      const { outcome, next } = await this.#rotations.locks.run(place.key, () => this.#replace(place, old, reason));
      this.#pause(this.#due.end(reason, outcome, performance.now()));
      if (outcome === 'moved') this.#hooks.moved();
      return next;
    } catch (error) {
      if (reason === 'request') this.#failing = false;
      this.#failed(reason, error);
      return null;
    }
  }

  /** The output is closed. */
  close(): void {
    this.#leaveClock?.();
    this.#leaveClock = null;
    this.#leavePlace();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#due.forget();
  }

  async #replace(place: Place, old: OpenTarget, reason: RotationReason): Promise<Attempt> {
    const { path, rule } = this.#options;
    if (!(await isStillAt(path, old))) return { outcome: 'moved', next: null };
    const { size } = await fstatAsync(old.fd);
    const shrunk = size < this.#size.bytes;
    this.#size.bytes = size;
    if (size === 0 || (reason === 'size' && shrunk)) return NOTHING_DONE;
    if (rule.count === 0) {
      await ftruncateAsync(old.fd, 0);
      this.#size.bytes = 0;
      this.#reportRotated(reason);
      return NOTHING_DONE;
    }
    const next = await this.#putNewFile(place, old);
    if (next === null) return { outcome: 'busy', next };
    this.#size.follow(next.fd, next.sizeBytes);
    this.#reportRotated(reason);
    this.#rotations.families.replacedBy(place.key, this.#hooks);
    this.#rotations.compressor.enqueue(place, rule.count);
    return { outcome: 'done', next };
  }

  /** @returns null if the old files are still being compared */
  #putNewFile(place: Place, old: OpenTarget): Promise<OpenTarget | null> {
    const { rule, complain } = this.#options;
    const { ops, compressor } = this.#rotations;
    return holdPlace(place, async (here) => {
      await settle(here, ops);
      const generations = await readGenerations(here, rule.count);
      if (!(await compressor.areDistinct(here, generations))) return null;
      return await replaceFile(here, old, generations, rule.count, ops, complain);
    });
  }

  #leavePlace(): void {
    if (this.#place !== null) this.#rotations.families.leave(this.#place.key, this.#hooks);
    this.#place = null;
    this.#size.leave();
  }

  /** Calls the output when the pause is over. */
  #pause(durationMs: number): void {
    if (durationMs === 0) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#hooks.due, durationMs + 1).unref();
  }

  #reportRotated(reason: RotationReason): void {
    const { path, label, report } = this.#options;
    this.#rotations.notifier.rotated(path);
    const nowMs = performance.now();
    // The report may itself go to the file: with a tiny limit, reporting each rotation would cause the next one.
    if (reason === 'size' && !this.#failing && nowMs - this.#reportedMs < REPORT_MS) return;
    this.#reportedMs = nowMs;
    this.#failing = false;
    report(SEVERITY.info, `rotated ${label}`);
  }

  #failed(reason: RotationReason | null, error: unknown): void {
    this.#pause(this.#due.end(reason, 'failed', performance.now()));
    if (this.#failing) return;
    this.#failing = true;
    this.#options.report(SEVERITY.err, `cannot rotate ${this.#options.label}: ${errorText(error)}`);
  }
}
