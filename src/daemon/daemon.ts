/**
 * The life of the daemon: start, reload, end. Everything that it consists of is created in state.ts.
 */
import { formatProblem } from '../conf/config.ts';
import { chooseReceiver } from '../input/receivers.ts';
import { within } from '../output/within.ts';
import type { Report } from '../output/output.ts';
import { SEVERITY } from '../protocol/priority.ts';
import { stopYoungGrowth } from '../sys/process/collect-garbage.ts';
import { loadLatePackages } from '../sys/process/late-packages.ts';
import { writeStderrLine } from '../sys/print/stderr-line.ts';
import { closeOutputs } from '../engine/close-outputs.ts';
import { compileRouting } from '../engine/compile-routing.ts';
import { DEFAULT_CONFIG_FILE, type Loaded, loadConfiguration } from '../engine/settings/load-configuration.ts';
import type { ControlHooks, ControlTarget, ReloadOutcome, RestartOutcome } from '../control/commands.ts';
import type { DaemonPhase, DaemonStatus } from '../control/protocol.ts';
import { describeLimits } from './limits.ts';
import { RestartError } from '../handover/successor.ts';
import { type Inherited, NOTHING_INHERITED } from '../engine/inputs/inherited.ts';
import { Reloader } from './reload.ts';
import { Restart, type RestartProcess } from '../handover/restart.ts';
import { withoutForbidden } from '../engine/settings/secure-mode.ts';
import { ServiceManager } from '../process/service-manager.ts';
import type { DaemonSettings } from '../engine/settings/settings.ts';
import { createState, type DaemonState } from './state.ts';
import { StatusLine } from '../engine/statistics/status-line.ts';
import type { TakeOver } from '../handover/take-over.ts';
import { describeRow } from '../engine/trace.ts';

/** From the signal to the end, whatever hangs. */
const SHUTDOWN_MS = 5000;
/** Part of it that is left for outputs after the inputs have been emptied. */
const OUTPUTS_MS = 4500;
/** For what has been received, or said of the start, by a daemon that could not start. */
const ABANDON_MS = 1000;

/** How the daemon ended: exit status 0, or 4 where data was left unwritten. */
export type ExitStatus = 0 | 4;

interface DaemonParts {
  readonly manager: ServiceManager;
  readonly takeOver: TakeOver | null;
  readonly loaded: Loaded;
}

export class Daemon implements ControlTarget {
  readonly #state: DaemonState;
  readonly #reloader: Reloader;
  readonly #manager: ServiceManager;
  readonly #statusLine: StatusLine;
  readonly #settings: DaemonSettings;
  /** What rights do not suffice for, as it was told last. */
  #limits: readonly string[] = [];
  /** Null: no other process was here before. */
  readonly #takeOver: TakeOver | null;
  #loaded: Loaded;
  #ending = false;
  /** Null: no new process is about to take over, or has. */
  #restart: Restart | null = null;
  #reloadMissed = false;

  private constructor(state: DaemonState, settings: DaemonSettings, { manager, takeOver, loaded }: DaemonParts) {
    this.#state = state;
    this.#settings = settings;
    this.#manager = manager;
    this.#takeOver = takeOver;
    this.#loaded = loaded;
    const { pipeline, outputs, selfLog, inputs } = state;
    this.#statusLine = new StatusLine(
      { inputs: () => inputs.all(), outputs: () => pipeline.routing.destinations.map(({ output }) => output) },
      (text) => manager.status(text),
    );
    this.#statusLine.started(loaded.problems.map(formatProblem));
    selfLog.onReport = this.#statusLine.reported;
    this.#reloader = new Reloader({
      settings,
      pipeline,
      outputs,
      selfLog,
      changed: (changed, number) => {
        this.#loaded = changed;
        state.adopt(changed);
        state.control.loaded(changed, number);
      },
    });
    if (settings.debug) this.toggleDebug();
  }

  /**
   * Opens everything that the daemon needs, with the rights that the process has: configuration, sockets, files.
   * Nothing is received before {@link run}. On failure nothing is left behind.
   *
   * @throws ConfigFileError, SysError, InputError: the daemon cannot run, with the reason
   */
  static async prepare(
    settings: DaemonSettings,
    inherited: Inherited = NOTHING_INHERITED,
    takeOver: TakeOver | null = null,
    manager = new ServiceManager(),
  ): Promise<Daemon> {
    manager.take();
    stopYoungGrowth();
    if (settings.rootDirectory !== null) loadLatePackages();
    const loaded = loadConfiguration(settings);
    takeOver?.check(loaded);
    chooseReceiver(settings.receiver);
    let state: DaemonState | null = null;
    try {
      state = createState(settings, loaded, inherited, takeOver?.pid);
      await takeOver?.begin(state.inputs);
      await Daemon.#bringUp(state, loaded, settings.secureMode);
      takeOver?.adoptFifos(state.outputs.fifos);
    } catch (error) {
      if (state !== null) await Daemon.#giveUp(state, takeOver);
      throw error;
    }
    return new Daemon(state, settings, { manager, takeOver, loaded });
  }

  /** Receives from now on, with the rights that are left; what they do not suffice for is told, and `notices` too. */
  run(version: string, notices: readonly string[] = []): void {
    const { selfLog, inputs } = this.#state;
    selfLog.echo = false;
    const from = this.#takeOver === null ? '' : `, took over from pid ${this.#takeOver.pid}`;
    selfLog.report(SEVERITY.info, `start (version ${version})${from}`);
    this.#state.network.started();
    for (const notice of notices) selfLog.report(SEVERITY.notice, notice);
    this.#tellLimits();
    const ready = (): void => this.#manager.ready(this.#statusLine.text);
    if (this.#takeOver === null) {
      inputs.resume();
      ready();
      return;
    }
    selfLog.flush();
    inputs.deliverHeld();
    // The service manager listens to this process as soon as the old one has told it to.
    void this.#takeOver.end().then(() => {
      if (!this.#ending) ready();
    });
  }

  /** One line for each thing that the rights of this process no longer suffice for. */
  #describeLimits(): readonly string[] {
    const { user, group, rootDirectory, configFile, controlSocket, controlPipe, resolveNames } = this.#settings;
    if (user === null && group === null && rootDirectory === null) return [];
    const outputs = this.#state.pipeline.routing.destinations.map((destination) => destination.output);
    const inputs = this.#state.inputs.all();
    const file = configFile ?? DEFAULT_CONFIG_FILE;
    return describeLimits({ configFile: file, controlSocket, controlPipe, resolveNames, inputs, outputs });
  }

  /** Tells what was not told before. */
  #tellLimits(): void {
    const limits = this.#describeLimits();
    for (const limit of limits) if (!this.#limits.includes(limit)) this.#state.selfLog.report(SEVERITY.notice, limit);
    this.#limits = limits;
  }

  /** Instead of {@link run}: leaves nothing behind. */
  async abandon(): Promise<void> {
    await Daemon.#giveUp(this.#state, this.#takeOver);
  }

  static async #giveUp(state: DaemonState, takeOver: TakeOver | null): Promise<void> {
    const { marks, inputs, selfLog } = state;
    marks.stop();
    if (takeOver === null) inputs.close();
    else inputs.abandon();
    selfLog.flush();
    // Who started it gets one line, and that is why it does not run.
    await closeOutputs(state, performance.now() + ABANDON_MS, false);
    if (takeOver === null) state.dispose();
    else state.abandon();
  }

  static async #bringUp(state: DaemonState, loaded: Loaded, secureMode: number | null): Promise<void> {
    const { selfLog, outputs, pipeline } = state;
    // Before the log is there, and to whoever started the daemon, all problems also go to stderr.
    selfLog.echo = true;
    await state.control.open();
    if (loaded.builtIn)
      selfLog.report(
        SEVERITY.warning,
        `${DEFAULT_CONFIG_FILE} is missing: errors go to the console, emergencies to everybody`,
      );
    for (const problem of loaded.problems) selfLog.report(SEVERITY.err, formatProblem(problem));
    const configuration = withoutForbidden(loaded.configuration, secureMode, (problem) =>
      selfLog.report(SEVERITY.warning, formatProblem(problem)),
    );
    const plan = outputs.plan(configuration);
    await plan.open(true);
    pipeline.swap(compileRouting(configuration, plan));
    outputs.commit(plan.byKey, configuration.directives.notify);
    selfLog.attach((batch) => pipeline.deliverOwn(batch));
    state.marks.start();
    state.control.loaded(loaded, 1);
  }

  async reload(): Promise<ReloadOutcome> {
    if (this.#ending) return { ok: false, problems: ['the daemon is ending'] };
    if (this.#restart !== null) {
      this.#reloadMissed = true;
      return { ok: false, problems: ['the daemon is being replaced by a new process, which loads it'] };
    }
    this.#manager.reloading();
    const outcome = await this.#reloader.request();
    this.#tellLimits();
    this.#statusLine.reloaded(outcome.ok ? [] : outcome.problems);
    this.#manager.ready(this.#statusLine.text);
    return outcome;
  }

  /** The process is what it will be: commands from outside are carried out from now on, old files compressed. */
  serve(version: string, hooks: ControlHooks): void {
    this.#state.compressor.resume();
    this.#state.control.serve(version, this, hooks);
  }

  /**
   * Has a new process take over, of the program that is now on the disk.
   *
   * @returns that process: this one must end now, and remove nothing
   * @throws RestartError with one line: the new process could not take over, and this one goes on
   */
  async restart(process: RestartProcess): Promise<RestartOutcome> {
    if (this.#ending || this.#restart !== null) throw new RestartError('a restart or the end is under way');
    const restart = new Restart(
      {
        state: this.#state,
        settings: this.#settings,
        manager: this.#manager,
        loaded: () => this.#loaded,
        closeOutputs: () => closeOutputs(this.#state, performance.now() + OUTPUTS_MS),
      },
      process,
    );
    this.#restart = restart;
    this.#reloadMissed = false;
    try {
      await this.#reloader.settled();
      const outcome = await restart.run();
      if (this.#reloadMissed) restart.forward('SIGHUP');
      return outcome;
    } catch (error) {
      this.#restart = null;
      if (this.#reloadMissed) void this.reload();
      throw error;
    }
  }

  /** One line in the daemon's own log. */
  get report(): Report {
    return this.#state.selfLog.report;
  }

  get phase(): DaemonPhase {
    if (this.#ending) return 'ending';
    return this.#restart === null ? 'running' : 'restarting';
  }

  status(): DaemonStatus {
    return this.#state.control.status(this.phase);
  }

  /** Opens what is no longer the one at its path; the configuration stays. */
  reopen(): void {
    const { pipeline, selfLog } = this.#state;
    for (const { output } of pipeline.routing.destinations) output.reopen();
    selfLog.report(SEVERITY.info, 'reopened what has changed at its path');
  }

  /** A mark to every destination that selects marks, silent or not. */
  mark(): void {
    this.#state.marks.markAll();
  }

  /** Whoever asked for the end learns how it went. */
  tellEnded(status: ExitStatus, lost: number | 'some' = 'some'): void {
    if (status !== 0) {
      const what = `ending with ${lost} message${lost === 1 ? '' : 's'} unwritten: exit status 4`;
      this.#state.selfLog.report(SEVERITY.err, what);
      this.#manager.ended(`ended with data unwritten: ${lost} message${lost === 1 ? '' : 's'}`);
    }
    this.#state.control.ended(status);
  }

  /** Debug output on stderr, on or off. */
  toggleDebug(): void {
    const { pipeline } = this.#state;
    pipeline.trace =
      pipeline.trace === null
        ? (batch, row, destinations) => writeStderrLine(describeRow(batch, row, destinations))
        : null;
  }

  /** Rotates every file that has rotation. @returns how many have */
  rotate(): number {
    const { pipeline, selfLog } = this.#state;
    const outputs = pipeline.routing.destinations.map((destination) => destination.output);
    const rotating = outputs.filter((output) => output.rotate?.() === true);
    if (rotating.length === 0) selfLog.report(SEVERITY.notice, 'nothing to rotate: no file has a setting for it');
    return rotating.length;
  }

  /** Writes what was received, closes everything. `reason` as in `exiting on signal SIGTERM`. */
  async end(reason: string): Promise<ExitStatus | null> {
    if (this.#ending) return null;
    // Once the new process reads, the end is up to it.
    if (this.#restart?.end('SIGTERM') === false) return null;
    this.#ending = true;
    await this.#restart?.settled;
    const opened = this.#reloader.stop();
    this.#manager.ending();
    const { inputs, selfLog, pipeline, marks } = this.#state;
    const deadlineMs = performance.now() + OUTPUTS_MS;
    marks.stop();
    inputs.close();
    for (const destination of pipeline.routing.destinations) destination.tellPending();
    selfLog.report(SEVERITY.info, `exiting on ${reason}`);
    selfLog.flush();
    pipeline.stop();
    const lost = await closeOutputs(this.#state, deadlineMs);
    // What a reload is just making goes before the process does.
    await within(opened, deadlineMs);
    const status = lost === 0 ? 0 : 4;
    this.#manager.ended(`ended on ${reason}`);
    this.tellEnded(status, lost);
    this.#state.dispose();
    return status;
  }
}

/** The deadline of the whole end, for the caller's watchdog. */
export const SHUTDOWN_DEADLINE_MS = SHUTDOWN_MS;
