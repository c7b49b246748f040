/**
 * The ways into the daemon other than signals: control socket, control pipe, and the statistics they report.
 */
import type { Report } from '../output/output.ts';
import { type ReceiverKind, chooseReceiver } from '../input/receivers.ts';
import type { PathWatcher } from '../sys/file/path-watch.ts';
import { clockSec } from '../sys/process/clock-sec.ts';
import { type Inherited, takeInherited } from '../engine/inputs/inherited.ts';
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
  /** What the previous process had open. */
  readonly inherited: Inherited;
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
    this.#receiver = chooseReceiver(parts.settings.receiver);
    this.#socket = this.#createSocket(parts.settings.controlSocket);
    this.#pipe = this.#createPipe(parts.settings.controlPipe);
  }

  /** The listening control socket, for a handover; null: none. */
  get socketFd(): number | null {
    return this.#socket?.fd ?? null;
  }

  /** The control pipe, for a handover; null: none. */
  get pipeFd(): number | null {
    return this.#pipe?.fd ?? null;
  }

  /**
   * Creates socket and pipe, with the privileges that the process has now.
   *
   * @throws ControlPipeError; errors of the socket are only reported
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

  /** A configuration is in force; `number` as in the log. */
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

  /** Tells clients that asked for the end how it went, at once. */
  ended(status: ControlEnded['status']): void {
    this.#socket?.ended(status);
  }

  /** Removes what it created. */
  close(): void {
    this.#socket?.close();
    this.#pipe?.close();
    this.#parts.statistics.close();
  }

  /** Another process continues with socket and pipe: removes nothing. */
  abandon(): void {
    this.#socket?.abandon();
    this.#pipe?.abandon();
    this.#parts.statistics.close();
  }

  #createSocket(path: string | null): ControlServer | null {
    const { report, inherited } = this.#parts;
    const inheritedFd = takeInherited(inherited.control, path);
    if (path === null) return null;
    return new ControlServer({
      path,
      inheritedFd,
      handle: (command) => this.#handle(command),
      report,
      watcher: this.#watcher,
    });
  }

  #createPipe(path: string | null): ControlPipe | null {
    const { report, inherited } = this.#parts;
    const inheritedFd = takeInherited(inherited.controlPipe, path);
    return path === null ? null : new ControlPipe({ path, inheritedFd, report, watcher: this.#watcher });
  }

  /** Null in another root directory: there the paths would be different. */
  get #watcher(): PathWatcher | null {
    const { settings, watcher } = this.#parts;
    return settings.rootDirectory === null ? watcher : null;
  }
}
