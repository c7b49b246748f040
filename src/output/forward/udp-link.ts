/**
 * A UDP socket connected to one address, for forwarding. There are two kinds with one contract: native (many datagrams
 * per call) and portable (node:dgram).
 *
 * Connected, because only then does the kernel report that a datagram was refused, and by whom; and because interface
 * and hops belong to the rule. The source port is one that the kernel chooses. Source: udp(7).
 */
import type { InetAddress } from '../../sys/socket/sockaddr.ts';

export interface LinkTarget {
  readonly to: InetAddress;
  /** Interface to send from; null: as routed. */
  readonly iface: string | null;
  /** Hops, 1 to 255; null: the system's default, which for groups is 1. */
  readonly ttl: number | null;
  /** Longest payload, bytes. */
  readonly payloadBytes: number;
}

/**
 * What is known of refusals (ICMP port unreachable and the like). An answer concerns one datagram sent before; the
 * kernel merges answers and peers limit their rate. So the first in a series counts one datagram, each further one all
 * that were sent since the one before: a lower bound, exact on one machine.
 */
export class Refusals {
  /** Datagrams that were not received. */
  lostCount = 0;
  /** Datagrams sent since the last refusal; they may have been received. */
  sinceCount = 0;
  /** -errno of the last answer. */
  errno = 0;
  #inRow = false;

  refused(errno: number): void {
    this.errno = errno;
    this.lostCount += this.#inRow ? this.sinceCount : 1;
    this.sinceCount = 0;
    this.#inRow = true;
  }

  /** No refusal has come for long enough. */
  settle(): void {
    this.#inRow = false;
  }
}

export interface UdpLink {
  /** Address that the kernel sends from. */
  readonly localAddress: string;
  readonly refusals: Refusals;
  /** Datagrams cut, ever. */
  readonly cutCount: number;
  /** Datagrams that were taken but failed afterwards, ever. */
  readonly failedCount: number;
  /** Why {@link send} took less than it was given. Null: it took all; `full`: no room now, try again. */
  readonly trouble: Error | 'full' | null;
  /**
   * Sends the records from `begin` to `end`, each ended by LF, as one datagram each. Never waits. The bytes are free
   * again on return.
   *
   * @returns bytes taken, whole records
   */
  send(bytes: Buffer, begin: number, end: number): number;
  /** Checks for refusals that no send has met yet. */
  poll(): void;
  /** Closes at once; checks for refusals a last time. */
  close(): void;
}

/** The result of an attempt to open. */
export type LinkResult =
  | { readonly ok: true; readonly link: UdpLink }
  | { readonly ok: false; readonly error: unknown };

/**
 * Opens a link. `done` may be called before it returns.
 *
 * @param changed something happened to the link: room again, a refusal, a failure
 */
export type LinkOpener = (target: LinkTarget, done: (result: LinkResult) => void, changed: () => void) => void;

/** Whether this is a group of ip(7) or ipv6(7). */
export function isGroup(to: InetAddress): boolean {
  return to.family === 6 ? /^ff/i.test(to.address) : (Number.parseInt(to.address, 10) & 0xf0) === 0xe0;
}
