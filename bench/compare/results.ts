/**
 * The results of a comparison, as written to the JSON file.
 */
import type { Daemon } from './daemon.ts';
import type { LoadingCost } from './module-report.ts';
import type { ParserRuns } from './parsers.ts';
import type { MachineShares } from './proc.ts';
import type { QuietResult } from './scenarios.ts';
import type { LoadResult } from './session.ts';
import type { SoakResult } from './soak.ts';
import type { StartResult } from './startup.ts';

/** All runs of one daemon in one scenario, in round order. */
export interface FloodRuns {
  readonly scenario: string;
  readonly daemon: string;
  readonly runs: LoadResult[];
}

export interface QuietRuns {
  readonly daemon: string;
  readonly runs: QuietResult[];
}

export interface StartRuns {
  readonly daemon: string;
  readonly runs: StartResult[];
}

export interface Results {
  readonly date: string;
  readonly node: string;
  readonly kernel: string;
  readonly processor: string;
  readonly processors: number;
  readonly rounds: number;
  /** Messages per second that the generator sends to a program that discards them. */
  readonly senderAlonePerSec: number | null;
  readonly daemons: readonly (Pick<Daemon, 'name' | 'version' | 'role'> & { readonly can: readonly string[] })[];
  readonly absent: readonly { readonly name: string; readonly reason: string }[];
  readonly floods: readonly FloodRuns[];
  readonly quiet: readonly QuietRuns[];
  readonly starts: readonly StartRuns[];
  loading: LoadingCost | null;
  parsers: readonly ParserRuns[];
  soak: SoakResult | null;
  /** What the host and other processes took over the whole time, as far as the runs show. */
  whole: MachineShares;
  /** Descriptions of the runs that failed. */
  readonly failures: string[];
}
