/**
 * An open socket that several processes can have at once: what it takes to hand it over to another process.
 */
import type { InetAddress } from '../sys/socket/sockaddr.ts';

/** What a process needs to know about a socket to take it over; can be written as JSON. */
export type SocketRecord =
  | { readonly kind: 'log'; readonly path: string; readonly dev: number; readonly ino: number }
  /** `host`: the name that was resolved to the address; null: the address itself was named, or every one is meant. */
  | { readonly kind: 'udp'; readonly to: InetAddress; readonly iface: string | null; readonly host: string | null }
  /** Owned by the service manager: never removed, never made again. */
  | { readonly kind: 'passed'; readonly name: string };

/** The descriptor, and what another process needs done with it. */
export interface SharedSocket {
  readonly fd: number;
  /** Reports the losses not reported yet. @returns the kernel's count of drops so far */
  reportLosses(): number;
  /** The previous process has already reported this many drops of the kernel's count. */
  skipLosses(drops: number): void;
  /** Closes the descriptor of this process only: nothing is read, and the socket lives on where it is shared. */
  leave(): void;
}

export interface OpenSocket {
  readonly record: SocketRecord;
  readonly shared: SharedSocket;
}
