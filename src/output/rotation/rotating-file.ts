/**
 * Decides when one file is rotated, and has it done between two writes of its output.
 *
 * By size: before a write that would pass the limit, cut at the end of a record; a record longer than the limit gets
 * a file of its own. By time: at the end of each period, also of one that ended while the daemon was down. On
 * request: SIGUSR2. An empty file is left alone.
 * A rotation that fails holds up nothing: the file grows on, and it is tried again later.
 */
import { ftruncate, fstat } from 'node:fs';
import { promisify } from 'node:util';
import { SEVERITY } from '../../protocol/priority.ts';
import { errorText } from '../../sys/call/error-text.ts';
import type { Chunk } from '../../queue/chunk-pool.ts';
import { isStillAt, type OpenTarget } from '../target/open-target.ts';
import type { Report } from '../output.ts';
import type { RotationInterval } from './calendar.ts';
import { RotationCalendar } from './clock.ts';
import { fstatAsync, holdPlace, type Place, readGenerations, replaceFile, resolvePlace, settle } from './disk.ts';
import type { FamilyMember } from './families.ts';
import type { Rotations } from './rotations.ts';

/** When and how far a file is rotated. */
export interface RotationRule {
  /** Null: not by size. */
  readonly sizeBytes: number | null;
  /** Null: not by time. */
  readonly interval: RotationInterval | null;
  /** Number of the oldest file that is kept; 0: the file is emptied in place, nothing is kept. */
  readonly count: number;
}

/** What {@link FileRotation.writeEnd} returns where the file is to be rotated first. */
export const ROTATE_FIRST = -1;

/** Between two attempts after one that failed. */
const RETRY_MS = 60_000;
/** After the path was found to name another file: whoever moves files there gets time to finish. */
const MOVED_MS = 1000;
/** While old files are being compared; see {@link RotationCompressor.areDistinct}. */
const BUSY_MS = 250;
/** Between two looks at the true size: others may write to the file, or truncate it. */
const LOOK_MS = 1000;
/** Between two lines about rotations by size, which may be many. */
const TELL_MS = 600_000;
const LF = 0x0a;

const ftruncateAsync = promisify(ftruncate);

type Reason = 'size' | 'time' | 'request';

export interface RotatingFileOptions {
  readonly path: string;
  /** As the log names it. */
  readonly label: string;
  readonly rule: RotationRule;
  readonly report: Report;
  /** Complains that owner or group cannot be kept. */
  readonly complain: (error: unknown) => void;
}

/** What the output of the file does. */
export interface RotationHooks extends FamilyMember {
  /** {@link FileRotation.wanted} may have become true by itself. */
  readonly due: () => void;
  /** The path names another file, or none; that was not done here. */
  readonly moved: () => void;
}

export class FileRotation {
  readonly #options: RotatingFileOptions;
  readonly #rotations: Rotations;
  readonly #calendar: RotationCalendar | null;
  /** Null: what is open is no regular file, or nothing is. */
  #place: Place | null = null;
  #fd = -1;
  #sizeBytes = 0;
  /** Writes begun; a look at the size counts only if none came in between. */
  #writes = 0;
  #lookMs = 0;
  #wanted: Reason | null = null;
  #blockedUntilMs = 0;
  #toldMs = Number.NEGATIVE_INFINITY;
  #failing = false;
  readonly #hooks: RotationHooks;
  #leaveClock: (() => void) | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: RotatingFileOptions, rotations: Rotations, hooks: RotationHooks) {
    this.#options = options;
    this.#hooks = hooks;
    this.#rotations = rotations;
    const { interval } = options.rule;
    const { clock } = rotations;
    this.#calendar = interval === null ? null : new RotationCalendar(interval, clock.now(), clock.zone);
    if (this.#calendar === null) return;
    this.#leaveClock = clock.add(this.#calendar, () => {
      this.#wanted ??= 'time';
      hooks.due();
    });
  }

  /** To be rotated as soon as nothing is being written, also without a further record. */
  get wanted(): boolean {
    return this.#wanted !== null && this.#place !== null && performance.now() >= this.#blockedUntilMs;
  }

  /** The operator wants it rotated. */
  request(): void {
    this.#wanted = 'request';
    this.#blockedUntilMs = 0;
  }

  /** Opens the path with `open` after what an earlier end left there was put in order. */
  async open(open: () => Promise<OpenTarget>): Promise<OpenTarget> {
    const { path, rule } = this.#options;
    const { locks, ops, compressor, families } = this.#rotations;
    this.#leaveFamily();
    const place = await resolvePlace(path).catch(() => null);
    if (place === null) return await open();
    const target = await locks.run(place.key, async () => {
      await holdPlace(place, (here) => settle(here, ops)).catch((error: unknown) => this.#failed(error));
      return await open();
    });
    if (target.kind !== 'regular') return target;
    this.#place = place;
    if (!this.#failing) this.#blockedUntilMs = 0;
    families.join(place.key, this.#hooks);
    this.#adopt(target);
    if (target.sizeBytes > 0 && this.#calendar?.isBefore(target.changedMs) === true) this.#wanted = 'time';
    compressor.enqueue(place, rule.count);
    return target;
  }

  /**
   * How much of a chunk may be written now: HOT PATH, once for each write.
   *
   * @param tornBytes bytes at the end of the file that belong to the first record of the chunk
   * @returns the offset behind the last record for this file, or {@link ROTATE_FIRST}
   */
  writeEnd(chunk: Chunk, tornBytes: number): number {
    this.#writes++;
    if (this.#place === null) return chunk.end;
    const nowMs = performance.now();
    if (this.#calendar?.advance(this.#rotations.clock.now()) === true) this.#wanted ??= 'time';
    if (nowMs < this.#blockedUntilMs) return chunk.end;
    if (this.#wanted !== null && tornBytes === 0) return ROTATE_FIRST;
    const limitBytes = this.#options.rule.sizeBytes;
    if (limitBytes === null) return chunk.end;
    const roomBytes = limitBytes - this.#sizeBytes;
    if (chunk.end - chunk.begin <= roomBytes) return chunk.end;
    const lastLf = roomBytes > 0 ? chunk.bytes.lastIndexOf(LF, chunk.begin + roomBytes - 1) : -1;
    if (lastLf >= chunk.begin) return lastLf + 1;
    if (this.#sizeBytes === 0 || tornBytes > 0) return chunk.bytes.indexOf(LF, chunk.begin) + 1;
    this.#wanted = 'size';
    return ROTATE_FIRST;
  }

  /** `bytes` bytes were written; negative: taken back. */
  wrote(bytes: number): void {
    this.#sizeBytes += bytes;
    const nowMs = performance.now();
    if (nowMs - this.#lookMs < LOOK_MS || this.#place === null) return;
    this.#lookMs = nowMs;
    const writes = this.#writes;
    const fd = this.#fd;
    fstat(fd, (error, stats) => {
      if (error === null && writes === this.#writes && fd === this.#fd) this.#sizeBytes = stats.size;
    });
  }

  /** Looks at the true size, between two writes: somebody else has written to the file. */
  async measure(): Promise<void> {
    if (this.#place === null) return;
    const fd = this.#fd;
    const size = await fstatAsync(fd).then(
      (stats) => stats.size,
      () => null,
    );
    if (size !== null && fd === this.#fd) this.#sizeBytes = size;
  }

  /**
   * Rotates the file. Never throws: what goes wrong is reported.
   *
   * @param old the open file; it stays open
   * @returns its successor, or null where writing goes on in the same file
   */
  async rotate(old: OpenTarget): Promise<OpenTarget | null> {
    const place = this.#place;
    const reason = this.#wanted;
    if (place === null || reason === null) return null;
    this.#wanted = null;
    try {
      return await this.#rotations.locks.run(place.key, () => this.#replace(place, old, reason));
    } catch (error) {
      if (reason === 'request') this.#failing = false;
      this.#failed(error);
      // Whoever asked may ask again; the end of a period comes only once.
      if (reason === 'time') this.#wanted = 'time';
      return null;
    }
  }

  /** The output is closed. */
  close(): void {
    this.#leaveClock?.();
    this.#leaveClock = null;
    this.#leaveFamily();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#wanted = null;
  }

  async #replace(place: Place, old: OpenTarget, reason: Reason): Promise<OpenTarget | null> {
    const { path, rule, complain } = this.#options;
    const { ops, compressor, families } = this.#rotations;
    if (!(await isStillAt(path, old))) {
      this.#block(MOVED_MS);
      this.#hooks.moved();
      return null;
    }
    const { size } = await fstatAsync(old.fd);
    const shrunk = size < this.#sizeBytes;
    this.#sizeBytes = size;
    if (size === 0 || (reason === 'size' && shrunk)) return null;
    if (rule.count === 0) {
      await ftruncateAsync(old.fd, 0);
      this.#sizeBytes = 0;
      this.#rotated(reason);
      return null;
    }
    const next = await holdPlace(place, async (here) => {
      await settle(here, ops);
      const generations = await readGenerations(here, rule.count);
      if (!(await compressor.areDistinct(here, generations))) return null;
      return await replaceFile(here, old, generations, rule.count, ops, complain);
    });
    if (next === null) {
      this.#block(BUSY_MS);
      if (reason !== 'size') this.#wanted = reason;
      return null;
    }
    this.#adopt(next);
    this.#rotated(reason);
    families.replacedBy(place.key, this.#hooks);
    compressor.enqueue(place, rule.count);
    return next;
  }

  #leaveFamily(): void {
    if (this.#place !== null) this.#rotations.families.leave(this.#place.key, this.#hooks);
    this.#place = null;
  }

  #adopt(target: OpenTarget): void {
    this.#fd = target.fd;
    this.#sizeBytes = target.sizeBytes;
    this.#lookMs = performance.now();
  }

  #block(durationMs: number): void {
    this.#blockedUntilMs = performance.now() + durationMs;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#hooks.due, durationMs + 1).unref();
  }

  #rotated(reason: Reason): void {
    const { path, label, report } = this.#options;
    this.#rotations.notifier.rotated(path);
    const nowMs = performance.now();
    // The line may itself end up in the file: told every time, a tiny limit would lead to no end of rotations.
    if (reason === 'size' && !this.#failing && nowMs - this.#toldMs < TELL_MS) return;
    this.#toldMs = nowMs;
    this.#failing = false;
    report(SEVERITY.info, `rotated ${label}`);
  }

  #failed(error: unknown): void {
    this.#block(RETRY_MS);
    if (this.#failing) return;
    this.#failing = true;
    this.#options.report(SEVERITY.err, `cannot rotate ${this.#options.label}: ${errorText(error)}`);
  }
}
