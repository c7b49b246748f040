/**
 * All inputs of the daemon, and the one door to them: opened together at the start, told to wait together, exchanged at
 * reload, handed over at a restart, ended together.
 *
 * What there is of them is in kinds.ts, where a new kind is entered; whether they are read is decided in intake.ts.
 */
import type { Directives } from '../../conf/config.ts';
import type { Batch } from '../../dgram-parser/columns/batch.ts';
import { InheritedSockets } from '../../input/datagram/inherited-sockets.ts';
import type { Input, InputEvents, NetworkInput } from '../../input/input.ts';
import { InputOpener } from '../../input/input-opener.ts';
import type { KernelLog } from '../../input/kernel/kernel-log.ts';
import { withoutOwnRows } from '../../input/own-rows.ts';
import { type ReceiverKind, whyPortable } from '../../input/receivers.ts';
import { AllowList } from '../../input/sender/allow-list.ts';
import type { Peers } from '../../input/sender/peers.ts';
import type { OpenSocket } from '../../input/shared-socket.ts';
import type { Zone } from '../../protocol/calendar.ts';
import { SEVERITY } from '../../protocol/priority.ts';
import type { PathWatcher } from '../../sys/file/path-watch.ts';
import type { Pipeline, Throttle } from '../pipeline.ts';
import type { SelfLog } from '../self-log.ts';
import type { DaemonSettings } from '../settings/settings.ts';
import type { Inherited } from './inherited.ts';
import type { GroupParts, InputEnd, InputGroup } from './input-group.ts';
import { Intake } from './intake.ts';
import { createInputKinds, type InputKinds } from './kinds.ts';

export interface InputParts {
  readonly settings: DaemonSettings;
  readonly directives: Directives;
  readonly batch: Batch;
  readonly peers: Peers;
  readonly zone: Zone;
  readonly watcher: PathWatcher;
  readonly pipeline: Pick<Pipeline, 'deliver' | 'turnWanted'>;
  readonly selfLog: Pick<SelfLog, 'report' | 'journalled'>;
  readonly inherited: Inherited;
  /** Pid of the process that this one takes over from; null: there is none. */
  readonly predecessor: number | null;
  /** As in {@link InputEvents}. */
  readonly listening: () => void;
}

/** What the process that goes on with the inputs needs to know of them, as they are when this one stops reading. */
export interface StoppedInputs {
  /** The kernel's count of drops on each socket, in the order of {@link InputSet.openSockets}. */
  readonly drops: readonly number[];
  /** Last record taken of the kernel's log; -1: none. */
  readonly kernelLast: number;
}

export class InputSet implements Throttle {
  readonly #createKinds: (parts: GroupParts) => InputKinds;
  readonly #intake: Intake;
  /** Null: not open yet, and the next two. */
  #kinds: InputKinds | null = null;
  #opener: InputOpener | null = null;
  /** Null: everybody may send. */
  #allowList: AllowList | null = null;
  /** Descriptors of {@link Inherited.sockets}, in their order. */
  #inheritedFds: readonly number[] = [];

  /** @param createKinds others for tests */
  constructor(createKinds: (parts: GroupParts) => InputKinds = createInputKinds) {
    this.#createKinds = createKinds;
    this.#intake = new Intake({
      inputs: () => this.all(),
      released: () => {
        for (const group of this.#groups) group.released?.();
      },
    });
  }

  /**
   * Binds everything; nothing is received before {@link resume}.
   *
   * @throws InputError: a log socket cannot be made, or no receiver works here
   */
  open(parts: InputParts): void {
    const { settings, batch, pipeline, selfLog, inherited } = parts;
    const { report } = selfLog;
    this.#inheritedFds = inherited.sockets.map(({ fd }) => fd);
    this.#intake.connect(batch, pipeline);
    const opener = this.#createOpener(parts);
    this.#opener = opener;
    const why = whyPortable(settings.receiver, opener.kind);
    if (why !== null) report(SEVERITY.warning, `receiving with the portable receiver: ${why}`);
    const mayRead = (): boolean => this.#intake.reasons.size === 0;
    this.#kinds = this.#createKinds({ settings, inherited, opener, report, mayRead });
    for (const group of this.#groups) group.open(parts.directives);
  }

  #createOpener(parts: InputParts): InputOpener {
    const { settings, batch, peers, pipeline, selfLog } = parts;
    const { deliver } = this.#intake;
    const events: InputEvents = {
      deliver: selfLog.journalled ? withoutOwnRows(deliver, parts.predecessor) : deliver,
      turnWanted: () => pipeline.turnWanted,
      report: selfLog.report,
      listening: parts.listening,
    };
    if (settings.allowedPeers.length > 0)
      this.#allowList = new AllowList({ rules: settings.allowedPeers, peers, batch, events });
    return new InputOpener({
      kind: settings.receiver,
      batch,
      events,
      peers,
      zone: parts.zone,
      watcher: parts.watcher,
      family: settings.family,
      filter: this.#allowList,
      paused: true,
      inherited: new InheritedSockets(parts.inherited.sockets, (text) => selfLog.report(SEVERITY.warning, text)),
    });
  }

  get #groups(): readonly InputGroup[] {
    return this.#kinds?.all ?? [];
  }

  /** Opens what a new configuration names and did not have, closes what it no longer names. */
  adopt(directives: Directives): void {
    for (const group of this.#groups) group.adopt?.(directives);
  }

  all(): readonly Input[] {
    return this.#groups.flatMap(({ inputs }) => inputs);
  }

  /** What receives from the network. */
  network(): readonly NetworkInput[] {
    return this.#kinds?.network.listening ?? [];
  }

  /** What can be handed over to another process, in an order that stays while the inputs are frozen. */
  openSockets(): readonly OpenSocket[] {
    return this.all().flatMap((input) => input.openSockets());
  }

  /** Null: it is not read. */
  get kernel(): KernelLog | null {
    return this.#kinds?.kernel.log ?? null;
  }

  /** Which receiver is at work; null before {@link open}. */
  get receiver(): ReceiverKind | null {
    return this.#opener?.kind ?? null;
  }

  /** The kernel's own messages on the console were switched off, and are to be switched on again. */
  get consoleOff(): boolean {
    return this.#kinds?.kernel.consoleOff ?? false;
  }

  pause(): void {
    this.#intake.pause();
  }

  /** The inputs may be read; the first time: begin to. */
  resume(): void {
    this.#intake.resume();
  }

  /** While frozen the sockets are and stay those of {@link openSockets}. */
  freeze(frozen: boolean): void {
    for (const input of this.all()) input.freeze(frozen);
  }

  /** Another process reads from now on. Losses up to now are reported. */
  stop(): StoppedInputs {
    this.#intake.stop();
    this.#allowList?.settle();
    const drops = this.openSockets().map(({ shared }) => shared.tellLosses());
    return { drops, kernelLast: this.kernel?.shared?.last ?? -1 };
  }

  /** The other process is gone: this one reads again. */
  takeBack(): void {
    this.kernel?.takeBack();
    this.#intake.takeBack();
  }

  /** Begins to read, from where another process stopped, and holds what it reads until {@link deliverHeld}. */
  readAhead({ drops, kernelLast }: StoppedInputs): void {
    for (const { shared } of this.openSockets()) shared.skipLosses(drops[this.#inheritedFds.indexOf(shared.fd)] ?? 0);
    this.kernel?.continueBehind(kernelLast);
    this.#intake.readAhead();
  }

  /** The other process has written everything: delivers what was held, then closes what is no longer wanted. */
  deliverHeld(): void {
    this.#intake.deliverHeld();
  }

  /** Another process goes on with the sockets: closes the descriptors of this one, and removes nothing. */
  leave(): void {
    for (const input of this.all()) input.leave();
    this.#end('leave');
  }

  /** Gives up before anything was received: what was handed over stays as it is, what was made here goes. */
  abandon(): void {
    for (const input of this.all()) {
      const isInherited = input.openSockets().some(({ shared }) => this.#inheritedFds.includes(shared.fd));
      // What the kernel's log holds is for whoever reads it next.
      if (isInherited || input === this.kernel) input.leave();
      else input.close();
    }
    this.#end('abandon');
  }

  /** Delivers what is held and what the kernel still holds, then closes everything. */
  close(): void {
    this.#intake.finish();
    for (const input of this.all()) input.close();
    this.#end('close');
  }

  #end(how: InputEnd): void {
    for (const group of this.#groups) group.ended?.(how);
    this.#allowList?.close();
    this.#intake.forget();
  }
}
