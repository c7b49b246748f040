/**
 * All inputs of the daemon: opened, paused, reloaded, handed over and closed together.
 *
 * kinds.ts lists the kinds of input, and says how to add one; intake.ts decides whether they are read.
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
import type { ReturnedBatch } from './returned-rows.ts';

export type { ReturnedBatch, ReturnedRow } from './returned-rows.ts';

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

/** What the next process needs to know about the inputs when this one stops reading. */
export interface StoppedInputs {
  /** The kernel's count of drops on each socket, in the order of {@link InputSet.openSockets}. */
  readonly drops: readonly number[];
  /** Last record read from the kernel's log; -1: none. */
  readonly kernelLast: number;
}

export class InputSet implements Throttle {
  readonly #createKinds: (parts: GroupParts) => InputKinds;
  readonly #intake: Intake;
  /** Null: not open yet. */
  #kinds: InputKinds | null = null;
  #opener: InputOpener | null = null;
  /** Null: every sender is allowed. */
  #allowList: AllowList | null = null;
  /** Descriptors of {@link Inherited.sockets}, in their order. */
  #inheritedFds: readonly number[] = [];

  /** @param createKinds for tests */
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
    this.#intake.connect(batch, pipeline, parts.peers);
    const opener = this.#createOpener(parts);
    this.#opener = opener;
    const why = whyPortable(settings.receiver, opener.kind);
    if (why !== null) report(SEVERITY.warning, `using the portable receiver: ${why}`);
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

  /** Opens and closes inputs as a new configuration says. */
  adopt(directives: Directives): void {
    for (const group of this.#groups) group.adopt?.(directives);
  }

  all(): readonly Input[] {
    return this.#groups.flatMap(({ inputs }) => inputs);
  }

  /** The inputs that receive from the network. */
  network(): readonly NetworkInput[] {
    return this.#kinds?.network.listening ?? [];
  }

  /** The sockets that can be handed over, in an order that does not change while the inputs are frozen. */
  openSockets(): readonly OpenSocket[] {
    return this.all().flatMap((input) => input.openSockets());
  }

  /** The kernel's log; null: it is not read. */
  get kernel(): KernelLog | null {
    return this.#kinds?.kernel.log ?? null;
  }

  /** Null before {@link open}. */
  get receiver(): ReceiverKind | null {
    return this.#opener?.kind ?? null;
  }

  /** The kernel's messages on the console were switched off and must be switched on again. */
  get consoleOff(): boolean {
    return this.#kinds?.kernel.consoleOff ?? false;
  }

  pause(): void {
    this.#intake.pause();
  }

  /** The first time, this starts reading. */
  resume(): void {
    this.#intake.resume();
  }

  /** While frozen, {@link openSockets} does not change. */
  freeze(frozen: boolean): void {
    for (const input of this.all()) input.freeze(frozen);
  }

  /** Another process reads from now on. Reports the losses so far. */
  stop(): StoppedInputs {
    // What the allow-list still lets through belongs to the rows that go to the outputs first.
    this.#allowList?.settle();
    this.#intake.stop();
    const drops = this.openSockets().map(({ shared }) => shared.reportLosses());
    return { drops, kernelLast: this.kernel?.shared?.last ?? -1 };
  }

  /** The other process is gone: delivers what it gave back, and reads again. */
  takeBack(returned: readonly ReturnedBatch[] = []): void {
    this.kernel?.takeBack();
    this.#intake.takeBack(returned);
  }

  /**
   * Starts reading where another process stopped, and holds the rows until {@link deliverHeld}.
   *
   * @param onAhead called with the number of messages that {@link abandon} would return, whenever it grows
   */
  readAhead({ drops, kernelLast }: StoppedInputs, onAhead: (messages: number) => void = () => undefined): void {
    for (const { shared } of this.openSockets()) shared.skipLosses(drops[this.#inheritedFds.indexOf(shared.fd)] ?? 0);
    this.kernel?.continueBehind(kernelLast);
    this.#intake.readAhead(onAhead);
  }

  /** The other process has written everything: delivers the held rows, then closes unwanted inputs. */
  deliverHeld(): void {
    this.#intake.deliverHeld();
  }

  /** Another process continues with the sockets: closes the descriptors and removes nothing. */
  leave(): void {
    for (const input of this.all()) input.leave();
    this.#end('leave');
  }

  /**
   * Gives up before anything was delivered: leaves what was handed over, and closes the rest.
   *
   * @returns what was received ahead, for the process that goes on
   */
  abandon(): readonly ReturnedBatch[] {
    for (const input of this.all()) {
      const isInherited = input.openSockets().some(({ shared }) => this.#inheritedFds.includes(shared.fd));
      // The kernel's log is left for the process that reads it next.
      if (isInherited || input === this.kernel) input.leave();
      else input.close();
    }
    this.#allowList?.settle();
    const returned = this.#intake.giveBack();
    this.#end('abandon');
    return returned;
  }

  /** Delivers the held rows and what the kernel still holds, and closes everything. */
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
