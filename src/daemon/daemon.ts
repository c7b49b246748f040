/**
 * The life of the daemon: start, reload, end. Everything that it consists of is created in state.ts.
 */
import { formatProblem } from '../conf/config.ts';
import { chooseReceiver } from '../input/receivers.ts';
import { LineOutput } from '../output/line-output.ts';
import { SEVERITY } from '../protocol/priority.ts';
import { writeStderrLine } from '../sys/stderr-line.ts';
import { compileRouting } from './compile-routing.ts';
import { DEFAULT_CONFIG_FILE, type Loaded, loadConfiguration } from './load-configuration.ts';
import { PidFile } from './pid-file.ts';
import { Reloader } from './reload.ts';
import { withoutForbidden } from './secure-mode.ts';
import { ServiceManager } from './service-manager.ts';
import type { DaemonSettings } from './settings.ts';
import { createState, type DaemonState } from './state.ts';
import { describeRow } from './trace.ts';

/** From the signal to the end, whatever hangs. */
const SHUTDOWN_MS = 5000;
/** Part of it that is left for outputs after the inputs have been emptied. */
const OUTPUTS_MS = 4500;
/** And of that for the outputs that tell what was lost by others. */
const TELLERS_MS = 700;

/** How the daemon ended: exit status 0, or 4 where data was left unwritten. */
export type ExitStatus = 0 | 4;

export class Daemon {
  readonly #state: DaemonState;
  readonly #pidFile: PidFile;
  readonly #reloader: Reloader;
  readonly #manager: ServiceManager;
  #ending = false;

  private constructor(state: DaemonState, pidFile: PidFile, settings: DaemonSettings, manager: ServiceManager) {
    this.#state = state;
    this.#manager = manager;
    this.#pidFile = pidFile;
    const { pipeline, outputs, selfLog } = state;
    this.#reloader = new Reloader({
      configFile: settings.configFile,
      secureMode: settings.secureMode,
      pipeline,
      outputs,
      selfLog,
      changed: (loaded) => state.adopt(loaded),
    });
    if (settings.debug) this.toggleDebug();
  }

  /**
   * Starts in an order that leaves nothing behind on failure: configuration, lock, sockets, files, then messages.
   *
   * @throws ConfigFileError, PidFileError, SysError, InputError: the daemon cannot run, with the reason
   */
  static async start(settings: DaemonSettings, version: string): Promise<Daemon> {
    const manager = new ServiceManager();
    const loaded = loadConfiguration(settings.configFile);
    chooseReceiver(settings.receiver);
    process.umask(settings.umask);
    const pidFile = PidFile.acquire(settings.pidFile);
    let state: DaemonState | null = null;
    try {
      state = createState(settings, loaded);
      await Daemon.#bringUp(state, loaded, settings.secureMode);
    } catch (error) {
      state?.dispose();
      pidFile.release();
      throw error;
    }
    state.selfLog.echo = false;
    state.selfLog.report(SEVERITY.info, `start (version ${version})`);
    state.inputs.resume();
    manager.ready(`version ${version}`);
    return new Daemon(state, pidFile, settings, manager);
  }

  static async #bringUp(state: DaemonState, loaded: Loaded, secureMode: number | null): Promise<void> {
    const { selfLog, outputs, pipeline } = state;
    // Before the log is there, and to whoever started the daemon, all problems also go to stderr.
    selfLog.echo = true;
    if (loaded.builtIn)
      selfLog.report(
        SEVERITY.warning,
        `${DEFAULT_CONFIG_FILE} is missing: errors go to the console, emergencies to everybody`,
      );
    for (const problem of loaded.problems) selfLog.report(SEVERITY.err, formatProblem(problem));
    const configuration = withoutForbidden(loaded.configuration, secureMode, selfLog.report);
    const plan = outputs.plan(configuration);
    await plan.open(true);
    pipeline.swap(compileRouting(configuration, plan));
    outputs.commit(plan.byKey, configuration.directives.notify);
    selfLog.attach((batch) => pipeline.deliver(batch));
    state.marks.start();
  }

  async reload(): Promise<void> {
    if (this.#ending) return;
    this.#manager.reloading();
    await this.#reloader.request();
    this.#manager.ready('configuration loaded');
  }

  /** Debug output on stderr, on or off. */
  toggleDebug(): void {
    const { pipeline } = this.#state;
    pipeline.trace =
      pipeline.trace === null
        ? (batch, row, destinations) => writeStderrLine(describeRow(batch, row, destinations))
        : null;
  }

  /** Rotates every file that has rotation. */
  rotate(): void {
    const { pipeline, selfLog } = this.#state;
    const outputs = pipeline.routing.destinations.map((destination) => destination.output);
    const rotating = outputs.filter((output) => output.rotate?.() === true);
    if (rotating.length === 0) selfLog.report(SEVERITY.notice, 'nothing to rotate: no file has a setting for it');
  }

  /** Writes what was received, closes everything. `reason` as in `exiting on signal SIGTERM`. */
  async end(reason: string): Promise<ExitStatus | null> {
    if (this.#ending) return null;
    this.#ending = true;
    this.#manager.ending();
    const { inputs, selfLog, pipeline, marks } = this.#state;
    const deadlineMs = performance.now() + OUTPUTS_MS;
    marks.stop();
    inputs.close();
    const nowSec = Math.floor(Date.now() / 1000);
    for (const destination of pipeline.routing.destinations) destination.tellPending(nowSec);
    selfLog.report(SEVERITY.info, `exiting on ${reason}`);
    selfLog.flush();
    pipeline.stop();
    const lost = await this.#closeOutputs(deadlineMs);
    this.#state.dispose();
    this.#pidFile.release();
    return lost === 0 ? 0 : 4;
  }

  /** Files that the daemon's own lines go to come last: they tell what others lost, and how commands ended. */
  async #closeOutputs(deadlineMs: number): Promise<number> {
    const { selfLog, pipeline } = this.#state;
    const outputs = pipeline.routing.destinations.map((destination) => destination.output);
    const own = pipeline.destinationsOf(selfLog.sample()).map((destination) => destination.output);
    const tellers = own.filter((output) => output instanceof LineOutput);
    const groups = [outputs.filter((output) => !tellers.some((teller) => teller === output)), tellers];
    let lost = 0;
    for (const [idx, group] of groups.entries()) {
      const isLast = idx === groups.length - 1;
      const limitMs = isLast ? deadlineMs : deadlineMs - TELLERS_MS;
      // What the last ones lose can be told on stderr only.
      selfLog.echo = isLast || tellers.length === 0;
      const counts = await Promise.all(group.map((output) => output.close(limitMs)));
      lost += counts.reduce((sum, count) => sum + count, 0);
      selfLog.flush();
    }
    return lost;
  }
}

/** The deadline of the whole end, for the caller's watchdog. */
export const SHUTDOWN_DEADLINE_MS = SHUTDOWN_MS;
