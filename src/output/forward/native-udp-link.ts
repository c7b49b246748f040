/**
 * HOT PATH. Forwarding with sendmmsg(2), straight from the queue's memory. perf: bench/micro/output/forward
 */
import { ERRNO, SysError } from '../../sys/call/errors.ts';
import { SendVector } from '../../sys/socket/send-vector.ts';
import {
  bindToDevice,
  closeSocket,
  connectUdp,
  createUdpSocket,
  interfaceIndex,
  localAddress,
  setBroadcast,
  setMulticastInterface,
  setReceiveBuffer,
  setTtl,
  takeSocketError,
} from '../../sys/socket/sockets.ts';
import { payloadEnd, recordEnd } from './payload.ts';
import { isGroup, type LinkOpener, type LinkTarget, Refusals, type UdpLink } from './udp-link.ts';

/** Datagrams per call. */
const VECTOR_ROWS = 256;
/** Consecutive errors that may be answers to earlier datagrams; after one more, the address counts as unreachable. */
const ANSWERS_MAX = 2;

export const openNativeLink: LinkOpener = (target, done) => {
  let fd = -1;
  try {
    fd = createUdpSocket(target.to.family);
    connect(fd, target);
    done({ ok: true, link: new NativeUdpLink(fd, target.payloadBytes) });
  } catch (error) {
    if (fd !== -1) closeSocket(fd);
    done({ ok: false, error });
  }
};

function connect(fd: number, { to, iface, ttl }: LinkTarget): void {
  const group = isGroup(to);
  const ifIndex = iface === null ? 0 : interfaceIndex(iface);
  const [address = '', scope] = to.address.split('%', 2);
  // Nothing is received here: replies from a peer must not take memory.
  setReceiveBuffer(fd, 0);
  if (to.family === 4) setBroadcast(fd);
  // Setting a group's interface needs no privilege; for an unknown one, bindToDevice gives the error.
  if (group && ifIndex !== 0) setMulticastInterface(fd, to.family, ifIndex);
  else if (iface !== null) bindToDevice(fd, iface);
  if (ttl !== null) setTtl(fd, to.family, group, ttl);
  connectUdp(fd, { ...to, address, scopeId: scope === undefined ? to.scopeId || ifIndex : scopeIndex(scope) });
}

/** A scope is the name of an interface or its number. Source: RFC 4007 §11.2 */
function scopeIndex(scope: string): number {
  return /^\d+$/.test(scope) ? Number(scope) : interfaceIndex(scope);
}

/** Owns the descriptor. */
class NativeUdpLink implements UdpLink {
  readonly localAddress: string;
  readonly refusals = new Refusals();
  readonly failedCount = 0;
  cutCount = 0;
  trouble: Error | 'full' | null = null;
  readonly #fd: number;
  readonly #limit: number;
  readonly #vector = new SendVector(VECTOR_ROWS);
  /** Offset after each record of the vector. */
  readonly #ends = new Int32Array(VECTOR_ROWS);
  #closed = false;

  constructor(fd: number, payloadBytes: number) {
    this.#fd = fd;
    this.#limit = payloadBytes;
    this.localAddress = localAddress(fd).address;
  }

  send(bytes: Buffer, begin: number, end: number): number {
    this.trouble = null;
    let at = begin;
    while (at < end && this.trouble === null) {
      this.#fill(bytes, at, end);
      const sent = this.#sendVector();
      if (sent > 0) {
        this.cutCount += this.#countCut(at, sent);
        at = this.#ends[sent - 1]!;
      }
    }
    this.#vector.release();
    return at - begin;
  }

  poll(): void {
    if (this.#closed) return;
    const errno = takeSocketError(this.#fd);
    if (errno !== 0) this.refusals.refused(errno);
  }

  close(): void {
    if (this.#closed) return;
    this.poll();
    this.#closed = true;
    closeSocket(this.#fd);
  }

  #fill(bytes: Buffer, begin: number, end: number): void {
    const vector = this.#vector;
    vector.reset(bytes);
    let at = begin;
    while (at < end && vector.count < vector.rows) {
      const next = recordEnd(bytes, at, end);
      this.#ends[vector.count] = next;
      vector.add(bytes, at, payloadEnd(bytes, at, next - 1, this.#limit));
      at = next;
    }
  }

  /** @returns number of datagrams that the kernel took; sets `trouble` if that is not all */
  #sendVector(): number {
    const vector = this.#vector;
    let done = 0;
    let attempts = 0;
    // An error that the next attempt does not repeat was a peer's answer to an earlier datagram: such errors are
    // reported once. After a call that took only some datagrams, the kernel does not even return the code.
    let met = 0;
    while (done < vector.count) {
      const sent = vector.send(this.#fd, done);
      if (sent > 0) {
        if (met !== 0) this.refusals.refused(met);
        this.refusals.sinceCount += sent;
        done += sent;
        met = ERRNO.ECONNREFUSED;
        attempts = 0;
      } else if (sent === ERRNO.EAGAIN || sent === ERRNO.ENOBUFS) {
        this.trouble = 'full';
        return done;
      } else if (++attempts > ANSWERS_MAX) {
        this.trouble = new SysError('sendto', sent);
        return done;
      } else {
        met = sent;
      }
    }
    return done;
  }

  #countCut(begin: number, records: number): number {
    let cut = 0;
    let at = begin;
    for (let row = 0; row < records; row++) {
      const next = this.#ends[row]!;
      if (next - 1 - at > this.#limit) cut++;
      at = next;
    }
    return cut;
  }
}
