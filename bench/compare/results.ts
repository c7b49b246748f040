/**
 * What a comparison collects, as it is written to the JSON file.
 */
import type { LoadResult } from './session.ts';
import type { QuietResult } from './scenarios.ts';

/** All runs of one daemon in one scenario, in the order of the rounds. */
export interface FloodRuns {
  readonly scenario: string;
  readonly daemon: string;
  readonly runs: LoadResult[];
}

export interface QuietRuns {
  readonly daemon: string;
  readonly runs: QuietResult[];
}

export interface Results {
  readonly date: string;
  readonly node: string;
  readonly kernel: string;
  readonly processor: string;
  readonly processors: number;
  readonly messageBytes: number;
  /** Messages a second that the generator sends into a program that throws them away. */
  readonly senderAlonePerSec: number | null;
  readonly daemons: readonly { readonly name: string; readonly version: string }[];
  readonly absent: readonly { readonly name: string; readonly reason: string }[];
  readonly floods: readonly FloodRuns[];
  readonly quiet: readonly QuietRuns[];
  /** Runs that failed, in words. */
  readonly failures: string[];
}
