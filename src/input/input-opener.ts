/**
 * Opens log sockets, UDP sockets and the kernel's log with the receiver that was chosen. Inherited sockets are used
 * instead of new ones.
 */
import type { ListenAddress } from '../conf/config.ts';
import type { Batch } from '../dgram-parser/columns/batch.ts';
import type { Zone } from '../protocol/calendar.ts';
import { SYSLOG_UDP_PORT } from '../protocol/limits.ts';
import { LocalZone } from '../protocol/local-zone.ts';
import type { PathWatcher } from '../sys/file/path-watch.ts';
import { SocketFile } from '../sys/socket/socket-file.ts';
import { BatchClock } from './batch-clock.ts';
import type { InheritedLog, InheritedSockets } from './datagram/inherited-sockets.ts';
import { LogSocket, type OpenLogSocket } from './datagram/log-socket.ts';
import { PassedInput } from './datagram/passed-input.ts';
import { UDP_RETRY_MS, UdpInput } from './datagram/udp.ts';
import type { InputEvents } from './input.ts';
import { KernelCache } from './kernel/kernel-cache.ts';
import { KernelLog, type OpenKernelLog } from './kernel/kernel-log.ts';
import { LOSS_SETTLE_MS } from './loss-watch.ts';
import { chooseReceiver, type Receiver, type ReceiverKind, RECEIVERS } from './receivers.ts';
import type { Peers } from './sender/peers.ts';
import type { InputContext, PeerFilter, UdpOpener } from './transport.ts';

export interface OpenerOptions {
  /** Null: the best that works here. */
  readonly kind: ReceiverKind | null;
  /** Shared by all inputs: filled and delivered in one go. */
  readonly batch: Batch;
  readonly events: InputEvents;
  readonly peers: Peers;
  /** For the times of kernel messages; default: that of the process. */
  readonly zone?: Zone;
  readonly watcher: PathWatcher;
  /** Only this family of addresses, or both. */
  readonly family: 4 | 6 | null;
  /** Default: every sender is allowed. */
  readonly filter?: PeerFilter | null;
  /** Inputs start paused. Default: false. */
  readonly paused?: boolean;
  readonly receiveBufferBytes?: number;
  readonly lossSettleMs?: number;
  readonly udpRetryMs?: number;
  /** Used instead of new sockets. */
  readonly inherited?: InheritedSockets | null;
}

/**
 * Requested from the kernel for each socket. The kernel grants twice this size and counts about 800 bytes for a small
 * datagram, so there is room for some 40,000 of them: a tenth of a second under the highest load.
 */
const RECEIVE_BUFFER_BYTES = 16 * 1024 * 1024;

export class InputOpener {
  readonly kind: ReceiverKind;
  /** For inputs that are opened elsewhere. */
  readonly context: InputContext;
  readonly #options: OpenerOptions;
  readonly #receiver: Receiver;

  /** @throws InputError, see {@link chooseReceiver} */
  constructor(options: OpenerOptions) {
    this.kind = chooseReceiver(options.kind);
    this.#receiver = RECEIVERS[this.kind];
    this.#options = options;
    this.context = {
      batch: options.batch,
      events: options.events,
      clock: new BatchClock(),
      peers: options.peers,
      filter: options.filter ?? null,
      receiveBufferBytes: options.receiveBufferBytes ?? RECEIVE_BUFFER_BYTES,
      lossSettleMs: options.lossSettleMs ?? LOSS_SETTLE_MS,
    };
  }

  /**
   * @param mayWait retry a socket that cannot be made, see {@link LogSocket.failure}
   * @throws InputError with one line that names the path
   */
  openLogSocket(path: string, mayWait = false): LogSocket {
    return this.#logSocket(path, this.#options.inherited?.takeLog(path), mayWait);
  }

  /** Never throws: a log that cannot be read is reported once. */
  openKernelLog(path: string, cacheFile: string, trustTime: boolean, existing: OpenKernelLog | null = null): KernelLog {
    const cache = new KernelCache(cacheFile);
    const zone = this.#options.zone ?? new LocalZone();
    const { context } = this;
    const log = new KernelLog({ path, trustTime, zone, cache, context, paused: this.#paused, existing });
    log.open();
    return log;
  }

  /** Never throws: an address that cannot be bound is reported and retried. */
  openUdp(listen: ListenAddress): UdpInput {
    const { inherited } = this.#options;
    const { openUdp, adopter } = this.#receiver;
    const { host, port, iface } = listen;
    const resolved = host === null ? [] : inherited?.addressesOf(host, port ?? SYSLOG_UDP_PORT, iface);
    const opener: UdpOpener = (request, done) => {
      const existing = inherited?.takeUdp(request.to, request.iface);
      if (existing === undefined) openUdp(request, done);
      else adopter.adoptUdp(existing.fd, request, done);
    };
    return this.#udpInput(listen, opener, resolved);
  }

  /**
   * Opens the sockets of one kind that the service manager has passed.
   *
   * @throws InputError where this receiver cannot use such sockets
   */
  openPassed(kind: 'local' | 'udp'): readonly PassedInput[] {
    const { context } = this;
    const { adopter } = this.#receiver;
    const passed = (this.#options.inherited?.managed ?? []).filter(({ socket }) => socket.kind === kind);
    return passed.map(({ name, socket }) => new PassedInput({ socket, name, adopter, context, paused: this.#paused }));
  }

  /** Opens the inherited log sockets that {@link openLogSocket} has not used. */
  openOtherLogSockets(): readonly LogSocket[] {
    const others = this.#options.inherited?.takeOtherLogs() ?? [];
    return others.map((log) => this.#logSocket(log.path, log));
  }

  /** Opens the inherited UDP sockets that {@link openUdp} has not used. */
  openOtherUdp(): readonly UdpInput[] {
    const others = this.#options.inherited?.takeOtherUdp() ?? [];
    const { adopter } = this.#receiver;
    return others.map(({ fd, to, iface }) =>
      this.#udpInput({ host: to.address, port: to.port, iface }, (request, done) =>
        adopter.adoptUdp(fd, request, done),
      ),
    );
  }

  get #paused(): boolean {
    return this.#options.paused ?? false;
  }

  #udpInput(listen: ListenAddress, opener: UdpOpener, resolved: readonly string[] = []): UdpInput {
    return new UdpInput({
      listen,
      resolved,
      family: this.#options.family,
      opener,
      context: this.context,
      paused: this.#paused,
      retryMs: this.#options.udpRetryMs ?? UDP_RETRY_MS,
    });
  }

  #logSocket(path: string, found: InheritedLog | undefined, mayWait = false): LogSocket {
    const { logSocketOpener: opener, adopter } = this.#receiver;
    const existing: OpenLogSocket | undefined =
      found === undefined
        ? undefined
        : {
            file: new SocketFile(path, found.dev, found.ino),
            open: (context, counters) => adopter.adoptLogSocket(found.fd, path, context, counters, false),
          };
    const { watcher } = this.#options;
    return new LogSocket({ path, opener, context: this.context, watcher, paused: this.#paused, existing, mayWait });
  }
}
