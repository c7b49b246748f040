/**
 * Replaces the process by one of the program that is now on the disk, without losing a message: what the old process
 * does with inputs, outputs, pid file and service manager at each step of old-process.ts.
 */
import { closeSync, constants, openSync } from 'node:fs';
import { SEVERITY } from '../protocol/priority.ts';
import { refuseForeign } from '../sys/file/foreign.ts';
import { withSpotSync } from '../sys/file/spot.ts';
import { compileRouting } from '../engine/compile-routing.ts';
import type { RestartOutcome } from '../control/commands.ts';
import { HandOver, RestartError } from './successor.ts';
import { type Description, type FifoRecord, HAND_OVER_FORMAT } from './protocol.ts';
import type { Control } from '../control/control.ts';
import type { InputSet, StoppedInputs } from '../engine/inputs/input-set.ts';
import type { Marks } from '../engine/marks.ts';
import type { OutputSet } from '../engine/outputs/output-set.ts';
import type { Pipeline } from '../engine/pipeline.ts';
import type { SelfLog } from '../engine/self-log.ts';
import type { RotationCompressor } from '../output/rotation/compressor.ts';
import type { Loaded } from '../engine/settings/load-configuration.ts';
import { withoutForbidden } from '../engine/settings/secure-mode.ts';
import type { ServiceManager } from '../process/service-manager.ts';
import type { DaemonSettings } from '../engine/settings/settings.ts';

const { O_NOCTTY, O_NONBLOCK, O_WRONLY } = constants;
/** For a file that is being compressed. */
const COMPRESSOR_MS = 1000;
const INIT_PID = 1;

/** What of the process has to be known or done; the daemon itself has none of it. */
export interface RestartProcess {
  readonly version: string;
  /** Where relative paths of the command line begin. */
  readonly directory: string;
  /** Descriptor of the pid file; null: there is none. */
  readonly pidFileFd: () => number | null;
  /** Lets the pid file be taken by the new process. */
  readonly releaseLock: () => void;
  /** Takes it back. */
  readonly lock: () => void;
}

/** What of the running daemon is stopped, handed over, or goes on where the new process fails. */
export interface RunningParts {
  readonly selfLog: SelfLog;
  readonly pipeline: Pipeline;
  readonly inputs: InputSet;
  readonly outputs: OutputSet;
  readonly marks: Marks;
  readonly control: Control;
  readonly compressor: RotationCompressor;
}

export interface RestartParts {
  readonly state: RunningParts;
  readonly settings: DaemonSettings;
  readonly manager: ServiceManager;
  /** The configuration in force. */
  readonly loaded: () => Loaded;
  /** Writes everything out and closes all outputs, within its own deadline. */
  readonly closeOutputs: () => Promise<unknown>;
}

/** One attempt. */
export class Restart {
  readonly #parts: RestartParts;
  readonly #process: RestartProcess;
  readonly #handOver: HandOver;
  /** Resolves when the attempt is over, whatever came of it. */
  settled: Promise<void> = Promise.resolve();
  #stopped = false;
  #closing = false;
  #fifos: ReadonlyMap<string, string> = new Map();
  /** Keep FIFOs open between two processes that write to them, so that their readers see no end. */
  #fifoGuards: readonly number[] = [];

  constructor(parts: RestartParts, process: RestartProcess) {
    this.#parts = parts;
    this.#process = process;
    this.#handOver = new HandOver({
      environment: parts.manager.environment(),
      steps: {
        begin: () => this.#begin(),
        stop: () => this.#stop(),
        finish: (pid, version) => this.#finish(pid, version),
        goOn: () => this.#goOn(),
      },
    });
  }

  /**
   * @returns the process that has taken over: this one must end now, and remove nothing
   * @throws RestartError: everything is as it was
   */
  run(): Promise<RestartOutcome> {
    const running = this.#run();
    this.settled = running.then(
      () => undefined,
      () => undefined,
    );
    return running;
  }

  async #run(): Promise<RestartOutcome> {
    const { state, manager } = this.#parts;
    const why = this.#whyImpossible();
    if (why !== null) throw new RestartError(why);
    try {
      const outcome = await this.#handOver.run();
      manager.replacedBy(outcome.pid);
      return outcome;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      state.selfLog.report(SEVERITY.err, `not replaced by a new process: ${reason}`);
      throw error;
    }
  }

  /** See {@link HandOver.end}. */
  end(signal: NodeJS.Signals): boolean {
    return this.#handOver.end(signal);
  }

  /** See {@link HandOver.forward}. */
  forward(signal: NodeJS.Signals): void {
    this.#handOver.forward(signal);
  }

  #whyImpossible(): string | null {
    const { settings, state } = this.#parts;
    if (process.pid === INIT_PID) return 'a restart is not possible for process 1: it would end with the old process';
    if (settings.rootDirectory !== null)
      return 'a restart is not possible with --chroot: the program is outside of the root directory';
    if (state.inputs.receiver === 'portable')
      return 'a restart is not possible with the portable receiver: it cannot take over open sockets';
    return null;
  }

  #begin(): { readonly description: Description; readonly fds: readonly number[] } {
    const { state, settings } = this.#parts;
    const { inputs, control } = state;
    inputs.freeze(true);
    const sockets = inputs.openSockets();
    const kernel = inputs.kernel?.shared ?? null;
    const { socketFd, pipeFd } = control;
    const pidFileFd = this.#process.pidFileFd();
    const description: Description = {
      format: HAND_OVER_FORMAT,
      version: this.#process.version,
      pid: process.pid,
      directory: this.#process.directory,
      sockets: sockets.map(({ record }) => record),
      kernelLast: kernel?.last ?? null,
      consoleOff: inputs.consoleOff,
      control: socketFd === null ? null : settings.controlSocket,
      controlPipe: pipeFd === null ? null : settings.controlPipe,
      pidFile: pidFileFd === null ? null : settings.pidFile,
    };
    const others = [kernel?.fd, socketFd, pipeFd, pidFileFd].flatMap((fd) => fd ?? []);
    return { description, fds: [...sockets.map(({ shared }) => shared.fd), ...others] };
  }

  #stop(): StoppedInputs {
    this.#stopped = true;
    return this.#parts.state.inputs.stop();
  }

  async #finish(pid: number, version: string): Promise<readonly FifoRecord[]> {
    const { state, closeOutputs } = this.#parts;
    const { marks, pipeline, selfLog, outputs, compressor } = state;
    this.#closing = true;
    marks.stop();
    for (const destination of pipeline.routing.destinations) destination.tellPending();
    selfLog.report(SEVERITY.info, `handing over to pid ${pid} (version ${version})`);
    selfLog.flush();
    this.#fifoGuards = pipeline.routing.destinations.flatMap(({ output }) =>
      output.kind === 'fifo' ? openGuard(output.name) : [],
    );
    this.#fifos = outputs.fifos.release();
    await closeOutputs();
    // What is reported from here on waits for outputs, or for nobody.
    selfLog.detach();
    compressor.pause();
    await Promise.race([compressor.settled(), new Promise((resolve) => setTimeout(resolve, COMPRESSOR_MS))]);
    this.#process.releaseLock();
    return [...this.#fifos].map(([path, identity]) => ({ path, identity }));
  }

  async #goOn(): Promise<void> {
    const { inputs } = this.#parts.state;
    try {
      if (this.#closing) await this.#openAgain();
    } finally {
      if (this.#stopped) inputs.takeBack();
      inputs.freeze(false);
    }
  }

  /** As at a start: with the configuration that was in force, and what cannot be opened is tried again. */
  async #openAgain(): Promise<void> {
    const { state, settings, loaded } = this.#parts;
    const { outputs, pipeline, selfLog, marks, compressor } = state;
    try {
      this.#process.lock();
    } catch (error) {
      selfLog.report(SEVERITY.err, error instanceof Error ? error.message : String(error));
    }
    selfLog.echo = false;
    outputs.fifos.adopt(this.#fifos);
    outputs.forget();
    const configuration = withoutForbidden(loaded().configuration, settings.secureMode, () => undefined);
    const plan = outputs.plan(configuration);
    await plan.open(true);
    pipeline.swap(compileRouting(configuration, plan));
    outputs.commit(plan.byKey, configuration.directives.notify);
    selfLog.attach((batch) => pipeline.deliver(batch));
    for (const fd of this.#fifoGuards) closeSync(fd);
    compressor.resume();
    marks.start();
  }
}

/** @returns nothing where nobody reads it */
function openGuard(path: string): readonly number[] {
  try {
    return withSpotSync(path, 'follow', (spot) => {
      refuseForeign(spot, 'fifo');
      return [openSync(spot.found, O_WRONLY | O_NOCTTY | O_NONBLOCK | spot.nofollow)];
    });
  } catch {
    return [];
  }
}
