/**
 * Schedules the compression of old files: one file at a time, for all paths together. Failures are retried, and so are
 * files that an output still had open. old-files.ts does the work.
 */
import { SEVERITY } from '../../protocol/priority.ts';
import { errorText } from '../../sys/call/error-text.ts';
import type { Report } from '../output.ts';
import { type HeldPlace, holdPlace, type Place } from './disk.ts';
import type { Generations } from './names.ts';
import { OldFiles, type OldFilesParts } from './old-files.ts';

const RETRY_MS = 60_000;

export interface CompressorParts extends OldFilesParts {
  readonly report: Report;
}

/** The old files of one path. */
interface Job {
  readonly place: Place;
  count: number;
  failing: boolean;
  /** An output still has one of them open. */
  waiting: boolean;
}

export class RotationCompressor {
  readonly #report: Report;
  readonly #files: OldFiles;
  #abort = new AbortController();
  /** By {@link Place.key}; kept for the life of the daemon. */
  readonly #jobs = new Map<string, Job>();
  /** Keys of the jobs to check, in this order. */
  readonly #due = new Set<string>();
  #running = false;
  #timer: NodeJS.Timeout | null = null;
  #idle: (() => void)[] = [];

  constructor({ report, ...parts }: CompressorParts) {
    this.#report = report;
    this.#files = new OldFiles(parts);
    parts.held.released = () => this.#wakeAll((job) => job.waiting);
  }

  /** Compresses the old files 0 to `count` of `place`, soon. */
  enqueue(place: Place, count: number): void {
    const job = this.#jobs.get(place.key) ?? { place, count, failing: false, waiting: false };
    job.count = count;
    this.#jobs.set(place.key, job);
    this.#wake(place.key);
  }

  /** See {@link OldFiles.areDistinct}. */
  areDistinct(here: HeldPlace, generations: Generations): Promise<boolean> {
    return this.#files.areDistinct(here, generations);
  }

  /** Resolves when nothing is left that can be done now. */
  settled(): Promise<void> {
    if (!this.#running) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Aborts the work in progress and starts nothing before {@link resume}. The next start does it again. */
  pause(): void {
    this.#abort.abort();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#files.dropPartial();
  }

  /** Continues after {@link pause}. */
  resume(): void {
    this.#abort = new AbortController();
    this.#timer = null;
    this.#wakeAll(() => true);
  }

  #wakeAll(which: (job: Job) => boolean): void {
    for (const [key, job] of this.#jobs) if (which(job)) this.#wake(key);
  }

  #wake(key: string): void {
    this.#due.add(key);
    if (this.#running || this.#abort.signal.aborted) return;
    this.#running = true;
    void this.#work();
  }

  async #work(): Promise<void> {
    for (;;) {
      const [key] = this.#due;
      const job = key === undefined ? undefined : this.#jobs.get(key);
      if (key === undefined || job === undefined || this.#abort.signal.aborted) break;
      this.#due.delete(key);
      await this.#compress(job);
    }
    this.#running = false;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** Never throws. */
  async #compress(job: Job): Promise<void> {
    const { place, count } = job;
    const { signal } = this.#abort;
    const stillOpen = (): void => {
      job.waiting = true;
    };
    job.waiting = false;
    try {
      await holdPlace(place, (here) => this.#files.compress({ here, key: place.key, count, signal, stillOpen }));
      job.failing = false;
    } catch (error) {
      if (!signal.aborted) this.#failed(job, error);
    }
  }

  #failed(job: Job, error: unknown): void {
    if (!job.failing) {
      this.#report(SEVERITY.err, `cannot compress old files of "${job.place.key}": ${errorText(error)}`);
    }
    job.failing = true;
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#wakeAll((each) => each.failing);
    }, RETRY_MS).unref();
  }
}
