/**
 * What all outputs of a daemon share.
 */
import type { PathWatcher } from '../sys/file/path-watch.ts';
import type { ChunkPool } from '../queue/chunk-pool.ts';
import type { Report } from './output.ts';
import type { Rotations } from './rotation/rotations.ts';
import type { SyncGate } from './sync-gate.ts';
import type { WriteGate } from './file/write-gate.ts';

export interface OutputServices {
  readonly pool: ChunkPool;
  readonly gate: SyncGate;
  /** For opening files, of which there may be hundreds at start. */
  readonly opens: SyncGate;
  readonly writes: WriteGate;
  readonly watcher: PathWatcher;
  readonly rotations: Rotations;
  readonly report: Report;
  /** Some queue has become shorter. */
  readonly progressed: () => void;
}
