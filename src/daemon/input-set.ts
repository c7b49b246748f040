/**
 * All inputs of the daemon: opened together at start, told to wait together, and, for UDP addresses, exchanged at
 * reload.
 */
import type { Directives, ListenAddress } from '../conf/config.ts';
import type { Batch } from '../dgram-parser/batch.ts';
import type { Input } from '../input/input.ts';
import type { Peers } from '../input/peers.ts';
import { Receivers } from '../input/receivers.ts';
import type { PathWatcher } from '../sys/path-watch.ts';
import type { Pipeline, Throttle } from './pipeline.ts';
import type { SelfLog } from './self-log.ts';
import type { DaemonSettings } from './settings.ts';

export interface InputParts {
  readonly settings: DaemonSettings;
  readonly directives: Directives;
  readonly batch: Batch;
  readonly peers: Peers;
  readonly watcher: PathWatcher;
  readonly pipeline: Pipeline;
  readonly selfLog: SelfLog;
}

/** Every address, port 514. */
const DEFAULT_LISTEN: readonly ListenAddress[] = [{ host: null, port: null, iface: null }];

/** The command line wins over the configuration; with `-s` nothing is received from the network. */
function wantedAddresses(settings: DaemonSettings, directives: Directives): readonly ListenAddress[] {
  if ((settings.secureMode ?? directives.secureMode ?? 0) > 0) return [];
  if (settings.listen.length > 0) return settings.listen;
  return directives.listen.length > 0 ? directives.listen : DEFAULT_LISTEN;
}

export class InputSet implements Throttle {
  readonly #sockets: Input[] = [];
  readonly #udp = new Map<string, Input>();
  #receivers: Receivers | null = null;
  #settings: DaemonSettings | null = null;
  #paused = true;

  /**
   * Binds everything; nothing is received before {@link resume}.
   *
   * @throws InputError: a log socket cannot be made, or no receiver works here
   */
  open(parts: InputParts): void {
    const { settings, directives, batch, peers, watcher, pipeline, selfLog } = parts;
    this.#settings = settings;
    this.#receivers = new Receivers({
      kind: settings.receiver,
      batch,
      events: { deliver: (filled) => pipeline.deliver(filled), report: selfLog.report },
      peers,
      watcher,
      family: settings.family,
      paused: true,
    });
    for (const path of settings.sockets) this.#sockets.push(this.#receivers.openLogSocket(path));
    this.adopt(directives);
  }

  /** Opens the UDP addresses that are new, closes those that are no longer wanted. */
  adopt(directives: Directives): void {
    const receivers = this.#receivers;
    const settings = this.#settings;
    if (receivers === null || settings === null) return;
    const wanted = new Map(wantedAddresses(settings, directives).map((listen) => [JSON.stringify(listen), listen]));
    for (const [key, input] of this.#udp) {
      if (wanted.has(key)) continue;
      input.close();
      this.#udp.delete(key);
    }
    for (const [key, listen] of wanted) {
      if (this.#udp.has(key)) continue;
      const input = receivers.openUdp(listen);
      if (!this.#paused) input.resume();
      this.#udp.set(key, input);
    }
  }

  all(): readonly Input[] {
    return [...this.#sockets, ...this.#udp.values()];
  }

  pause(): void {
    this.#paused = true;
    for (const input of this.all()) input.pause();
  }

  resume(): void {
    this.#paused = false;
    for (const input of this.all()) input.resume();
  }

  /** Reads what the kernel still holds, then closes everything. */
  close(): void {
    for (const input of this.all()) input.close();
    this.#sockets.length = 0;
    this.#udp.clear();
  }
}
