/**
 * What an output needs from its daemon, for tests of a single output.
 */
import type { Output } from '../../src/output/output.ts';
import { ChunkPool } from '../../src/queue/chunk-pool.ts';
import type { OutputServices } from '../../src/output/services.ts';
import { createRotations } from '../../src/output/rotation/rotations.ts';
import { ThreadGate } from '../../src/output/thread-gate.ts';
import { WriteGate } from '../../src/output/file/write-gate.ts';
import { PathWatcher } from '../../src/sys/file/path-watch.ts';
import type { TestContext } from 'node:test';
import { cleanUp } from './daemon.ts';

export interface OutputRig {
  readonly services: OutputServices;
  /** What was reported, in order. */
  readonly reports: string[];
  /** Gives a record, without its newline, to an output, like the pipeline. @returns whether it was taken */
  readonly send: (output: Output, ...records: readonly string[]) => boolean;
}

export function outputRig(context: TestContext): OutputRig {
  const reports: string[] = [];
  const watcher = new PathWatcher();
  const report = (_severity: number, text: string): void => void reports.push(text);
  const rotations = createRotations(report);
  cleanUp(context, () => {
    watcher.close();
    rotations.compressor.pause();
  });
  return {
    services: {
      pool: new ChunkPool(),
      gate: new ThreadGate(),
      opens: new ThreadGate(),
      writes: new WriteGate(),
      watcher,
      rotations,
      report,
      progressed: () => undefined,
    },
    reports,
    send(output, ...records) {
      const taken = records.map((record) => append(output, `${record}\n`));
      output.flush(performance.now());
      return taken.every(Boolean);
    },
  };
}

function append(output: Output, record: string): boolean {
  const bytes = Buffer.from(record);
  const { queue } = output;
  if (!queue.reserve(bytes.length)) {
    output.refuse(1);
    return false;
  }
  bytes.copy(queue.chunk.bytes, queue.chunk.end);
  queue.commit(queue.chunk.end + bytes.length);
  output.counters.accepted++;
  return true;
}

/** Deadline for `close`. */
export function inMs(ms: number): number {
  return performance.now() + ms;
}
