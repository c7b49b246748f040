/**
 * Compresses the old files of one path, one after another.
 *
 * The directory itself shows what there is to do: every old file but the newest that is not compressed. So the daemon
 * may end at any time, and failures can be retried. A file is removed only after its compressed form is complete on
 * the disk. A rotation may move a file while it is being compressed: it is found again by its inode.
 */
import { constants, unlinkSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { HeldFiles } from '../target/held-files.ts';
import {
  type FileOps,
  type HeldPlace,
  keepOwner,
  lookAt,
  openOld,
  readGenerations,
  removeIfThere,
  usable,
} from './disk.ts';
import { compareGzip, gzipFile } from './gzip.ts';
import type { PathLocks } from './lock.ts';
import { type Generations, oldName, partialName } from './names.ts';

const { O_CREAT, O_EXCL, O_NOCTTY, O_NOFOLLOW, O_WRONLY } = constants;

export interface OldFilesParts {
  readonly locks: PathLocks;
  readonly held: HeldFiles;
  readonly ops: FileOps;
}

/** The old files to compress: 0 to `count` of a place, which is held. */
export interface OldFilesTask {
  readonly here: HeldPlace;
  /** For {@link PathLocks}. */
  readonly key: string;
  readonly count: number;
  /** Aborts the work in progress. */
  readonly signal: AbortSignal;
  /** Called for an old file that an output still has open: it cannot be compressed yet. */
  readonly stillOpen: () => void;
}

/** One old file that is being worked on. */
interface Source {
  readonly handle: FileHandle;
  readonly index: number;
  readonly dev: number;
  readonly ino: number;
}

export class OldFiles {
  readonly #parts: OldFilesParts;
  /** Plain files next to an intact compressed file with other content: `dev:ino`. */
  readonly #distinct = new Set<string>();
  #working: HeldPlace | null = null;

  constructor(parts: OldFilesParts) {
    this.#parts = parts;
  }

  /** @throws the system's error, AbortError */
  async compress(task: OldFilesTask): Promise<void> {
    const { folder, base } = task.here;
    await removeIfThere(join(folder, partialName(base)), this.#parts.ops);
    // Read the directory again after each file: the numbers may have changed.
    while (await this.#compressOldest(task));
  }

  /**
   * @returns whether each number names one file. A plain and a compressed file of the same number may hold the same
   * text, and must not be moved before that is known.
   */
  async areDistinct({ folder, base }: HeldPlace, generations: Generations): Promise<boolean> {
    for (const [index, { plain, gz }] of generations) {
      if (!plain || !gz) continue;
      const stats = await lookAt(join(folder, oldName(base, index, 'plain')));
      // A folder or a link holds no text.
      if (stats?.isFile() === false) continue;
      if (stats === null || !this.#distinct.has(`${stats.dev}:${stats.ino}`)) return false;
    }
    return true;
  }

  /** Removes the partial file, since the process may end before it is complete. Never throws. */
  dropPartial(): void {
    if (this.#working === null) return;
    try {
      unlinkSync(usable(join(this.#working.folder, partialName(this.#working.base))));
    } catch {
      // It is already complete, or the next start removes it.
    }
  }

  /** @returns whether there was a file that could be compressed */
  async #compressOldest(task: OldFilesTask): Promise<boolean> {
    const generations = await readGenerations(task.here, task.count);
    for (const index of [...generations.keys()].toSorted((a, b) => b - a)) {
      const generation = generations.get(index);
      // The newest stays plain, unless an interruption left it next to its compressed form.
      if (generation?.plain !== true || (index === 0 && !generation.gz)) continue;
      const source = await this.#openSource(task, index);
      if (source === null) continue;
      try {
        if (generation.gz) await this.#settlePair(task, source);
        else await this.#compressOne(task, source);
      } finally {
        await source.handle.close();
      }
      return !task.signal.aborted;
    }
    return false;
  }

  /** @returns null for what must not be touched now, or is not a file */
  async #openSource(task: OldFilesTask, index: number): Promise<Source | null> {
    const { folder, base } = task.here;
    const handle = await openOld(join(folder, oldName(base, index, 'plain'))).catch(() => null);
    if (handle === null) return null;
    const stats = await handle.stat();
    const { dev, ino } = stats;
    const held = this.#parts.held.isHeld(dev, ino);
    if (held) task.stillOpen();
    if (stats.isFile() && !held && !this.#distinct.has(`${dev}:${ino}`)) return { handle, index, dev, ino };
    await handle.close();
    return null;
  }

  async #compressOne(task: OldFilesTask, source: Source): Promise<void> {
    const { ops } = this.#parts;
    const { here, signal } = task;
    const partial = join(here.folder, partialName(here.base));
    this.#working = here;
    try {
      const sink = await ops.open(partial, O_WRONLY | O_CREAT | O_EXCL | O_NOCTTY | O_NOFOLLOW, 0o600);
      const bytes = await this.#fill(source.handle, sink, signal);
      await this.#finish(task, source, bytes);
    } finally {
      await removeIfThere(partial, ops).catch(() => undefined);
      this.#working = null;
    }
  }

  async #fill(source: FileHandle, sink: FileHandle, signal: AbortSignal): Promise<number> {
    try {
      const bytes = await gzipFile(source, sink, signal);
      const stats = await source.stat();
      await sink.sync();
      // An ordinary user cannot change the owner: then the daemon's user owns the file.
      await keepOwner(sink, stats, () => undefined);
      await sink.utimes(stats.atimeMs / 1000, stats.mtimeMs / 1000);
      return bytes;
    } finally {
      await sink.close();
    }
  }

  /** Replaces the source with the compressed file, under the number that the source has by then. */
  async #finish(task: OldFilesTask, source: Source, bytes: number): Promise<void> {
    const { locks, ops } = this.#parts;
    const { folder, base } = task.here;
    await locks.run(task.key, async () => {
      if (task.signal.aborted) return;
      if ((await source.handle.stat()).size !== bytes) throw new Error('they are still being written to');
      const index = await this.#indexOf(task, source);
      if (index === null) return;
      await ops.rename(join(folder, partialName(base)), join(folder, oldName(base, index, 'gz')));
      await ops.unlink(join(folder, oldName(base, index, 'plain')));
    });
  }

  /** @returns its current number; null: it is gone, or there is already a compressed file of that number */
  async #indexOf({ here, count }: OldFilesTask, source: Source): Promise<number | null> {
    for (const [index, { plain, gz }] of await readGenerations(here, count)) {
      if (!plain || index < source.index) continue;
      const stats = await lookAt(join(here.folder, oldName(here.base, index, 'plain')));
      if (stats?.dev === source.dev && stats.ino === source.ino) return gz ? null : index;
    }
    return null;
  }

  /** Removes one of a plain and a compressed file of the same number, as an interruption leaves them. */
  async #settlePair({ here, key, signal }: OldFilesTask, source: Source): Promise<void> {
    const { locks, ops } = this.#parts;
    const { folder, base } = here;
    const gzPath = join(folder, oldName(base, source.index, 'gz'));
    const plainPath = join(folder, oldName(base, source.index, 'plain'));
    const gz = await openOld(gzPath);
    try {
      const found = await compareGzip(gz, source.handle, signal);
      // No rotation moves them in the meantime: it waits until only one is left.
      if (found === 'other') this.#distinct.add(`${source.dev}:${source.ino}`);
      else await locks.run(key, () => ops.unlink(found === 'broken' ? gzPath : plainPath));
    } finally {
      await gz.close();
    }
  }
}
