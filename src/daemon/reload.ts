/**
 * Brings a configuration into force: all that is new is opened first, the routing is swapped in one step, what
 * is no longer used is closed last. With any error nothing changes.
 */
import { formatProblem } from '../conf/config.ts';
import { SEVERITY } from '../protocol/priority.ts';
import { compileRouting } from './compile-routing.ts';
import type { Destination } from './destination.ts';
import { ConfigFileError, type Loaded, loadConfiguration } from './load-configuration.ts';
import type { OutputSet } from './output-set.ts';
import type { Pipeline } from './pipeline.ts';
import { withoutForbidden } from './secure-mode.ts';
import type { SelfLog } from './self-log.ts';

/** What is no longer used gets this long to write what it has. */
const CLOSE_MS = 5000;

export interface ReloadParts {
  readonly configFile: string | null;
  /** Of the command line; null: as the configuration says. */
  readonly secureMode: number | null;
  readonly pipeline: Pipeline;
  readonly outputs: OutputSet;
  readonly selfLog: SelfLog;
  /** A new configuration is in force. */
  readonly changed: (loaded: Loaded) => void;
}

export class Reloader {
  readonly #parts: ReloadParts;
  #running: Promise<void> | null = null;
  #again = false;
  /** Configurations that were in force, this one included. */
  #generation = 1;

  constructor(parts: ReloadParts) {
    this.#parts = parts;
  }

  /** Reloads; a request during a reload leads to one more after it. Resolves when all is done. */
  async request(): Promise<void> {
    if (this.#running !== null) {
      this.#again = true;
      return await this.#running;
    }
    this.#running = this.#repeat();
    try {
      await this.#running;
    } finally {
      this.#running = null;
    }
  }

  async #repeat(): Promise<void> {
    do {
      this.#again = false;
      await this.#reload();
    } while (this.#again);
  }

  async #reload(): Promise<void> {
    const { configFile, secureMode, pipeline, outputs, selfLog, changed } = this.#parts;
    const loaded = this.#load(configFile);
    if (loaded === null) return;
    const configuration = withoutForbidden(loaded.configuration, secureMode, selfLog.report);
    const plan = outputs.plan(configuration);
    const failures = await plan.open(false);
    if (failures.length > 0) {
      await plan.abandon();
      this.#refuse(failures.map(formatProblem));
      return;
    }
    const nowSec = Math.floor(Date.now() / 1000);
    for (const destination of pipeline.routing.destinations) destination.tellPending(nowSec);
    pipeline.swap(compileRouting(configuration, plan));
    const unused = outputs.commit(plan.byKey, configuration.directives.notify);
    for (const destination of plan.destinations) destination.output.reopen();
    changed(loaded);
    this.#generation++;
    selfLog.report(SEVERITY.info, `reloaded ${loaded.file}, configuration ${this.#generation}`);
    await closeAll(unused);
  }

  #load(configFile: string | null): Loaded | null {
    try {
      const loaded = loadConfiguration(configFile);
      if (loaded.problems.length === 0) return loaded;
      this.#refuse(loaded.problems.map(formatProblem));
    } catch (error) {
      if (!(error instanceof ConfigFileError)) throw error;
      this.#refuse([error.message]);
    }
    return null;
  }

  #refuse(reasons: readonly string[]): void {
    const { selfLog } = this.#parts;
    for (const reason of reasons) selfLog.report(SEVERITY.err, reason);
    const errors = `${reasons.length} error${reasons.length === 1 ? '' : 's'}`;
    selfLog.report(SEVERITY.err, `configuration not changed: ${errors}`);
  }
}

async function closeAll(destinations: readonly Destination[]): Promise<void> {
  const deadlineMs = performance.now() + CLOSE_MS;
  await Promise.all(
    destinations.map(async (destination) => {
      destination.tellPending(Math.floor(Date.now() / 1000));
      await destination.output.close(deadlineMs);
    }),
  );
}
