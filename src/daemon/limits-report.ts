/**
 * Reports what the daemon's privileges do not permit: everything at the start, and what is new after a reload.
 */
import { DEFAULT_CONFIG_FILE } from '../engine/settings/load-configuration.ts';
import type { DaemonSettings } from '../engine/settings/settings.ts';
import { SEVERITY } from '../protocol/priority.ts';
import { describeLimits } from './limits.ts';
import type { DaemonState } from './state.ts';

export class LimitsReport {
  readonly #settings: DaemonSettings;
  readonly #state: Pick<DaemonState, 'inputs' | 'pipeline' | 'selfLog'>;
  #reported: readonly string[] = [];

  constructor(settings: DaemonSettings, state: DaemonState) {
    this.#settings = settings;
    this.#state = state;
  }

  /** One line for each limit that is new. */
  update(): void {
    const limits = this.#describe();
    for (const limit of limits) if (!this.#reported.includes(limit)) this.#state.selfLog.report(SEVERITY.notice, limit);
    this.#reported = limits;
  }

  #describe(): readonly string[] {
    const { user, group, rootDirectory, configFile, controlSocket, controlPipe, resolveNames } = this.#settings;
    if (user === null && group === null && rootDirectory === null) return [];
    return describeLimits({
      configFile: configFile ?? DEFAULT_CONFIG_FILE,
      controlSocket,
      controlPipe,
      resolveNames,
      inputs: this.#state.inputs.all(),
      outputs: this.#state.pipeline.routing.destinations.map(({ output }) => output),
    });
  }
}
