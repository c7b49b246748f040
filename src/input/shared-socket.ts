/**
 * An open socket that several processes can have at once: what it takes to hand it over to another process.
 */
import type { InetAddress } from '../sys/socket/sockaddr.ts';

/** What a process that takes over a socket needs to know about it; can be written as JSON. */
export type SocketRecord =
  | { readonly kind: 'log'; readonly path: string; readonly dev: number; readonly ino: number }
  | { readonly kind: 'udp'; readonly to: InetAddress; readonly iface: string | null }
  /** Owned by the service manager: never removed, never made again. */
  | { readonly kind: 'passed'; readonly name: string };

/** The descriptor, and what changes where it is read. */
export interface SharedSocket {
  readonly fd: number;
  /** Reports the losses that were not reported yet. @returns the kernel's count of drops by now */
  tellLosses(): number;
  /** The process before this one has reported this many drops, of the kernel's count. */
  skipLosses(drops: number): void;
  /** Closes the descriptor of this process only: nothing is read, and the socket lives on where it is shared. */
  leave(): void;
}

export interface OpenSocket {
  readonly record: SocketRecord;
  readonly shared: SharedSocket;
}
