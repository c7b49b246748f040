/**
 * Chooses how this machine receives, and opens inputs that way.
 *
 * `batch`: native calls, many datagrams a call, credentials, the kernel's drop counts. `portable`: one datagram a
 * callback, for machines on which koffi does not load.
 */
import type { ListenAddress } from '../conf/config.ts';
import type { Batch } from '../dgram-parser/batch.ts';
import { type NativeAvailability, nativeAvailable } from '../sys/native.ts';
import type { PathWatcher } from '../sys/path-watch.ts';
import { unixDgramAvailable } from '../sys/unix-dgram.ts';
import { BatchClock } from './batch-clock.ts';
import { batchLogSocketOpener, openBatchUdp } from './batch-openers.ts';
import { type InputEvents, InputError } from './input.ts';
import { KernelCache } from './kernel-cache.ts';
import { KernelLog } from './kernel-log.ts';
import { LogSocket } from './log-socket.ts';
import { LOSS_SETTLE_MS } from './loss-watch.ts';
import type { Peers } from './peers.ts';
import { portableLogSocketOpener } from './portable-log-socket.ts';
import { openPortableUdp } from './portable-udp.ts';
import type { InputContext, PeerFilter } from './transport.ts';
import { UDP_RETRY_MS, UdpInput } from './udp.ts';

export type ReceiverKind = 'batch' | 'portable';

export interface ReceiverOptions {
  /** Null: the best that works here. */
  readonly kind: ReceiverKind | null;
  /** Shared by all inputs: filled and delivered in one go. */
  readonly batch: Batch;
  readonly events: InputEvents;
  readonly peers: Peers;
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
}

/** What the choice depends on; for tests. */
export interface Availability {
  readonly batch: NativeAvailability;
  readonly portable: NativeAvailability;
}

/**
 * Asked of the kernel for each socket. It accounts for a small datagram with about 800 bytes, so that this holds
 * some 10,000 of them (twice the figure is what it gives): a fortieth of a second under the highest load.
 */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

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

  /** @throws InputError with one line that names the path */
  openLogSocket(path: string): LogSocket {
    const opener = this.kind === 'batch' ? batchLogSocketOpener : portableLogSocketOpener;
    return new LogSocket(path, opener, this.#context, this.#options.watcher, this.#options.paused);
  }

  /** Throws nothing: a log that cannot be read is one notice. */
  openKernelLog(path: string, cacheFile: string, trustTime: boolean): KernelLog {
    const cache = new KernelCache(cacheFile);
    const paused = this.#options.paused ?? false;
    const log = new KernelLog({ path, trustTime, cache, context: this.#context, paused });
    log.open();
    return log;
  }

  /** Throws nothing: what cannot be bound is reported and tried again. */
  openUdp(listen: ListenAddress): UdpInput {
    return new UdpInput({
      listen,
      family: this.#options.family,
      opener: this.kind === 'batch' ? openBatchUdp : openPortableUdp,
      context: this.#context,
      paused: this.#options.paused ?? false,
      retryMs: this.#options.udpRetryMs ?? UDP_RETRY_MS,
    });
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
