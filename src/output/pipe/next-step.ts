/**
 * What an output that writes to a pipe does next: a FIFO, which may have no reader, or a command, which may have ended.
 *
 *   write end         draining   while alive, in the pause   and after it
 *   none              rest       pause                       renew
 *   open              write      write                       write
 *   waiting           rest       rest                        rest
 *   deserted          rest       pause                       write
 *
 * With nothing to write, while another output comes first, and once closed: rest.
 */
import type { OutputState } from '../output.ts';

export interface PipeSituation {
  readonly life: OutputState;
  /** There is something to write. */
  readonly pending: boolean;
  /** Something else must end first: the previous output, or work on the path. */
  readonly held: boolean;
  /** `waiting`: it was full and calls back; `deserted`: its reader has gone, another one may come. */
  readonly end: 'none' | 'open' | 'waiting' | 'deserted';
  /** Time until a new reader or a new instance may be tried; 0 or less: now. */
  readonly pauseMs: number;
}

/** `pause`: come back later; `renew`: find a reader, or start the command. */
export type PipeStep = 'rest' | 'write' | 'pause' | 'renew';

export function nextPipeStep({ life, pending, held, end, pauseMs }: PipeSituation): PipeStep {
  if (life === 'closed' || !pending || held || end === 'waiting') return 'rest';
  if (end === 'open') return 'write';
  // Anything new is the daemon's own messages about its end.
  if (life === 'draining') return 'rest';
  if (pauseMs > 0) return 'pause';
  return end === 'deserted' ? 'write' : 'renew';
}
