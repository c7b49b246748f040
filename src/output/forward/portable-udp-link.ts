/**
 * Forwarding with node:dgram, for machines on which koffi does not load: one call per datagram, errors known later.
 *
 * An interface can be chosen only for groups. A datagram that met the refusal of an earlier one is sent again, after
 * those sent meanwhile.
 */
import { createSocket, type Socket } from 'node:dgram';
import { networkInterfaces } from 'node:os';
import { errnoOf } from '../../sys/call/error-text.ts';
import { ERRNO } from '../../sys/call/errors.ts';
import { payloadEnd, recordEnd } from './payload.ts';
import { isGroup, type LinkOpener, type LinkTarget, Refusals, type UdpLink } from './udp-link.ts';

/** Maximum number of datagrams given to the socket and not yet completed. */
const UNDER_WAY_MAX = 512;

export const openPortableLink: LinkOpener = (target, done, changed) => {
  const { to, iface } = target;
  const socket = createSocket({ type: to.family === 6 ? 'udp6' : 'udp4' });
  const failed = (error: unknown): void => {
    socket.removeAllListeners();
    // Late errors of the attempt must find a listener.
    socket.on('error', () => undefined);
    socket.close();
    done({ ok: false, error });
  };
  socket.once('error', failed);
  socket.bind({ port: 0, exclusive: true }, () => {
    try {
      prepare(socket, target);
      // An address that needs a scope may have it from the rule's interface.
      const scoped = iface !== null && to.family === 6 && !to.address.includes('%') && needsScope(to.address);
      // Without a callback here, so that a failure is an event.
      socket.once('connect', () => {
        socket.removeListener('error', failed);
        done({ ok: true, link: new PortableUdpLink(socket, target.payloadBytes, changed) });
      });
      socket.connect(to.port, scoped ? `${to.address}%${iface}` : to.address);
    } catch (error) {
      failed(error);
    }
  });
};

function prepare(socket: Socket, { to, iface, ttl }: LinkTarget): void {
  const group = isGroup(to);
  if (iface !== null && group) socket.setMulticastInterface(to.family === 6 ? `::%${iface}` : interfaceAddress(iface));
  else if (iface !== null && !(to.family === 6 && needsScope(to.address)))
    throw new Error('choosing an interface needs native calls, which are not available here');
  if (to.family === 4) socket.setBroadcast(true);
  if (ttl !== null && group) socket.setMulticastTTL(ttl);
  else if (ttl !== null) socket.setTTL(ttl);
}

/** Whether this is a link-local address or a group. Source: RFC 4291 §2.5.6, §2.7 */
function needsScope(address: string): boolean {
  return /^(?:fe[89ab]|ff)/i.test(address);
}

/** @throws Error if there is no such interface, or it has no IPv4 address */
function interfaceAddress(name: string): string {
  const found = networkInterfaces()[name]?.find(({ family }) => family === 'IPv4');
  if (found === undefined) throw new Error(`interface "${name}" has no IPv4 address`);
  return found.address;
}

class PortableUdpLink implements UdpLink {
  readonly localAddress: string;
  readonly refusals = new Refusals();
  failedCount = 0;
  cutCount = 0;
  trouble: Error | 'full' | null = null;
  readonly #socket: Socket;
  readonly #limit: number;
  readonly #changed: () => void;
  #underWay = 0;
  /** Reported by a datagram's callback, for the next send. */
  #error: Error | null = null;
  #waiting = false;
  #closing = false;

  constructor(socket: Socket, payloadBytes: number, changed: () => void) {
    this.#socket = socket;
    this.#limit = payloadBytes;
    this.#changed = changed;
    this.localAddress = socket.address().address;
    socket.on('error', (error) => this.#answered(error));
  }

  send(bytes: Buffer, begin: number, end: number): number {
    this.trouble = this.#error;
    this.#error = null;
    if (this.trouble !== null) return 0;
    let at = begin;
    while (at < end) {
      if (this.#underWay >= UNDER_WAY_MAX) {
        this.trouble = 'full';
        this.#waiting = true;
        break;
      }
      const next = recordEnd(bytes, at, end);
      const stop = payloadEnd(bytes, at, next - 1, this.#limit);
      if (stop < next - 1) this.cutCount++;
      // The socket may keep the bytes for a while, but the queue's memory is reused.
      this.#sendOne(Buffer.from(bytes.subarray(at, stop)), true);
      at = next;
    }
    return at - begin;
  }

  /** Nothing to poll: the socket is read all the time, and reports refusals itself. */
  poll(): void {}

  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    if (this.#underWay === 0) this.#socket.close();
  }

  #sendOne(payload: Buffer, again: boolean): void {
    this.#underWay++;
    this.refusals.sinceCount++;
    this.#socket.send(payload, (error) => {
      this.#underWay--;
      if (error !== null) this.#failed(error, payload, again);
      if (this.#closing && this.#underWay === 0) this.#socket.close();
      else if (this.#waiting && this.#underWay <= UNDER_WAY_MAX / 2) {
        this.#waiting = false;
        this.#changed();
      }
    });
  }

  #failed(error: Error, payload: Buffer, again: boolean): void {
    this.refusals.sinceCount = Math.max(0, this.refusals.sinceCount - 1);
    if (errnoOf(error) === ERRNO.ECONNREFUSED) {
      this.refusals.refused(ERRNO.ECONNREFUSED);
      if (again) {
        this.#sendOne(payload, false);
        return;
      }
    } else this.#error = error;
    this.failedCount++;
    this.#changed();
  }

  #answered(error: Error): void {
    this.refusals.refused(errnoOf(error) || ERRNO.ECONNREFUSED);
    this.#changed();
  }
}
