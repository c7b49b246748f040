/**
 * The daemon: it runs, reloads, is replaced by a new process, ends. life.ts says what each event leads to, bring-up.ts
 * is its beginning, and commands.ts what it does on request.
 */
import { formatProblem } from '../conf/config.ts';
import type { ControlHooks, ReloadOutcome, RestartOutcome } from '../control/commands.ts';
import type { DaemonPhase } from '../control/protocol.ts';
import { closeOutputs, OUTPUTS_MS } from '../engine/close-outputs.ts';
import { StatusLine } from '../engine/statistics/status-line.ts';
import { Restart, RestartError, type RestartProcess } from '../handover/restart.ts';
import type { Report } from '../output/output.ts';
import { within } from '../output/within.ts';
import type { ServiceManager } from '../process/service-manager.ts';
import { SEVERITY } from '../protocol/priority.ts';
import { bringUp, type BroughtUp, giveUp, type Origin } from './bring-up.ts';
import { Commands } from './commands.ts';
import { Life, type LifeState } from './life.ts';
import { LimitsReport } from './limits-report.ts';
import { Reloader } from './reload.ts';
import type { DaemonState } from './state.ts';

/** Time limit for the whole shutdown, whatever hangs: for the caller's watchdog. */
export const SHUTDOWN_MS = 5000;

/** How the daemon ended: exit status 0, or 4 if data was left unwritten. */
export type ExitStatus = 0 | 4;

/** As clients see it. */
const PHASES: Readonly<Record<LifeState, DaemonPhase>> = {
  prepared: 'running',
  running: 'running',
  restarting: 'restarting',
  'handing over': 'restarting',
  ending: 'ending',
  ended: 'ending',
};

export interface DaemonOrigin extends Origin {
  readonly manager: ServiceManager;
}

export class Daemon {
  /** What it does on request. */
  readonly commands: Commands;
  readonly #life = new Life();
  readonly #origin: DaemonOrigin;
  readonly #state: DaemonState;
  readonly #reloader: Reloader;
  readonly #limits: LimitsReport;
  readonly #statusLine: StatusLine;
  /** The attempt in progress; null: none. */
  #restart: Restart | null = null;
  /** Resolves when it is over, whatever came of it. */
  #restartOver: Promise<unknown> = Promise.resolve();

  private constructor(origin: DaemonOrigin, { state, loaded }: BroughtUp) {
    const { settings, manager } = origin;
    const { pipeline, inputs } = state;
    this.#origin = origin;
    this.#state = state;
    this.commands = new Commands(state, this);
    this.#limits = new LimitsReport(settings, state);
    this.#reloader = new Reloader(settings, state, loaded);
    this.#statusLine = new StatusLine(
      { inputs: () => inputs.all(), outputs: () => pipeline.routing.destinations.map(({ output }) => output) },
      (text) => manager.status(text),
    );
    this.#statusLine.started(loaded.problems.map(formatProblem));
    state.selfLog.onReport = this.#statusLine.reported;
    if (settings.debug) this.commands.toggleDebug();
  }

  /** Opens everything; nothing is received before {@link run}. @throws see {@link bringUp} */
  static async prepare(origin: DaemonOrigin): Promise<Daemon> {
    origin.manager.take();
    return new Daemon(origin, await bringUp(origin));
  }

  /** Instead of {@link run}: leaves nothing behind. */
  async abandon(): Promise<void> {
    this.#life.on('abandon');
    await giveUp(this.#state, this.#origin.takeOver);
  }

  /** The process will not change any more: from now on accepts commands and compresses old files. */
  serve(version: string, hooks: ControlHooks): void {
    this.#state.compressor.resume();
    this.#state.control.serve(version, this.commands, hooks);
  }

  /** Receives from now on, with the remaining privileges; reports what they do not permit, and `notices`. */
  run(version: string, notices: readonly string[] = []): void {
    const { selfLog, inputs, network } = this.#state;
    const { takeOver } = this.#origin;
    this.#life.on('run');
    selfLog.echo = false;
    const from = takeOver === null ? '' : `, took over from pid ${takeOver.pid}`;
    selfLog.report(SEVERITY.info, `start (version ${version})${from}`);
    network.started();
    for (const notice of notices) selfLog.report(SEVERITY.notice, notice);
    this.#limits.update();
    if (takeOver === null) {
      inputs.resume();
      this.#tellReady();
      return;
    }
    selfLog.flush();
    inputs.deliverHeld();
    // The service manager accepts this process once the old one has announced it.
    void takeOver.end().then(() => {
      if (this.phase !== 'ending') this.#tellReady();
    });
  }

  async reload(): Promise<ReloadOutcome> {
    const answer = this.#life.on('reload');
    if (answer === 'refuse')
      return { ok: false, problems: [`the daemon is ${this.phase === 'ending' ? 'exiting' : 'starting'}`] };
    if (answer === 'postpone')
      return { ok: false, problems: ['the daemon is being replaced by a new process, which will load it'] };
    this.#origin.manager.reloading();
    const outcome = await this.#reloader.request();
    this.#limits.update();
    this.#statusLine.reloaded(outcome.ok ? [] : outcome.problems);
    this.#tellReady();
    return outcome;
  }

  /**
   * Makes a new process take over, running the program that is now on disk.
   *
   * @returns that process: this one must end now, and remove nothing
   * @throws RestartError with one line: the new process could not take over, and this one continues
   */
  async restart(process: RestartProcess): Promise<RestartOutcome> {
    if (this.#life.on('restart') === 'refuse') throw new RestartError('the daemon is already restarting or exiting');
    const { settings, manager } = this.#origin;
    this.#restart = new Restart({ state: this.#state, settings, manager, process });
    const attempt = this.#attempt(this.#restart);
    this.#restartOver = attempt.catch(() => undefined);
    return await attempt;
  }

  /** Writes what was received, closes everything. `reason` as in `exiting on signal SIGTERM`. */
  async end(reason: string): Promise<ExitStatus | null> {
    const answer = this.#life.on('end');
    if (answer === 'ignore') return null;
    if (answer === 'pass on') this.#restart?.signal('SIGTERM');
    if (answer === 'cancel restart') this.#restart?.cancel();
    await this.#restartOver;
    // If the new process has failed, this one must end.
    if (answer === 'pass on') return await this.end(reason);
    return await this.#end(reason);
  }

  /** Tells clients and the service manager how the end went. */
  tellEnded(status: ExitStatus, lost: number | 'some' = 'some'): void {
    if (status !== 0) {
      const what = `exiting with ${lost} message${lost === 1 ? '' : 's'} unwritten: exit status 4`;
      this.#state.selfLog.report(SEVERITY.err, what);
      this.#origin.manager.ended(`exited with ${lost} message${lost === 1 ? '' : 's'} unwritten`);
    }
    this.#state.control.ended(status);
  }

  /** One line in the daemon's own log. */
  get report(): Report {
    return this.#state.selfLog.report;
  }

  get phase(): DaemonPhase {
    return PHASES[this.#life.state];
  }

  async #attempt(restart: Restart): Promise<RestartOutcome> {
    try {
      await this.#reloader.settled();
      const prepared = await restart.prepare(this.#reloader.loaded);
      if (this.#life.on('successor ready') === 'refuse') throw new RestartError('the daemon is exiting');
      const outcome = await restart.handOver(prepared);
      this.#life.on('replaced');
      if (this.#life.takePostponedReload()) restart.signal('SIGHUP');
      return outcome;
    } catch (error) {
      const failure = await restart.giveUp(error);
      this.#life.on('restart failed');
      if (this.#life.takePostponedReload()) void this.reload();
      throw failure;
    }
  }

  async #end(reason: string): Promise<ExitStatus> {
    const opened = this.#reloader.stop();
    const { manager } = this.#origin;
    manager.ending();
    const deadlineMs = performance.now() + OUTPUTS_MS;
    this.#stopReceiving(reason);
    const lost = await closeOutputs(this.#state, deadlineMs);
    // What a reload is still opening must be closed before the process ends.
    await within(opened, deadlineMs);
    // A compression that is about to take the place of its original would leave both until the next start.
    this.#state.compressor.pause();
    await within(this.#state.compressor.settled(), deadlineMs);
    const status = lost === 0 ? 0 : 4;
    manager.ended(`exited on ${reason}`);
    this.tellEnded(status, lost);
    this.#state.dispose();
    this.#life.on('ended');
    return status;
  }

  /** Reads what the kernel still holds; the daemon's last line follows. */
  #stopReceiving(reason: string): void {
    const { inputs, selfLog, pipeline, marks } = this.#state;
    marks.stop();
    inputs.close();
    for (const destination of pipeline.routing.destinations) destination.tellPending();
    selfLog.report(SEVERITY.info, `exiting on ${reason}`);
    selfLog.flush();
    pipeline.stop();
  }

  #tellReady(): void {
    this.#origin.manager.ready(this.#statusLine.text);
  }
}
