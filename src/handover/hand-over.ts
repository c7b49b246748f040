/**
 * What the old process of a restart holds: describes it for the new one, lets go of it step by step, takes it back if
 * the new one fails.
 */
import { closeSync, constants, openSync } from 'node:fs';
import type { Control } from '../control/control.ts';
import { closeOutputs, OUTPUTS_MS } from '../engine/close-outputs.ts';
import type { InputSet, ReturnedBatch, StoppedInputs } from '../engine/inputs/input-set.ts';
import type { Loaded } from '../engine/settings/load-configuration.ts';
import { withoutForbidden } from '../engine/settings/secure-mode.ts';
import type { DaemonSettings } from '../engine/settings/settings.ts';
import { type StartedParts, startOutputs } from '../engine/start-outputs.ts';
import type { RotationCompressor } from '../output/rotation/compressor.ts';
import type { DaemonContext } from '../process/context/context.ts';
import { SEVERITY } from '../protocol/priority.ts';
import { messageLine } from '../sys/call/error-text.ts';
import { refuseForeign } from '../sys/file/foreign.ts';
import { withSpotSync } from '../sys/file/spot.ts';
import { type Description, type FifoRecord, HAND_OVER_FORMAT } from './protocol.ts';

const { O_NOCTTY, O_NONBLOCK, O_WRONLY } = constants;
/** Time limit for a file that is being compressed. */
const COMPRESSOR_MS = 1000;

/** What a restart needs of the process, and the daemon does not have. */
export interface RestartProcess {
  readonly version: string;
  /** Where relative paths of the command line start. */
  readonly directory: string;
  /** Who holds the pid file. */
  readonly context: Pick<DaemonContext, 'lock' | 'pidFileFd' | 'releaseForSuccessor'>;
}

/** Parts of the running daemon that are stopped, handed over, or continue if the new process fails. */
export interface RunningParts extends StartedParts {
  readonly inputs: InputSet;
  readonly control: Control;
  readonly compressor: RotationCompressor;
}

export interface HandOverParts {
  readonly state: RunningParts;
  readonly settings: DaemonSettings;
  /** The configuration in force. */
  readonly loaded: Loaded;
  readonly process: RestartProcess;
}

/** One attempt. */
export class HandOver {
  readonly #parts: HandOverParts;
  #hasStopped = false;
  #hasLetGo = false;
  /** FIFOs that this daemon created, by path. */
  #fifos: ReadonlyMap<string, string> = new Map();
  /**
   * Keep FIFOs open between their two writers, the old process and the new, so that their readers see no end of file.
   */
  #fifoGuards: readonly number[] = [];

  constructor(parts: HandOverParts) {
    this.#parts = parts;
  }

  /** What is handed over, and its descriptors in protocol order. It does not change until the end. */
  describe(): { readonly description: Description; readonly fds: readonly number[] } {
    const { state, settings, process: own } = this.#parts;
    const { inputs, control } = state;
    inputs.freeze(true);
    const sockets = inputs.openSockets();
    const kernel = inputs.kernel?.shared ?? null;
    const { socketFd, pipeFd } = control;
    const { pidFileFd } = own.context;
    const description: Description = {
      format: HAND_OVER_FORMAT,
      version: own.version,
      pid: process.pid,
      directory: own.directory,
      sockets: sockets.map(({ record }) => record),
      kernelLast: kernel?.last ?? null,
      consoleOff: inputs.consoleOff,
      control: socketFd === null ? null : settings.controlSocket,
      controlPipe: pipeFd === null ? null : settings.controlPipe,
      pidFile: pidFileFd === null ? null : settings.pidFile,
      takesBack: true,
    };
    const others = [kernel?.fd, socketFd, pipeFd, pidFileFd].flatMap((fd) => fd ?? []);
    return { description, fds: [...sockets.map(({ shared }) => shared.fd), ...others] };
  }

  /** Stops reading. */
  stopReading(): StoppedInputs {
    this.#hasStopped = true;
    return this.#parts.state.inputs.stop();
  }

  /** Writes everything out and releases files and lock, within its own deadline. @returns the FIFOs that are left */
  async letGo(pid: number, version: string): Promise<readonly FifoRecord[]> {
    const { state, process: own } = this.#parts;
    const { marks, selfLog, compressor } = state;
    this.#hasLetGo = true;
    marks.stop();
    this.#sayLast(`handing over to pid ${pid} (version ${version})`);
    this.#keepFifos();
    await closeOutputs(state, performance.now() + OUTPUTS_MS);
    // Reports from here on wait for new outputs, if any.
    selfLog.detach();
    compressor.pause();
    await Promise.race([compressor.settled(), new Promise((resolve) => setTimeout(resolve, COMPRESSOR_MS))]);
    own.context.releaseForSuccessor();
    return [...this.#fifos].map(([path, identity]) => ({ path, identity }));
  }

  /** Everything is as it was, whatever of these steps was done. @param returned what the new process had received */
  async takeBack(returned: readonly ReturnedBatch[]): Promise<void> {
    const { inputs } = this.#parts.state;
    try {
      if (this.#hasLetGo) await this.#openAgain();
    } finally {
      if (this.#hasStopped) inputs.takeBack(returned);
      inputs.freeze(false);
    }
  }

  #sayLast(text: string): void {
    const { pipeline, selfLog } = this.#parts.state;
    for (const destination of pipeline.routing.destinations) destination.tellPending();
    selfLog.report(SEVERITY.info, text);
    selfLog.flush();
  }

  #keepFifos(): void {
    const { pipeline, outputs } = this.#parts.state;
    this.#fifoGuards = pipeline.routing.destinations.flatMap(({ output }) =>
      output.kind === 'fifo' ? openGuard(output.name) : [],
    );
    this.#fifos = outputs.fifos.release();
  }

  /** As at a start: with the configuration that was in force; what cannot be opened is retried. */
  async #openAgain(): Promise<void> {
    const { state, settings, loaded } = this.#parts;
    const { outputs, selfLog, compressor } = state;
    this.#lockAgain();
    selfLog.echo = false;
    outputs.fifos.adopt(this.#fifos);
    outputs.forget();
    await startOutputs(
      state,
      withoutForbidden(loaded.configuration, settings.secureMode, () => undefined),
    );
    for (const fd of this.#fifoGuards) closeSync(fd);
    compressor.resume();
  }

  #lockAgain(): void {
    const { state, process: own } = this.#parts;
    try {
      own.context.lock();
    } catch (error) {
      state.selfLog.report(SEVERITY.err, messageLine(error));
    }
  }
}

/** @returns nothing if nobody reads it */
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
