/**
 * Compresses old files, one at a time over all paths, beside everything else.
 *
 * What there is to do shows on the disk: every old file but the newest that is not compressed. So nothing is lost by
 * an end of the daemon, and what fails is tried again. A file is removed only after its compressed form is complete
 * on the disk. While one is being compressed a rotation may move it: it is found again by its inode.
 */
import { constants, unlinkSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { SEVERITY } from '../../protocol/priority.ts';
import { errorText } from '../../sys/call/error-text.ts';
import type { HeldFiles } from '../target/held-files.ts';
import type { Report } from '../output.ts';
import {
  type FileOps,
  type HeldPlace,
  holdPlace,
  keepOwner,
  lookAt,
  openOld,
  type Place,
  readGenerations,
  removeIfThere,
  usable,
} from './disk.ts';
import { compareGzip, gzipFile } from './gzip.ts';
import type { PathLocks } from './lock.ts';
import { type Generations, oldName, partialName } from './names.ts';

const RETRY_MS = 60_000;
const { O_CREAT, O_EXCL, O_NOCTTY, O_NOFOLLOW, O_WRONLY } = constants;

export interface CompressorParts {
  readonly locks: PathLocks;
  readonly held: HeldFiles;
  readonly ops: FileOps;
  readonly report: Report;
}

/** The old files of one path. */
interface Job {
  readonly place: Place;
  count: number;
  failing: boolean;
  /** An old file is still open in some output. */
  waiting: boolean;
}

/** One old file that is being worked on. */
interface Source {
  readonly handle: FileHandle;
  readonly index: number;
  readonly dev: number;
  readonly ino: number;
}

export class RotationCompressor {
  readonly #parts: CompressorParts;
  #abort = new AbortController();
  /** By the key of the place; kept for the life of the daemon. */
  readonly #jobs = new Map<string, Job>();
  /** Keys of the jobs to be looked at, in this order. */
  readonly #due = new Set<string>();
  /** Plain files beside a sound compressed one of other content: `dev:ino`. */
  readonly #distinct = new Set<string>();
  #working: HeldPlace | null = null;
  #running = false;
  #timer: NodeJS.Timeout | null = null;
  #idle: (() => void)[] = [];

  constructor(parts: CompressorParts) {
    this.#parts = parts;
    parts.held.released = () => this.#wakeAll((job) => job.waiting);
  }

  /** Looks for old files of `place` to compress, soon; 0 to `count` are looked at. */
  enqueue(place: Place, count: number): void {
    const job = this.#jobs.get(place.key) ?? { place, count, failing: false, waiting: false };
    job.count = count;
    this.#jobs.set(place.key, job);
    this.#wake(place.key);
  }

  /**
   * @returns whether each number is held by one file; a plain and a compressed one of the same number may be the
   * same text, and must not be moved before that is known
   */
  async areDistinct({ folder, base }: HeldPlace, generations: Generations): Promise<boolean> {
    for (const [index, { plain, gz }] of generations) {
      if (!plain || !gz) continue;
      const stats = await lookAt(join(folder, oldName(base, index, 'plain')));
      if (stats === null || !this.#distinct.has(`${stats.dev}:${stats.ino}`)) return false;
    }
    return true;
  }

  /** Resolves as soon as there is nothing to do that could be done now. */
  settled(): Promise<void> {
    if (!this.#running) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Gives up what is under way, and begins nothing before {@link resume}. The next start begins it anew. */
  pause(): void {
    this.#abort.abort();
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#working === null) return;
    try {
      unlinkSync(usable(join(this.#working.folder, partialName(this.#working.base))));
    } catch {
      // It is finished already, or goes at the next start.
    }
  }

  /** Goes on after {@link pause}. */
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
      try {
        job.waiting = false;
        await holdPlace(job.place, (here) => this.#compressAll(job, here));
        job.failing = false;
      } catch (error) {
        this.#failed(job, error);
      }
    }
    this.#running = false;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  async #compressAll(job: Job, here: HeldPlace): Promise<void> {
    await removeIfThere(join(here.folder, partialName(here.base)), this.#parts.ops);
    // After each file anew: the numbers may have changed meanwhile.
    while (await this.#compressOldest(job, here));
  }

  #failed(job: Job, error: unknown): void {
    if (this.#abort.signal.aborted) return;
    if (!job.failing) {
      this.#parts.report(SEVERITY.err, `cannot compress old files of "${job.place.key}": ${errorText(error)}`);
    }
    job.failing = true;
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#wakeAll((each) => each.failing);
    }, RETRY_MS).unref();
  }

  /** @returns whether there was something that could be done. */
  async #compressOldest(job: Job, here: HeldPlace): Promise<boolean> {
    const generations = await readGenerations(here, job.count);
    for (const index of [...generations.keys()].toSorted((a, b) => b - a)) {
      const generation = generations.get(index);
      // The newest stays as it is, but where it was left beside its compressed form.
      if (generation?.plain !== true || (index === 0 && !generation.gz)) continue;
      const source = await this.#openSource(job, here, index);
      if (source === null) continue;
      try {
        if (generation.gz) await this.#settlePair(job, here, source);
        else await this.#compress(job, here, source);
      } finally {
        await source.handle.close();
      }
      return !this.#abort.signal.aborted;
    }
    return false;
  }

  /** @returns null for what must not be touched now, or is no file. */
  async #openSource(job: Job, { folder, base }: HeldPlace, index: number): Promise<Source | null> {
    const handle = await openOld(join(folder, oldName(base, index, 'plain'))).catch(() => null);
    if (handle === null) return null;
    const stats = await handle.stat();
    const { dev, ino } = stats;
    const held = this.#parts.held.isHeld(dev, ino);
    if (held) job.waiting = true;
    if (stats.isFile() && !held && !this.#distinct.has(`${dev}:${ino}`)) return { handle, index, dev, ino };
    await handle.close();
    return null;
  }

  async #compress(job: Job, here: HeldPlace, source: Source): Promise<void> {
    const { ops } = this.#parts;
    const partial = join(here.folder, partialName(here.base));
    this.#working = here;
    try {
      const sink = await ops.open(partial, O_WRONLY | O_CREAT | O_EXCL | O_NOCTTY | O_NOFOLLOW, 0o600);
      const bytes = await this.#fill(source.handle, sink);
      await this.#finish(job, here, source, bytes);
    } finally {
      await removeIfThere(partial, ops).catch(() => undefined);
      this.#working = null;
    }
  }

  async #fill(source: FileHandle, sink: FileHandle): Promise<number> {
    try {
      const bytes = await gzipFile(source, sink, this.#abort.signal);
      const stats = await source.stat();
      await sink.sync();
      // An ordinary user cannot give files away: then it is the daemon's.
      await keepOwner(sink, stats, () => undefined);
      await sink.utimes(stats.atimeMs / 1000, stats.mtimeMs / 1000);
      return bytes;
    } finally {
      await sink.close();
    }
  }

  /** Puts the compressed file into the place of its source, wherever that has moved meanwhile. */
  async #finish(job: Job, here: HeldPlace, source: Source, bytes: number): Promise<void> {
    const { locks, ops } = this.#parts;
    const { folder, base } = here;
    await locks.run(job.place.key, async () => {
      if (this.#abort.signal.aborted) return;
      if ((await source.handle.stat()).size !== bytes) throw new Error('they are still being written to');
      const index = await this.#indexOf(job, here, source);
      if (index === null) return;
      await ops.rename(join(folder, partialName(base)), join(folder, oldName(base, index, 'gz')));
      await ops.unlink(join(folder, oldName(base, index, 'plain')));
    });
  }

  /** @returns its number now; null: it is gone, or a compressed file of that number has appeared. */
  async #indexOf(job: Job, here: HeldPlace, source: Source): Promise<number | null> {
    for (const [index, { plain, gz }] of await readGenerations(here, job.count)) {
      if (!plain || index < source.index) continue;
      const stats = await lookAt(join(here.folder, oldName(here.base, index, 'plain')));
      if (stats?.dev === source.dev && stats.ino === source.ino) return gz ? null : index;
    }
    return null;
  }

  /** A plain and a compressed file of one number, as an interruption between the last two steps leaves them. */
  async #settlePair(job: Job, { folder, base }: HeldPlace, source: Source): Promise<void> {
    const { locks, ops } = this.#parts;
    const gzPath = join(folder, oldName(base, source.index, 'gz'));
    const plainPath = join(folder, oldName(base, source.index, 'plain'));
    const gz = await openOld(gzPath);
    try {
      const found = await compareGzip(gz, source.handle, this.#abort.signal);
      // No rotation moves them meanwhile: it waits until the pair is settled.
      if (found === 'other') this.#distinct.add(`${source.dev}:${source.ino}`);
      else await locks.run(job.place.key, () => ops.unlink(found === 'broken' ? gzPath : plainPath));
    } finally {
      await gz.close();
    }
  }
}
