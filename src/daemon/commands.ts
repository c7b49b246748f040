/**
 * What a running daemon does on a command or signal without changing its state.
 */
import type { ControlTarget, ReloadOutcome } from '../control/commands.ts';
import type { DaemonPhase, DaemonStatus } from '../control/protocol.ts';
import { describeRow } from '../engine/trace.ts';
import { SEVERITY } from '../protocol/priority.ts';
import { writeStderrLine } from '../sys/print/stderr-line.ts';
import type { DaemonState } from './state.ts';

/** The daemon, as far as its state is concerned. */
export interface Living {
  readonly phase: DaemonPhase;
  reload(): Promise<ReloadOutcome>;
}

export class Commands implements ControlTarget {
  readonly #state: Pick<DaemonState, 'control' | 'marks' | 'pipeline' | 'selfLog'>;
  readonly #living: Living;

  constructor(state: DaemonState, living: Living) {
    this.#state = state;
    this.#living = living;
  }

  get phase(): DaemonPhase {
    return this.#living.phase;
  }

  status(): DaemonStatus {
    return this.#state.control.status(this.phase);
  }

  reload(): Promise<ReloadOutcome> {
    return this.#living.reload();
  }

  /** Reopens files that are no longer at their path; the configuration stays. */
  reopen(): void {
    const { pipeline, selfLog } = this.#state;
    for (const { output } of pipeline.routing.destinations) output.reopen();
    selfLog.report(SEVERITY.info, 'reopened renamed and removed files');
  }

  /** Rotates every file with rotation. @returns how many there are */
  rotate(): number {
    const { pipeline, selfLog } = this.#state;
    const rotating = pipeline.routing.destinations.filter(({ output }) => output.rotate?.() === true);
    if (rotating.length === 0) selfLog.report(SEVERITY.notice, 'nothing to rotate: no file has rotation set');
    return rotating.length;
  }

  /** Writes a mark to every destination that selects marks, silent or not. */
  mark(): void {
    this.#state.marks.markAll();
  }

  /** Turns debug output on stderr on or off. */
  toggleDebug(): void {
    const { pipeline } = this.#state;
    pipeline.trace =
      pipeline.trace === null
        ? (batch, row, destinations) => writeStderrLine(describeRow(batch, row, destinations))
        : null;
  }
}
