/**
 * What a running daemon does when it is asked to, by a command or a signal, without any change of its life.
 */
import type { ControlTarget, ReloadOutcome } from '../control/commands.ts';
import type { DaemonPhase, DaemonStatus } from '../control/protocol.ts';
import { describeRow } from '../engine/trace.ts';
import { SEVERITY } from '../protocol/priority.ts';
import { writeStderrLine } from '../sys/print/stderr-line.ts';
import type { DaemonState } from './state.ts';

/** The daemon, as far as its life is concerned. */
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

  /** Opens what is no longer the file at its path; the configuration stays. */
  reopen(): void {
    const { pipeline, selfLog } = this.#state;
    for (const { output } of pipeline.routing.destinations) output.reopen();
    selfLog.report(SEVERITY.info, 'reopened renamed and removed files');
  }

  /** Rotates every file that has rotation. @returns how many have */
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

  /** Debug output on stderr, on or off. */
  toggleDebug(): void {
    const { pipeline } = this.#state;
    pipeline.trace =
      pipeline.trace === null
        ? (batch, row, destinations) => writeStderrLine(describeRow(batch, row, destinations))
        : null;
  }
}
