/**
 * All inputs of the daemon: opened together at start, told to wait together, and, for UDP addresses, exchanged at
 * reload.
 */
import { isOtherFamily } from '../conf/addresses.ts';
import type { Directives, ListenAddress } from '../conf/config.ts';
import type { Batch } from '../dgram-parser/batch.ts';
import { AllowList } from '../input/allow-list.ts';
import type { Input } from '../input/input.ts';
import type { Peers } from '../input/peers.ts';
import { Receivers } from '../input/receivers.ts';
import { SEVERITY } from '../protocol/priority.ts';
import type { Report } from '../output/output.ts';
import type { PathWatcher } from '../sys/path-watch.ts';
import { setKernelConsole } from '../sys/kernel-console.ts';
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

const KERNEL_LOG = '/dev/kmsg';

/** Every address, port 514. */
const DEFAULT_LISTEN: readonly ListenAddress[] = [{ host: null, port: null, iface: null }];

/** The command line wins over the configuration; with `-s` nothing is received from the network. */
function wantedAddresses(settings: DaemonSettings, directives: Directives): readonly ListenAddress[] {
  if ((settings.secureMode ?? directives.secureMode ?? 0) > 0) return [];
  if (settings.listen.length > 0) return settings.listen;
  return directives.listen.length > 0 ? directives.listen : DEFAULT_LISTEN;
}

export class InputSet implements Throttle {
  /** Log sockets and the kernel's log: the same for the daemon's whole life. */
  readonly #fixed: Input[] = [];
  readonly #udp = new Map<string, Input>();
  #receivers: Receivers | null = null;
  #settings: DaemonSettings | null = null;
  /** Null: everybody may send. */
  #allowList: AllowList | null = null;
  #paused = true;
  /** Addresses of the other family than the command line wants. */
  readonly #refused = new Set<string>();
  #report: Report = () => undefined;
  /** The kernel's own console messages were switched off, and are to be switched on again. */
  #consoleOff = false;

  /**
   * Binds everything; nothing is received before {@link resume}.
   *
   * @throws InputError: a log socket cannot be made, or no receiver works here
   */
  open(parts: InputParts): void {
    const { settings, directives, batch, peers, watcher, pipeline, selfLog } = parts;
    this.#settings = settings;
    this.#report = selfLog.report;
    const events = { deliver: (filled: Batch) => pipeline.deliver(filled), report: selfLog.report };
    if (settings.allowedPeers.length > 0)
      this.#allowList = new AllowList({ rules: settings.allowedPeers, peers, batch, events });
    this.#receivers = new Receivers({
      kind: settings.receiver,
      batch,
      events,
      peers,
      watcher,
      family: settings.family,
      filter: this.#allowList,
      paused: true,
    });
    for (const path of settings.sockets) this.#fixed.push(this.#receivers.openLogSocket(path));
    this.adopt(directives);
    if (settings.kernelLog) this.#openKernelLog(settings);
  }

  #openKernelLog({ kernelCache, kernelTime, kernelConsole }: DaemonSettings): void {
    const log = this.#receivers?.openKernelLog(KERNEL_LOG, kernelCache, kernelTime);
    if (log === undefined || log.state !== 'open') return;
    this.#fixed.push(log);
    this.#consoleOff = !kernelConsole && setKernelConsole(false);
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
      if (this.#udp.has(key) || this.#isRefused(key, listen)) continue;
      const input = receivers.openUdp(listen);
      if (!this.#paused) input.resume();
      this.#udp.set(key, input);
    }
  }

  /** Told once. The command line itself cannot contradict itself so. */
  #isRefused(key: string, listen: ListenAddress): boolean {
    const family = this.#settings?.family ?? null;
    if (!isOtherFamily(listen, family)) return false;
    if (!this.#refused.has(key))
      this.#report(SEVERITY.err, `not listening on "${listen.host}": option '-${family}' forbids it`);
    this.#refused.add(key);
    return true;
  }

  all(): readonly Input[] {
    return [...this.#fixed, ...this.#udp.values()];
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
    this.#allowList?.close();
    if (this.#consoleOff) setKernelConsole(true);
    this.#consoleOff = false;
    this.#fixed.length = 0;
    this.#udp.clear();
  }
}
