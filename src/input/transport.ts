/**
 * One open socket of an input, whichever receiver reads it.
 */
import type { Batch } from '../dgram-parser/columns/batch.ts';
import type { InetAddress } from '../sys/socket/sockaddr.ts';
import type { BatchClock } from './batch-clock.ts';
import type { InputCounters, InputEvents } from './input.ts';
import type { Peers } from './sender/peers.ts';
import type { SharedSocket } from './shared-socket.ts';

/** Decides which datagrams are taken (`-a`). */
export interface PeerFilter {
  /**
   * @param bytes holds the datagram, `len` bytes at `off`; a filter that cannot decide yet keeps a copy
   * @param counters of the input: what is refused is counted there, also later
   * @returns false where the input must not deliver it
   */
  accepts(peer: number, port: number, bytes: Buffer, off: number, len: number, counters: InputCounters): boolean;
}

/** What all inputs share. The batch is filled and delivered in one go, so that they can have one. */
export interface InputContext {
  readonly batch: Batch;
  readonly events: InputEvents;
  readonly clock: BatchClock;
  readonly peers: Peers;
  /** Null: every sender is allowed. Asked before a row is delivered. */
  readonly filter: PeerFilter | null;
  /** Requested from the kernel for each socket, bytes. */
  readonly receiveBufferBytes: number;
  /** See {@link LOSS_SETTLE_MS}. */
  readonly lossSettleMs: number;
}

/** Reads from creation on, unless created paused. */
export interface Transport {
  /** Null: this receiver can neither give nor take open sockets. */
  readonly shared: SharedSocket | null;
  pause(): void;
  resume(): void;
  /** Reads and delivers what the kernel still holds, also while paused, then closes. */
  close(): void;
}

/** Opens log sockets. */
export interface LogSocketOpener {
  /**
   * Binds; the file must not exist. What arrives before `start` waits in the kernel.
   *
   * @throws SysError
   */
  open(path: string, context: InputContext, counters: InputCounters): OpenedLogSocket;
  /** @returns whether a process receives on this socket */
  isAlive(path: string): boolean;
}

/** Bound, not yet read. */
export interface OpenedLogSocket {
  start(paused: boolean): Transport;
  /** Closes without reading. */
  discard(): void;
}

export interface UdpOpenRequest {
  /** `port` 0: the kernel chooses. */
  readonly to: InetAddress;
  readonly iface: string | null;
  /** As in `losing messages from UDP 127.0.0.1:514`. */
  readonly label: string;
  readonly context: InputContext;
  readonly counters: InputCounters;
  readonly paused: boolean;
}

/** The result of a request: an open socket, or why there is none. */
export type UdpOpenResult =
  | { readonly ok: true; readonly transport: Transport; readonly address: InetAddress }
  | { readonly ok: false; readonly error: unknown };

/** Opens UDP sockets; `done` may be called before it returns. */
export type UdpOpener = (request: UdpOpenRequest, done: (result: UdpOpenResult) => void) => void;

/** Takes over sockets that are already open and sets them up like its own. */
export interface SocketAdopter {
  /**
   * @param keptByOthers closing reads what is there, but senders can go on sending to the socket
   * @throws InputError where this receiver cannot, SysError
   */
  adoptLogSocket(
    fd: number,
    label: string,
    context: InputContext,
    counters: InputCounters,
    keptByOthers: boolean,
  ): OpenedLogSocket;
  /** `to` of the request is where the socket is bound. */
  adoptUdp(fd: number, request: UdpOpenRequest, done: (result: UdpOpenResult) => void): void;
}

/** @returns whether this is a group that must be joined, see ip(7) and ipv6(7) */
export function isMulticast(to: InetAddress): boolean {
  return isMulticastAddress(to.address);
}

/** @param address numeric, of either family */
export function isMulticastAddress(address: string): boolean {
  return address.includes(':') ? /^ff/i.test(address) : (Number.parseInt(address, 10) & 0xf0) === 0xe0;
}
