/**
 * One rotating file without a daemon: records go straight to its queue.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ChunkPool } from '../../src/queue/chunk-pool.ts';
import { LineOutput, type LineOutputOptions } from '../../src/output/file/line-output.ts';
import { RotationClock } from '../../src/output/rotation/clock.ts';
import { FILE_OPS, type FileOps } from '../../src/output/rotation/disk.ts';
import type { RotationRule } from '../../src/output/rotation/rotating-file.ts';
import { createRotations, type Rotations } from '../../src/output/rotation/rotations.ts';
import { ThreadGate } from '../../src/output/thread-gate.ts';
import { WriteGate } from '../../src/output/file/write-gate.ts';
import { PathWatcher } from '../../src/sys/file/path-watch.ts';
import { until } from './until.ts';

export interface RigOptions {
  readonly rule: RotationRule | null;
  readonly ops?: FileOps;
  /** Epoch milliseconds. */
  readonly now?: () => number;
  readonly output?: Partial<LineOutputOptions>;
  /** Shared with another rig. */
  readonly rotations?: Rotations;
}

export class RotationRig {
  readonly path: string;
  readonly output: LineOutput;
  readonly rotations: Rotations;
  /** What was reported, in order. */
  readonly reports: string[] = [];
  readonly #watcher = new PathWatcher();

  constructor(path: string, options: RigOptions) {
    this.path = path;
    const report = (_severity: number, text: string): void => void this.reports.push(text);
    const clock = new RotationClock(options.now ?? Date.now);
    this.rotations = options.rotations ?? createRotations(report, clock, options.ops ?? FILE_OPS);
    this.output = new LineOutput(
      {
        path,
        sync: false,
        mode: 0o640,
        owner: { owner: null, group: null },
        rotation: options.rule,
        ...options.output,
      },
      {
        pool: new ChunkPool(),
        gate: new ThreadGate(),
        opens: new ThreadGate(),
        writes: new WriteGate(),
        watcher: this.#watcher,
        rotations: this.rotations,
        report,
        progressed: () => undefined,
      },
    );
  }

  /** Queues lines as one batch; each gets its newline. */
  queue(lines: readonly string[]): void {
    const { queue } = this.output;
    for (const line of lines) {
      assert.ok(queue.reserve(line.length + 1));
      queue.commit(queue.chunk.end + queue.chunk.bytes.write(`${line}\n`, queue.chunk.end, 'latin1'));
    }
    this.output.flush(performance.now());
  }

  /** Queues lines and waits until they are written. */
  async write(lines: readonly string[]): Promise<void> {
    this.queue(lines);
    await until('the queue is empty', () => this.output.queue.queuedBytes === 0);
  }

  /** Waits until every old file but the newest is compressed. */
  async compressed(): Promise<void> {
    await until('the old files are compressed', async () => {
      await this.rotations.compressor.settled();
      return !namesBeside(realpathSync(this.path)).some((name) => /\.[1-9]\d*$|-gz$/.test(name));
    });
  }

  async close(): Promise<void> {
    await this.output.close(performance.now() + 5000);
    await this.rotations.compressor.settled();
    this.rotations.compressor.pause();
    this.#watcher.close();
  }
}

/** @returns the file and everything named after it, including the daemon's hidden files, sorted */
export function namesBeside(path: string): string[] {
  const base = basename(path);
  return readdirSync(dirname(path))
    .filter((name) => name === base || name.startsWith(`${base}.`) || name.startsWith(`.${base}.`))
    .toSorted();
}

/** @returns the whole lines of a file and its old ones, oldest first */
export function allLines(path: string): string[] {
  const base = basename(path);
  const age = (name: string): number => (name === base ? -1 : Number(/^\.(\d+)/.exec(name.slice(base.length))?.[1]));
  const names = namesBeside(path).toSorted((a, b) => age(b) - age(a));
  return names.flatMap((name) => {
    const bytes = readFileSync(join(dirname(path), name));
    const text = (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1');
    assert.ok(text === '' || text.endsWith('\n'), `${name} ends in a whole line`);
    return text.split('\n').slice(0, -1);
  });
}

export function modeOf(path: string): number {
  return statSync(path).mode & 0o7777;
}
