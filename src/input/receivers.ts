/**
 * Chooses how this machine receives, and opens inputs that way.
 *
 * `batch`: native calls, many datagrams a call, credentials, the kernel's drop counts. `portable`: one datagram a
 * callback, for machines on which koffi does not load.
 */
import type { ListenAddress } from '../conf/config.ts';
import type { Batch } from '../dgram-parser/columns/batch.ts';
import type { Zone } from '../protocol/calendar.ts';
import { LocalZone } from '../protocol/local-zone.ts';
import { type NativeAvailability, nativeAvailable } from '../sys/call/native.ts';
import type { PathWatcher } from '../sys/file/path-watch.ts';
import { unixDgramAvailable } from '../sys/socket/unix-dgram.ts';
import { batchAdopter } from './datagram/batch/adopter.ts';
import { BatchClock } from './batch-clock.ts';
import { batchLogSocketOpener, openBatchUdp } from './datagram/batch/openers.ts';
import { type Input, type InputEvents, InputError } from './input.ts';
import { KernelCache } from './kernel/kernel-cache.ts';
import type { InheritedLog, InheritedSockets } from './datagram/inherited-sockets.ts';
import { KernelLog, type OpenKernelLog } from './kernel/kernel-log.ts';
import { LogSocket, type OpenLogSocket } from './datagram/log-socket.ts';
import { LOSS_SETTLE_MS } from './loss-watch.ts';
import type { Peers } from './sender/peers.ts';
import { PassedInput } from './datagram/passed-input.ts';
import { portableAdopter } from './datagram/portable/adopter.ts';
import { portableLogSocketOpener } from './datagram/portable/portable-log-socket.ts';
import { openPortableUdp } from './datagram/portable/portable-udp.ts';
import { SocketFile } from '../sys/socket/socket-file.ts';
import type { InputContext, PeerFilter, SocketAdopter, UdpOpener } from './transport.ts';
import { UDP_RETRY_MS, UdpInput } from './datagram/udp.ts';

export type ReceiverKind = 'batch' | 'portable';

export interface ReceiverOptions {
  /** Null: the best that works here. */
  readonly kind: ReceiverKind | null;
  /** Shared by all inputs: filled and delivered in one go. */
  readonly batch: Batch;
  readonly events: InputEvents;
  readonly peers: Peers;
  /** In which times of the kernel are told; default: that of the process. */
  readonly zone?: Zone;
  readonly watcher: PathWatcher;
  /** Only this family of addresses, or both. */
  readonly family: 4 | 6 | null;
  /** Default: everybody. */
  readonly filter?: PeerFilter | null;
  /** Inputs begin paused. Default false. */
  readonly paused?: boolean;
  readonly receiveBufferBytes?: number;
  readonly lossSettleMs?: number;
  readonly udpRetryMs?: number;
  /** Open sockets that are taken instead of making new ones. */
  readonly inherited?: InheritedSockets | null;
}

/** What the choice depends on; for tests. */
export interface Availability {
  readonly batch: NativeAvailability;
  readonly portable: NativeAvailability;
}

/**
 * Asked of the kernel for each socket. It accounts for a small datagram with about 800 bytes, so that this holds
 * some 40,000 of them (twice the figure is what it gives): a tenth of a second under the highest load.
 */
const RECEIVE_BUFFER_BYTES = 16 * 1024 * 1024;

/** Opens inputs of one kind. */
export class Receivers {
  readonly kind: ReceiverKind;
  readonly #options: ReceiverOptions;
  readonly #context: InputContext;

  /** @throws InputError where the kind asked for, or any, does not work here: one line with what is missing */
  constructor(options: ReceiverOptions) {
    this.kind = chooseReceiver(options.kind);
    this.#options = options;
    this.#context = {
      batch: options.batch,
      events: options.events,
      clock: new BatchClock(),
      peers: options.peers,
      filter: options.filter ?? null,
      receiveBufferBytes: options.receiveBufferBytes ?? RECEIVE_BUFFER_BYTES,
      lossSettleMs: options.lossSettleMs ?? LOSS_SETTLE_MS,
    };
  }

  /** Why the better receiver does not work; null: it does, or this one was asked for. */
  get whyPortable(): string | null {
    const batch = nativeAvailable();
    return this.kind === 'batch' || this.#options.kind !== null || batch.ok ? null : batch.reason;
  }

  /**
   * @param mayWait one that cannot be made is tried again, see {@link LogSocket.failure}
   * @throws InputError with one line that names the path
   */
  openLogSocket(path: string, mayWait = false): LogSocket {
    return this.#logSocket(path, this.#options.inherited?.takeLog(path), mayWait);
  }

  /** Throws nothing: a log that cannot be read is one notice. */
  openKernelLog(path: string, cacheFile: string, trustTime: boolean, existing: OpenKernelLog | null = null): KernelLog {
    const cache = new KernelCache(cacheFile);
    const zone = this.#options.zone ?? new LocalZone();
    const context = this.#context;
    const log = new KernelLog({ path, trustTime, zone, cache, context, paused: this.#paused, existing });
    log.open();
    return log;
  }

  /** Throws nothing: what cannot be bound is reported and tried again. */
  openUdp(listen: ListenAddress): UdpInput {
    const { inherited } = this.#options;
    return this.#udpInput(listen, (request, done) => {
      const existing = inherited?.takeUdp(request.to, request.iface);
      if (existing === undefined) this.#openUdp(request, done);
      else this.#adopter.adoptUdp(existing.fd, request, done);
    });
  }

  /**
   * Opens what the service manager has passed.
   *
   * @throws InputError where this receiver cannot take such sockets
   */
  openPassed(): readonly PassedInput[] {
    const adopter = this.#adopter;
    const context = this.#context;
    return (this.#options.inherited?.managed ?? []).map(
      ({ name, socket }) => new PassedInput({ socket, name, adopter, context, paused: this.#paused }),
    );
  }

  /** Opens what was handed over and is no longer wanted, to be emptied and closed. */
  openRest(): readonly Input[] {
    const rest = this.#options.inherited?.takeRest();
    const logs = (rest?.logs ?? []).map((log) => this.#logSocket(log.path, log));
    const udps = (rest?.udps ?? []).map(({ fd, to, iface }) =>
      this.#udpInput({ host: to.address, port: to.port, iface }, (request, done) =>
        this.#adopter.adoptUdp(fd, request, done),
      ),
    );
    return [...logs, ...udps];
  }

  get #paused(): boolean {
    return this.#options.paused ?? false;
  }

  get #adopter(): SocketAdopter {
    return this.kind === 'batch' ? batchAdopter : portableAdopter;
  }

  get #openUdp(): UdpOpener {
    return this.kind === 'batch' ? openBatchUdp : openPortableUdp;
  }

  #udpInput(listen: ListenAddress, opener: UdpOpener): UdpInput {
    return new UdpInput({
      listen,
      family: this.#options.family,
      opener,
      context: this.#context,
      paused: this.#paused,
      retryMs: this.#options.udpRetryMs ?? UDP_RETRY_MS,
    });
  }

  #logSocket(path: string, found: InheritedLog | undefined, mayWait = false): LogSocket {
    const opener = this.kind === 'batch' ? batchLogSocketOpener : portableLogSocketOpener;
    const adopter = this.#adopter;
    const existing: OpenLogSocket | undefined =
      found === undefined
        ? undefined
        : {
            file: new SocketFile(path, found.dev, found.ino),
            open: (context, counters) => adopter.adoptLogSocket(found.fd, path, context, counters, false),
          };
    const { watcher } = this.#options;
    return new LogSocket({ path, opener, context: this.#context, watcher, paused: this.#paused, existing, mayWait });
  }
}

/** @throws InputError */
export function chooseReceiver(
  wanted: ReceiverKind | null,
  available: Availability = { batch: nativeAvailable(), portable: unixDgramAvailable() },
): ReceiverKind {
  const { batch, portable } = available;
  if (wanted !== 'portable' && batch.ok) return 'batch';
  if (wanted !== 'batch' && portable.ok) return 'portable';
  const reasons = [
    wanted === 'portable' || batch.ok ? '' : batch.reason,
    wanted === 'batch' || portable.ok ? '' : portable.reason,
  ];
  const missing = wanted === 'portable' ? 'npm install unix-dgram' : 'npm install koffi --include=optional';
  const what = wanted === null ? 'no receiver works here' : `the ${wanted} receiver does not work here`;
  throw new InputError(`${what}: ${reasons.filter((reason) => reason !== '').join('; ')}: try \`${missing}\``);
}
