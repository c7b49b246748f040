/**
 * Brings a configuration into force: opens everything new first, swaps the routing in one step, closes what is unused
 * last. On any error nothing changes.
 */
import { type Configuration, formatProblem } from '../conf/config.ts';
import type { ReloadOutcome } from '../control/commands.ts';
import { SEVERITY } from '../protocol/priority.ts';
import { exchangeOutputs } from '../engine/exchange-outputs.ts';
import {
  ConfigFileError,
  type ConfigurationSettings,
  type Loaded,
  loadConfiguration,
} from '../engine/settings/load-configuration.ts';
import { ownerProblems } from '../engine/settings/owner-problems.ts';
import type { OutputPlan } from '../engine/outputs/output-set.ts';
import { withoutForbidden } from '../engine/settings/secure-mode.ts';
import type { DaemonState } from './state.ts';

/** What a reload changes. */
type ReloadedParts = Pick<DaemonState, 'adopt' | 'control' | 'outputs' | 'pipeline' | 'selfLog'>;

export class Reloader {
  readonly #settings: ConfigurationSettings;
  readonly #parts: ReloadedParts;
  #loaded: Loaded;
  /** Number of configurations that have been in force, including this one. */
  #number = 1;
  #running: Promise<ReloadOutcome> | null = null;
  /**
   * The next reload, shared by all requests that arrive during the current one: only it sees the changes they are
   * about.
   */
  #next: Promise<ReloadOutcome> | null = null;
  #isStopped = false;
  /** Resolves when everything new is open, or was given up. */
  #opened: Promise<unknown> = Promise.resolve();

  /** @param loaded the configuration in force */
  constructor(settings: ConfigurationSettings, parts: ReloadedParts, loaded: Loaded) {
    this.#settings = settings;
    this.#parts = parts;
    this.#loaded = loaded;
  }

  /** The configuration in force. */
  get loaded(): Loaded {
    return this.#loaded;
  }

  /**
   * Reloads; requests during a reload share one more after it. @returns the outcome of the reload that saw the request
   */
  request(): Promise<ReloadOutcome> {
    if (this.#running === null) return this.#start();
    this.#next ??= this.#running.then(
      () => this.#start(),
      () => this.#start(),
    );
    return this.#next;
  }

  /**
   * The daemon ends: refuses a reload in progress if that is still possible. Resolves when nothing is being opened any
   * more.
   */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#opened;
  }

  /** Resolves when no reload is in progress. */
  async settled(): Promise<void> {
    while (this.#running !== null) await this.#running.catch(() => undefined);
  }

  #start(): Promise<ReloadOutcome> {
    this.#next = null;
    const running = this.#reload().finally(() => {
      if (this.#running === running) this.#running = null;
    });
    this.#running = running;
    return running;
  }

  async #reload(): Promise<ReloadOutcome> {
    const { outputs, selfLog } = this.#parts;
    const loaded = this.#load();
    if (!('configuration' in loaded)) return loaded;
    const configuration = withoutForbidden(loaded.configuration, this.#settings.secureMode, (problem) =>
      selfLog.report(SEVERITY.warning, formatProblem(problem)),
    );
    const plan = outputs.plan(configuration);
    const opening = this.#open(plan, configuration);
    this.#opened = opening;
    const failures = await opening;
    if (failures.length > 0) return this.#refuse(failures);
    if (this.#isStopped) {
      await plan.abandon();
      return this.#refuse(['the daemon is exiting']);
    }
    const closed = exchangeOutputs(this.#parts, plan, configuration);
    this.#adopt(loaded);
    for (const destination of plan.destinations) destination.output.reopen();
    await closed;
    return { ok: true, file: loaded.file, number: this.#number };
  }

  /** @returns why not everything can be opened; then nothing of it is left */
  async #open(plan: OutputPlan, configuration: Configuration): Promise<readonly string[]> {
    const failures = [...(await ownerProblems(configuration)), ...(await plan.open(false))];
    if (failures.length > 0) await plan.abandon();
    return failures.map(formatProblem);
  }

  /** Everything but the outputs. */
  #adopt(loaded: Loaded): void {
    const { control, selfLog } = this.#parts;
    this.#loaded = loaded;
    this.#number++;
    this.#parts.adopt(loaded);
    control.loaded(loaded, this.#number);
    selfLog.report(SEVERITY.info, `reloaded ${loaded.file}, configuration ${this.#number}`);
  }

  #load(): Loaded | ReloadOutcome {
    try {
      const loaded = loadConfiguration(this.#settings);
      if (loaded.problems.length === 0) return loaded;
      return this.#refuse(loaded.problems.map(formatProblem));
    } catch (error) {
      if (!(error instanceof ConfigFileError)) throw error;
      return this.#refuse([error.message]);
    }
  }

  #refuse(reasons: readonly string[]): ReloadOutcome {
    const { selfLog } = this.#parts;
    for (const reason of reasons) selfLog.report(SEVERITY.err, reason);
    const errors = `${reasons.length} error${reasons.length === 1 ? '' : 's'}`;
    selfLog.report(SEVERITY.err, `configuration not changed: ${errors}`);
    return { ok: false, problems: reasons };
  }
}
