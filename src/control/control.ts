/**
 * Everything by which the daemon is asked and told from outside, but for signals: control socket, control pipe, and
 * the statistics that they tell.
 */
import type { Report } from '../output/output.ts';
import { type ReceiverKind, chooseReceiver } from '../input/receivers.ts';
import type { PathWatcher } from '../sys/file/path-watch.ts';
import { clockSec } from '../sys/process/clock-sec.ts';
import { carryOutWord, type ControlHooks, controlHandler, type ControlTarget } from './commands.ts';
import type { ControlHandler } from './connection.ts';
import { ControlPipe } from './control-pipe.ts';
import type { ControlEnded, DaemonPhase, DaemonStatus } from './protocol.ts';
import { ControlServer } from './server.ts';
import type { Loaded } from '../engine/settings/load-configuration.ts';
import type { DaemonSettings } from '../engine/settings/settings.ts';
import type { Statistics } from '../engine/statistics/statistics.ts';

export interface ControlParts {
  readonly settings: DaemonSettings;
  readonly statistics: Statistics;
  readonly watcher: PathWatcher;
  readonly report: Report;
  /** A control socket of the process before, that listens already; null: none. */
  readonly inheritedFd: number | null;
  /** The control pipe, open already; null: none. */
  readonly inheritedPipeFd: number | null;
}

export class Control {
  readonly #parts: ControlParts;
  readonly #receiver: ReceiverKind;
  readonly #startedAt = new Date().toISOString();
  readonly #startedSec = clockSec();
  readonly #socket: ControlServer | null;
  readonly #pipe: ControlPipe | null;
  #configuration: DaemonStatus['configuration'] = { file: '', number: 0, loadedAt: '', rules: 0 };
  #version = '';
  #handle: ControlHandler = (command) =>
    Promise.resolve({ answer: { ok: false, command, error: 'the daemon is starting' } });

  /** Opens nothing yet. */
  constructor(parts: ControlParts) {
    this.#parts = parts;
    const { settings, watcher, report, inheritedFd, inheritedPipeFd } = parts;
    // In another root directory the paths would be others.
    const watched = settings.rootDirectory === null ? watcher : null;
    this.#receiver = chooseReceiver(settings.receiver);
    const path = settings.controlSocket;
    this.#socket =
      path === null
        ? null
        : new ControlServer({
            path,
            inheritedFd,
            handle: (command) => this.#handle(command),
            report,
            watcher: watched,
          });
    const pipe = settings.controlPipe;
    this.#pipe =
      pipe === null ? null : new ControlPipe({ path: pipe, inheritedFd: inheritedPipeFd, report, watcher: watched });
  }

  /** The listening control socket, to be handed over; null: none. */
  get socketFd(): number | null {
    return this.#socket?.fd ?? null;
  }

  /** The control pipe, to be handed over; null: none. */
  get pipeFd(): number | null {
    return this.#pipe?.fd ?? null;
  }

  /**
   * Makes socket and pipe, with the rights that the process has now.
   *
   * @throws ControlPipeError; what is wrong with the socket is reported only
   */
  async open(): Promise<void> {
    this.#pipe?.open();
    await this.#socket?.open();
  }

  /** Commands are carried out from now on. */
  serve(version: string, target: ControlTarget, hooks: ControlHooks): void {
    this.#version = version;
    this.#handle = controlHandler(target, hooks);
    this.#pipe?.serve((word) => carryOutWord(word, target, hooks, this.#parts.report));
  }

  /** A configuration is in force; `number` as the log counts them. */
  loaded({ file, configuration }: Loaded, number: number): void {
    this.#parts.statistics.take();
    this.#configuration = { file, number, loadedAt: new Date().toISOString(), rules: configuration.rules.length };
  }

  status(phase: DaemonPhase): DaemonStatus {
    return {
      pid: process.pid,
      version: this.#version,
      uptimeSec: clockSec() - this.#startedSec,
      startedAt: this.#startedAt,
      state: phase,
      receiver: this.#receiver,
      configuration: this.#configuration,
      ...this.#parts.statistics.read(),
      memory: { rssBytes: process.memoryUsage.rss() },
    };
  }

  /** Whoever asked for the end is told how it went, at once. */
  ended(status: ControlEnded['status']): void {
    this.#socket?.ended(status);
  }

  /** Removes what it made. */
  close(): void {
    this.#socket?.close();
    this.#pipe?.close();
    this.#parts.statistics.close();
  }

  /** Another process goes on with socket and pipe: removes nothing. */
  abandon(): void {
    this.#socket?.abandon();
    this.#pipe?.abandon();
    this.#parts.statistics.close();
  }
}
