/**
 * A connected socket and its ring of messages, used by the generator and the latency probe.
 *
 * A Unix socket is blocking: when the receiver's queue is full the sender waits, and nothing is lost on the way. UDP
 * cannot wait for the receiver; the sender retries only when its own buffer is full.
 */
import { ERRNO } from '../../src/sys/call/errors.ts';
import type { InetAddress } from '../../src/sys/socket/sockaddr.ts';
import {
  closeSocket,
  connectUdp,
  connectUnix,
  createBlockingUnixSocket,
  createUdpSocket,
} from '../../src/sys/socket/sockets.ts';
import { type Kind, KINDS } from './payload.ts';
import { SendRing } from './send-ring.ts';

/** Where the load goes. */
export type Target =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'udp'; readonly address: InetAddress };

export const DEFAULT_BYTES = 120;
const RETRY_MS = 0.2;
/** Never woken: used for sleeping. */
const SLEEPER = new Int32Array(new SharedArrayBuffer(4));

/** Pauses the whole process: a timer of the event loop would be too coarse. */
export function pauseMs(milliseconds: number): void {
  Atomics.wait(SLEEPER, 0, 0, milliseconds);
}

/** @returns the UDP target on the loopback address. */
export function loopback(port: number): Target {
  return { kind: 'udp', address: { family: 4, address: '127.0.0.1', port, scopeId: 0 } };
}

export class Sender {
  readonly #fd: number;
  readonly #ring: SendRing;

  /** @throws SysError if the socket does not exist */
  constructor(target: Target, sizeBytes = DEFAULT_BYTES, kinds: readonly Kind[] = KINDS) {
    this.#ring = new SendRing(kinds, sizeBytes, target.kind === 'udp');
    if (target.kind === 'unix') {
      this.#fd = createBlockingUnixSocket();
      connectUnix(this.#fd, target.path);
    } else {
      this.#fd = createUdpSocket(target.address.family);
      connectUdp(this.#fd, target.address);
    }
  }

  /**
   * Sends at least one message, at most `count`, with the numbers from `firstNumber` on.
   *
   * @returns how many
   * @throws Error if the receiver is gone
   */
  send(firstNumber: number, count: number): number {
    for (;;) {
      const sent = this.#ring.send(this.#fd, firstNumber, count);
      if (sent > 0) return sent;
      if (sent !== ERRNO.EAGAIN && sent !== ERRNO.ENOBUFS) throw new Error(`sendmmsg failed with errno ${-sent}`);
      pauseMs(RETRY_MS);
    }
  }

  close(): void {
    closeSocket(this.#fd);
  }
}
