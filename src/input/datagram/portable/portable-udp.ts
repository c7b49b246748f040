/**
 * UDP with node:dgram: one datagram in each callback. The kernel's drop count comes from /proc/net/udp. Source:
 * proc_net_udp(5).
 *
 * It cannot bind to an interface (`%iface`): for an IPv6 link-local address the scope is enough, and a group is joined
 * on the interface, though datagrams of groups that other programs have joined may arrive too.
 */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { networkInterfaces } from 'node:os';
import { ORIGIN } from '../../../dgram-parser/columns/batch.ts';
import { SEVERITY } from '../../../protocol/priority.ts';
import { findTableRow } from '../../../sys/socket/proc-table.ts';
import type { InetAddress } from '../../../sys/socket/sockaddr.ts';
import { CutWatch } from '../../cut-watch.ts';
import { LossWatch } from '../../loss-watch.ts';
import { PortableQueue } from './datagram-queue.ts';
import {
  isMulticast,
  type Transport,
  type UdpOpener,
  type UdpOpenRequest,
  type UdpOpenResult,
} from '../../transport.ts';

export const openPortableUdp: UdpOpener = (request, done) => {
  const { to, iface } = request;
  const multicast = isMulticast(to);
  if (iface !== null && !multicast && !isLinkLocal(to)) {
    done({ ok: false, error: new Error('an interface needs the batch receiver') });
    return;
  }
  const socket = createSocket({
    type: to.family === 6 ? 'udp6' : 'udp4',
    ipv6Only: to.family === 6,
    reuseAddr: multicast,
  });
  const scoped = iface !== null && to.family === 6;
  const bound = whenBound(socket, request, done);
  socket.bind({ address: scoped ? `${to.address}%${iface}` : to.address, port: to.port }, () =>
    bound(() => {
      if (multicast) join(socket, to, iface);
    }),
  );
};

/** Takes over a bound socket. */
export function adoptPortableUdp(fd: number, request: UdpOpenRequest, done: (result: UdpOpenResult) => void): void {
  const socket = createSocket(request.to.family === 6 ? 'udp6' : 'udp4');
  const bound = whenBound(socket, request, done);
  try {
    socket.bind({ fd }, () => bound(() => undefined));
  } catch (error) {
    done({ ok: false, error });
  }
}

/** @returns a function to call once the socket is bound, with what must be done first */
function whenBound(
  socket: Socket,
  request: UdpOpenRequest,
  done: (result: UdpOpenResult) => void,
): (first: () => void) => void {
  const failed = (error: unknown): void => {
    socket.close();
    done({ ok: false, error });
  };
  socket.once('error', failed);
  return (first) => {
    try {
      first();
      raiseBuffer(socket, request.context.receiveBufferBytes);
      const transport = new PortableUdp(socket, request);
      socket.removeListener('error', failed);
      done({ ok: true, transport, address: { ...request.to, port: socket.address().port } });
    } catch (error) {
      failed(error);
    }
  };
}

function join(socket: Socket, { family, address }: InetAddress, iface: string | null): void {
  if (iface === null) socket.addMembership(address);
  else socket.addMembership(address, family === 6 ? `::%${iface}` : interfaceAddress(iface));
}

/** @throws Error where there is no such interface, or none with an IPv4 address */
function interfaceAddress(name: string): string {
  const found = networkInterfaces()[name]?.find(({ family }) => family === 'IPv4');
  if (found === undefined) throw new Error(`interface "${name}" has no IPv4 address`);
  return found.address;
}

class PortableUdp implements Transport {
  readonly shared = null;
  readonly #socket: Socket;
  readonly #request: UdpOpenRequest;
  readonly #queue: PortableQueue;
  readonly #loss: LossWatch;
  readonly #cuts: CutWatch;
  readonly #port: number;
  #kernelDrops = 0;
  #closed = false;

  constructor(socket: Socket, request: UdpOpenRequest) {
    const { context, counters, label, paused } = request;
    this.#socket = socket;
    this.#request = request;
    this.#port = socket.address().port;
    this.#cuts = new CutWatch({
      kind: 'udp',
      label,
      limitBytes: context.batch.messageBytes,
      report: context.events.report,
      counters,
      settleMs: context.lossSettleMs,
    });
    this.#queue = new PortableQueue({
      origin: ORIGIN.network,
      context,
      counters,
      cuts: this.#cuts,
      paused,
      drain: null,
      dropped: () => this.#loss.note(this.#kernelDrops + this.#queue.dropCount),
    });
    this.#loss = new LossWatch({
      label,
      cause: 'receive buffer is full',
      report: context.events.report,
      counters,
      readDrops: () => this.#readDrops(),
      settleMs: context.lossSettleMs,
    });
    socket.on('error', (error) => context.events.report(SEVERITY.err, `cannot read from ${label}: ${error.message}`));
    socket.on('message', (datagram, sender) => this.#received(datagram, sender));
  }

  pause(): void {
    this.#queue.pause();
  }

  resume(): void {
    this.#queue.resume();
  }

  /** Datagrams that the kernel still holds cannot be read synchronously: they are lost. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#queue.close();
    this.#loss.close();
    this.#cuts.close();
    this.#socket.close();
  }

  #received(datagram: Buffer, sender: RemoteInfo): void {
    if (this.#closed) return;
    const { counters, context } = this.#request;
    const { peers, filter } = context;
    const peer = peers.peerOfText(sender.address);
    this.#loss.touch();
    if (filter !== null && !filter.accepts(peer, sender.port, datagram, 0, datagram.length, counters)) {
      counters.received++;
      if (datagram.length > context.batch.messageBytes) this.#cuts.add(1);
      return;
    }
    this.#queue.push(datagram, peer);
  }

  #readDrops(): number {
    const { family, address } = this.#request.to;
    this.#kernelDrops = readUdpDrops(family, address, this.#port) ?? this.#kernelDrops;
    return this.#kernelDrops + this.#queue.dropCount;
  }
}

/** Columns in /proc/net/udp: the local address and, last, the drops. */
const LOCAL_COLUMN = 1;
const DROPS_COLUMN = 12;

/**
 * Reads the drops of the socket bound to this address. For IPv6 only the port is compared.
 *
 * @returns null where there is no such socket, or no /proc
 */
export function readUdpDrops(family: 4 | 6, address: string, port: number): number | null {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const wanted = family === 4 ? `${procAddress(address)}${suffix}` : suffix;
  const table = family === 4 ? '/proc/net/udp' : '/proc/net/udp6';
  const row = findTableRow([table], ({ columns }) => columns[LOCAL_COLUMN]?.endsWith(wanted) === true);
  return row === null ? null : Number(row.columns[DROPS_COLUMN] ?? 0);
}

/** An IPv4 address as in /proc: the bytes in reverse order, in hexadecimal. */
function procAddress(address: string): string {
  const bytes = address.split('.').map((part) => Number(part).toString(16).toUpperCase().padStart(2, '0'));
  return bytes.reverse().join('');
}

function isLinkLocal(to: InetAddress): boolean {
  return to.family === 6 && /^fe[89ab]/i.test(to.address);
}

/** The kernel limits the size to net.core.rmem_max, and Node.js cannot override that. */
function raiseBuffer(socket: Socket, bytes: number): void {
  if (socket.getRecvBufferSize() < bytes * 2) socket.setRecvBufferSize(bytes);
}
