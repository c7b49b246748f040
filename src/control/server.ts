/**
 * The control socket: whoever may connect to it may query and control the daemon. Source: tsyslogd(8), section CONTROL.
 *
 * Its owner is the user that creates it: root if the daemon starts as root, even after it has become another user. Its
 * mode is 0600. The daemon runs without it if it cannot be created. A path that disappears is recreated.
 *
 * To hand over to a new process: the old one passes on {@link ControlServer.fd}, the new one starts with it as
 * `inheritedFd`, then the old one calls {@link ControlServer.abandon}. In between either may answer.
 */
import type { Socket } from 'node:net';
import type { Report } from '../output/output.ts';
import { SEVERITY } from '../protocol/priority.ts';
import { errorText } from '../sys/call/error-text.ts';
import type { PathWatcher } from '../sys/file/path-watch.ts';
import { ControlConnection, type ControlHandler } from './connection.ts';
import { KeptPath } from './kept-path.ts';
import { listenAt, type Listening, listenInherited } from './listener.ts';
import { type ControlEnded, formatAnswer } from './protocol.ts';

/** Further clients get one line. */
const CONNECTIONS_MAX = 16;
/** Limit for a client that neither sends nor takes its answer. */
const IDLE_MS = 30_000;

export interface ControlServerOptions {
  readonly path: string;
  /** A socket of the previous process that already listens at `path`; null: create one. */
  readonly inheritedFd: number | null;
  readonly handle: ControlHandler;
  readonly report: Report;
  /** Null: a path that disappears is not recreated. */
  readonly watcher: PathWatcher | null;
  readonly idleMs?: number;
  readonly retryMs?: number;
}

export class ControlServer {
  readonly #options: ControlServerOptions;
  readonly #connections = new Set<ControlConnection>();
  #isClosed = false;
  #listening: Listening | null = null;
  /** Null: a path that disappears is not recreated. */
  #kept: KeptPath | null = null;

  constructor(options: ControlServerOptions) {
    this.#options = options;
  }

  /** The listening descriptor, for a handover; null if there is none or it is unknown. */
  get fd(): number | null {
    return this.#listening?.fd ?? null;
  }

  /** Never rejects: errors are reported, and the daemon runs without the socket. */
  async open(): Promise<void> {
    const { path, inheritedFd, report, watcher, retryMs } = this.#options;
    try {
      if (inheritedFd === null) this.#adopt(await listenAt(path, this.#accept));
      else this.#adopt(await listenInherited(path, inheritedFd, this.#accept));
    } catch (error) {
      this.#isClosed = true;
      report(SEVERITY.err, `running without control socket "${path}": ${errorText(error)}`);
      return;
    }
    if (watcher === null || this.#isClosed) return;
    this.#kept = new KeptPath({
      path,
      watcher,
      report,
      retryMs,
      restore: () => this.#restore(),
      madeAgain: `control socket "${path}" disappeared and was recreated`,
      isGone: (reason) => `control socket "${path}" disappeared: ${reason}: retrying`,
    });
  }

  /** The daemon has ended: tells clients that asked for it, at once. */
  ended(status: ControlEnded['status']): void {
    for (const connection of this.#connections) connection.ended(status);
  }

  /** Stops listening and removes the path if it is still ours. Requests in progress are still answered. */
  close(): void {
    this.#listening?.file?.remove();
    this.abandon();
  }

  /** As {@link close}, but leaves the path: another process listens there. */
  abandon(): void {
    this.#isClosed = true;
    this.#kept?.close();
    this.#listening?.server.close();
    this.#listening = null;
    for (const connection of this.#connections) connection.finish();
  }

  readonly #accept = (socket: Socket): void => {
    if (this.#connections.size >= CONNECTIONS_MAX) {
      socket.on('error', () => undefined);
      socket.end(formatAnswer({ ok: false, error: `busy: ${CONNECTIONS_MAX} clients are connected` }), () => {
        socket.destroy();
      });
      return;
    }
    const connection = new ControlConnection(socket, {
      handle: this.#options.handle,
      idleMs: this.#options.idleMs ?? IDLE_MS,
      closed: () => this.#connections.delete(connection),
    });
    this.#connections.add(connection);
  };

  #adopt(listening: Listening): void {
    if (this.#isClosed) {
      listening.file?.remove();
      listening.server.close();
      return;
    }
    this.#listening = listening;
    // No error here is known to last; the client notices and tries again.
    listening.server.on('error', () => undefined);
  }

  /** @returns whether the path was gone */
  async #restore(): Promise<boolean> {
    if (this.#listening?.file?.isThere() === true) return false;
    const listening = await listenAt(this.#options.path, this.#accept);
    this.#listening?.server.close();
    this.#adopt(listening);
    return true;
  }
}
