/**
 * All inputs of the daemon: opened together at start, told to wait together, and, for UDP addresses, exchanged at
 * reload. Sockets that the service manager has passed replace those of the same kind.
 *
 * Two daemons may have the same sockets for a while: the old one stops reading, the new one reads at once and holds
 * what it has read until the old one has written everything.
 */
import { isOtherFamily } from '../../conf/words/addresses.ts';
import type { Directives, ListenAddress } from '../../conf/config.ts';
import type { Batch } from '../../dgram-parser/columns/batch.ts';
import { AllowList } from '../../input/sender/allow-list.ts';
import { InheritedSockets } from '../../input/datagram/inherited-sockets.ts';
import type { Input, NetworkInput } from '../../input/input.ts';
import type { OpenSocket } from '../../input/shared-socket.ts';
import { KernelCache } from '../../input/kernel/kernel-cache.ts';
import type { KernelLog } from '../../input/kernel/kernel-log.ts';
import { withoutOwnRows } from '../../input/own-rows.ts';
import type { PassedInput } from '../../input/datagram/passed-input.ts';
import type { Peers } from '../../input/sender/peers.ts';
import type { Zone } from '../../protocol/calendar.ts';
import { type ReceiverKind, Receivers } from '../../input/receivers.ts';
import { SEVERITY } from '../../protocol/priority.ts';
import type { Report } from '../../output/output.ts';
import { findContainer } from '../../sys/machine/container.ts';
import type { PathWatcher } from '../../sys/file/path-watch.ts';
import { setKernelConsole } from '../../sys/machine/kernel-console.ts';
import { HeldRows } from './held-rows.ts';
import type { Inherited } from './inherited.ts';
import { openLogSockets } from './log-sockets.ts';
import { listeningPlaces, placeKey, receivesFromNetwork } from '../settings/listening-places.ts';
import type { Pipeline, Throttle } from '../pipeline.ts';
import type { SelfLog } from '../self-log.ts';
import type { DaemonSettings } from '../settings/settings.ts';

export interface InputParts {
  readonly settings: DaemonSettings;
  readonly directives: Directives;
  readonly batch: Batch;
  readonly peers: Peers;
  readonly zone: Zone;
  readonly watcher: PathWatcher;
  readonly pipeline: Pipeline;
  readonly selfLog: SelfLog;
  readonly inherited: Inherited;
  /** Pid of the process that this one takes over from; null: there is none. */
  readonly predecessor: number | null;
  /** As in {@link InputEvents}. */
  readonly listening: () => void;
}

const KERNEL_LOG = '/dev/kmsg';

/** What is held at most before the inputs have to wait. */
const HELD_MAX_BYTES = 32 * 1024 * 1024;

/** Why nothing is read: not started yet, outputs are behind, another process reads, too much is held. */
type WaitReason = 'start' | 'outputs' | 'handed over' | 'held';

/** What the process that goes on with the inputs has to know of them, as they are when this one stops reading. */
export interface StoppedInputs {
  /** The kernel's count of drops on each socket, in the order of {@link InputSet.openSockets}. */
  readonly drops: readonly number[];
  /** Number of the last record of the kernel's log; -1: none. */
  readonly kernelLast: number;
}

export class InputSet implements Throttle {
  /** Log sockets and the kernel's log: the same for the daemon's whole life. */
  readonly #fixed: Input[] = [];
  readonly #udp = new Map<string, NetworkInput>();
  /** UDP sockets of the service manager. */
  #passedUdp: readonly PassedInput[] = [];
  /** No own UDP address is bound. */
  #networkPassed = false;
  /** Handed over by the daemon before this one, and no longer wanted. */
  #rest: readonly Input[] = [];
  #kernel: KernelLog | null = null;
  #inheritedFds: ReadonlySet<number> = new Set();
  #receivers: Receivers | null = null;
  #settings: DaemonSettings | null = null;
  #batch: Batch | null = null;
  #pipeline: Pipeline | null = null;
  /** Null: what is received is delivered. */
  #held: HeldRows | null = null;
  #releasing = false;
  /** Null: everybody may send. */
  #allowList: AllowList | null = null;
  readonly #waitsFor = new Set<WaitReason>(['start']);
  /** Addresses of the other family than the command line wants. */
  readonly #refused = new Set<string>();
  #report: Report = () => undefined;
  /** The kernel's own console messages were switched off, and are to be switched on again. */
  #consoleOff = false;
  #consoleInherited = false;

  /**
   * Binds everything; nothing is received before {@link resume}.
   *
   * @throws InputError: a log socket cannot be made, or no receiver works here
   */
  open(parts: InputParts): void {
    const { settings, directives, batch, peers, zone, watcher, pipeline, selfLog, inherited, listening } = parts;
    this.#settings = settings;
    this.#report = selfLog.report;
    this.#batch = batch;
    this.#pipeline = pipeline;
    this.#inheritedFds = new Set(inherited.sockets.map(({ fd }) => fd));
    const deliver = (filled: Batch): void => this.#deliver(filled);
    const events = {
      deliver: selfLog.journalled ? withoutOwnRows(deliver, parts.predecessor) : deliver,
      turnWanted: () => this.#pipeline?.turnWanted ?? true,
      report: selfLog.report,
      listening,
    };
    if (settings.allowedPeers.length > 0)
      this.#allowList = new AllowList({ rules: settings.allowedPeers, peers, batch, events });
    const refuse = (text: string): void => selfLog.report(SEVERITY.warning, text);
    this.#receivers = new Receivers({
      kind: settings.receiver,
      batch,
      events,
      peers,
      zone,
      watcher,
      family: settings.family,
      filter: this.#allowList,
      paused: true,
      inherited: new InheritedSockets(inherited.sockets, refuse),
    });
    const why = this.#receivers.whyPortable;
    if (why !== null) refuse(`receiving with the portable receiver: ${why}`);
    const passed = this.#receivers.openPassed();
    const logs = passed.filter((input) => input.kind === 'log socket');
    this.#fixed.push(...logs);
    this.#passedUdp = passed.filter((input) => input.kind === 'udp');
    this.#networkPassed = this.#passedUdp.length > 0;
    this.#fixed.push(...openLogSockets(this.#receivers, settings.sockets, logs, refuse));
    this.adopt(directives);
    // Also where the log is left alone: the file was meant for something else.
    if (settings.kernelLog !== false) new KernelCache(settings.kernelCache).check();
    if (settings.kernelLog ?? findContainer() === null) this.#openKernelLog(settings, inherited);
    this.#consoleInherited = inherited.consoleOff;
    this.#consoleOff ||= inherited.consoleOff;
    this.#rest = this.#receivers.openRest();
  }

  #openKernelLog({ kernelCache, kernelTime, kernelConsole }: DaemonSettings, { kernel }: Inherited): void {
    const log = this.#receivers?.openKernelLog(KERNEL_LOG, kernelCache, kernelTime, kernel);
    if (log === undefined || log.state !== 'open') return;
    this.#fixed.push(log);
    this.#kernel = log;
    this.#consoleOff = !kernelConsole && setKernelConsole(false);
  }

  /** Opens the UDP addresses that are new, closes those that are no longer wanted. */
  adopt(directives: Directives): void {
    const receivers = this.#receivers;
    const settings = this.#settings;
    if (receivers === null || settings === null) return;
    this.#dropForbiddenPassed(settings, directives);
    const places = this.#networkPassed ? [] : listeningPlaces(settings, directives);
    const wanted = new Map(places.map((place) => [placeKey(place), place]));
    for (const [key, input] of this.#udp) {
      if (wanted.has(key)) continue;
      input.close();
      this.#udp.delete(key);
    }
    for (const [key, listen] of wanted) {
      if (this.#udp.has(key) || this.#isRefused(key, listen)) continue;
      const input = receivers.openUdp(listen);
      if (this.#waitsFor.size === 0) input.resume();
      this.#udp.set(key, input);
    }
  }

  /** What the service manager has bound may be more than the command line or the configuration allows. */
  #dropForbiddenPassed(settings: DaemonSettings, directives: Directives): void {
    const why = (input: PassedInput): string | null => {
      if (!receivesFromNetwork(settings, directives)) return `'-s' or secure_mode`;
      return settings.family !== null && input.family !== settings.family ? `option '-${settings.family}'` : null;
    };
    for (const input of this.#passedUdp) {
      const reason = why(input);
      if (reason === null) continue;
      input.leave();
      this.#report(SEVERITY.warning, `not listening on ${input.label} of the service manager: ${reason} forbids it`);
    }
    this.#passedUdp = this.#passedUdp.filter((input) => input.state !== 'closed');
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
    return [...this.#fixed, ...this.#udp.values(), ...this.#passedUdp, ...this.#rest];
  }

  /** What receives from the network. */
  network(): readonly NetworkInput[] {
    return [...this.#udp.values(), ...this.#passedUdp];
  }

  pause(): void {
    this.#wait('outputs');
  }

  /** The inputs may be read; the first time: begin to. */
  resume(): void {
    this.#waitsFor.delete('start');
    this.#waitsFor.delete('outputs');
    if (this.#releasing) this.deliverHeld();
    else this.#goOnIfAllowed();
  }

  /** What can be handed over to another process, in an order that stays while the inputs are frozen. */
  openSockets(): readonly OpenSocket[] {
    return this.all().flatMap((input) => input.openSockets());
  }

  /** Null: it is not read. */
  get kernel(): KernelLog | null {
    return this.#kernel;
  }

  /** Which receiver is at work; null before {@link open}. */
  get receiver(): ReceiverKind | null {
    return this.#receivers?.kind ?? null;
  }

  get consoleOff(): boolean {
    return this.#consoleOff;
  }

  /** While frozen the sockets are and stay those of {@link openSockets}. */
  freeze(frozen: boolean): void {
    for (const input of this.all()) input.freeze(frozen);
  }

  /** Another process reads from now on. What it has to know is told, and losses up to now. */
  stop(): StoppedInputs {
    this.#wait('handed over');
    this.#allowList?.settle();
    const drops = this.openSockets().map(({ shared }) => shared.tellLosses());
    return { drops, kernelLast: this.#kernel?.shared?.last ?? -1 };
  }

  /** The other process is gone: this one reads again. */
  takeBack(): void {
    this.#kernel?.takeBack();
    this.#waitsFor.delete('handed over');
    this.#goOnIfAllowed();
  }

  /** Begins to read, from where another process stopped, and holds what it reads until {@link deliverHeld}. */
  readAhead({ drops, kernelLast }: StoppedInputs): void {
    const order = [...this.#inheritedFds];
    for (const { shared } of this.openSockets()) shared.skipLosses(drops[order.indexOf(shared.fd)] ?? 0);
    this.#kernel?.continueBehind(kernelLast);
    this.#held = new HeldRows();
    this.resume();
  }

  /** The other process has written everything: delivers what was held, then closes what is no longer wanted. */
  deliverHeld(): void {
    this.#releasing = true;
    while (!this.#waitsFor.has('outputs') && this.#deliverOldest());
    // The outputs are behind: they say when to go on.
    if (this.#waitsFor.has('outputs')) return;
    this.#releasing = false;
    this.#held = null;
    for (const input of this.#rest) input.close();
    this.#rest = [];
    this.#waitsFor.delete('held');
    this.#goOnIfAllowed();
  }

  /** Another process goes on with the sockets: closes the descriptors of this one, and removes nothing. */
  leave(): void {
    for (const input of this.all()) input.leave();
    this.#consoleOff = false;
    this.#forget();
  }

  /** Gives up before anything was received: what was handed over stays as it is, what was made here goes. */
  abandon(): void {
    for (const input of this.all()) {
      const isTaken = input.openSockets().some(({ shared }) => this.#inheritedFds.has(shared.fd));
      if (isTaken || input === this.#kernel) input.leave();
      else input.close();
    }
    if (this.#consoleOff && !this.#consoleInherited) setKernelConsole(true);
    this.#consoleOff = false;
    this.#forget();
  }

  /** Reads what the kernel still holds, then closes everything. */
  close(): void {
    for (const input of this.all()) input.close();
    if (this.#consoleOff) setKernelConsole(true);
    this.#consoleOff = false;
    this.#forget();
  }

  #forget(): void {
    this.#allowList?.close();
    this.#fixed.length = 0;
    this.#udp.clear();
    this.#passedUdp = [];
    this.#rest = [];
    this.#kernel = null;
  }

  /** @returns whether there was something held */
  #deliverOldest(): boolean {
    const batch = this.#batch;
    if (batch === null || this.#held?.takeInto(batch) !== true) return false;
    this.#pipeline?.deliver(batch);
    return true;
  }

  #deliver(batch: Batch): void {
    if (this.#held === null) {
      this.#pipeline?.deliver(batch);
      return;
    }
    this.#held.keep(batch);
    if (this.#held.heldBytes > HELD_MAX_BYTES) this.#wait('held');
  }

  #wait(reason: WaitReason): void {
    this.#waitsFor.add(reason);
    for (const input of this.all()) input.pause();
  }

  #goOnIfAllowed(): void {
    if (this.#waitsFor.size > 0) return;
    for (const input of this.all()) input.resume();
  }
}
