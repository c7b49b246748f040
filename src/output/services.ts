/**
 * What all outputs of a daemon share.
 */
import type { PathWatcher } from '../sys/file/path-watch.ts';
import type { ChunkPool } from '../queue/chunk-pool.ts';
import type { Report } from './output.ts';
import type { Rotations } from './rotation/rotations.ts';
import type { ThreadGate } from './thread-gate.ts';
import type { WriteGate } from './file/write-gate.ts';

export interface OutputServices {
  readonly pool: ChunkPool;
  /** For slow tasks: fdatasync(2) and name look-ups. */
  readonly gate: ThreadGate;
  /** For open(2): at start there may be hundreds of files. */
  readonly opens: ThreadGate;
  readonly writes: WriteGate;
  readonly watcher: PathWatcher;
  readonly rotations: Rotations;
  readonly report: Report;
  /** A queue has become shorter. */
  readonly progressed: () => void;
}
