/**
 * Brings a configuration into force: all that is new is opened first, the routing is swapped in one step, what
 * is no longer used is closed last. With any error nothing changes.
 */
import { type Configuration, formatProblem } from '../conf/config.ts';
import type { ReloadOutcome } from '../control/commands.ts';
import { SEVERITY } from '../protocol/priority.ts';
import { compileRouting } from '../engine/compile-routing.ts';
import { ReloadOrder } from '../engine/outputs/reload-order.ts';
import { closeInTime } from '../engine/close-outputs.ts';
import type { Destination } from '../engine/outputs/destination.ts';
import {
  ConfigFileError,
  type ConfigurationSettings,
  type Loaded,
  loadConfiguration,
} from '../engine/settings/load-configuration.ts';
import { ownerProblems } from '../engine/settings/owner-problems.ts';
import type { OutputPlan, OutputSet } from '../engine/outputs/output-set.ts';
import type { Pipeline } from '../engine/pipeline.ts';
import { withoutForbidden } from '../engine/settings/secure-mode.ts';
import type { SelfLog } from '../engine/self-log.ts';

/** What is no longer used gets this long to write what it has. */
const CLOSE_MS = 5000;

export interface ReloadParts {
  readonly settings: ConfigurationSettings;
  readonly pipeline: Pipeline;
  readonly outputs: OutputSet;
  readonly selfLog: SelfLog;
  /** A new configuration is in force. */
  readonly changed: (loaded: Loaded, number: number) => void;
}

export class Reloader {
  readonly #parts: ReloadParts;
  #running: Promise<ReloadOutcome> | null = null;
  /** The one after it, that requests of meanwhile share: only it sees what they are about. */
  #next: Promise<ReloadOutcome> | null = null;
  /** Configurations that were in force, this one included. */
  #generation = 1;
  #stopped = false;
  /** Resolves when what is new is open, or was given up. */
  #opened: Promise<unknown> = Promise.resolve();

  constructor(parts: ReloadParts) {
    this.#parts = parts;
  }

  /** Configurations that were in force, this one included. */
  get generation(): number {
    return this.#generation;
  }

  /** Reloads; a request during a reload leads to one more after it. @returns what became of that which saw the request */
  request(): Promise<ReloadOutcome> {
    if (this.#running === null) return this.#start();
    this.#next ??= this.#running.then(
      () => this.#start(),
      () => this.#start(),
    );
    return this.#next;
  }

  /** The daemon ends: a reload that is under way is refused if it still can be. @returns when nothing is opened any more */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#opened;
  }

  /** Resolves when no reload is under way. */
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
    const { settings, pipeline, outputs, selfLog, changed } = this.#parts;
    const loaded = this.#load(settings);
    if (!('configuration' in loaded)) return loaded;
    const configuration = withoutForbidden(loaded.configuration, settings.secureMode, (problem) =>
      selfLog.report(SEVERITY.warning, formatProblem(problem)),
    );
    const plan = outputs.plan(configuration);
    const opening = this.#open(plan, configuration);
    this.#opened = opening;
    const failures = await opening;
    if (failures.length > 0) return this.#refuse(failures);
    if (this.#stopped) {
      await plan.abandon();
      return this.#refuse(['the daemon is ending']);
    }
    for (const destination of pipeline.routing.destinations) destination.tellPending();
    pipeline.swap(compileRouting(configuration, plan));
    const unused = outputs.commit(plan.byKey, configuration.directives.notify);
    const order = new ReloadOrder(unused, plan.destinations);
    const closing = this.#closeAll(unused);
    order.keep(closing);
    for (const destination of plan.destinations) destination.output.reopen();
    const number = ++this.#generation;
    changed(loaded, number);
    selfLog.report(SEVERITY.info, `reloaded ${loaded.file}, configuration ${number}`);
    await Promise.all(closing.values());
    return { ok: true, file: loaded.file, number };
  }

  /** @returns why not all can be opened; then nothing is left of it */
  async #open(plan: OutputPlan, configuration: Configuration): Promise<readonly string[]> {
    const failures = [...(await ownerProblems(configuration)), ...(await plan.open(false))];
    if (failures.length > 0) await plan.abandon();
    return failures.map(formatProblem);
  }

  #closeAll(destinations: readonly Destination[]): ReadonlyMap<Destination, Promise<void>> {
    const { selfLog, outputs } = this.#parts;
    const { leaving } = outputs;
    const deadlineMs = performance.now() + CLOSE_MS;
    const close = async (destination: Destination): Promise<void> => {
      leaving.add(destination);
      await closeInTime(destination, deadlineMs, selfLog.report);
      leaving.delete(destination);
    };
    return new Map(destinations.map((destination) => [destination, close(destination)]));
  }

  #load(settings: ConfigurationSettings): Loaded | ReloadOutcome {
    try {
      const loaded = loadConfiguration(settings);
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
