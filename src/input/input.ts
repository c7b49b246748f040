/**
 * What every input must do, whatever it reads from.
 *
 * - Fill the batch it is given, without allocating per datagram, and hand it over with `deliver`.
 * - Count what it received, what it had to cut, and what the kernel says it dropped.
 * - Stop asking between `pause` and `resume`.
 * - Return to the event loop after a bounded amount of work, so that every other input has its turn.
 */
import type { Batch } from '../dgram-parser/columns/batch.ts';
import type { InetAddress } from '../sys/socket/sockaddr.ts';
import type { SharedSocket } from './transport.ts';
import { OperatorError } from '../sys/call/errors.ts';

/** An input cannot be opened; the message is one line for the operator. */
export class InputError extends OperatorError {
  override readonly name = 'InputError';
}

/** What an input tells about its state, as the log and the statistics show it. */
export interface InputEvents {
  /** `batch.count` rows are filled, the clock fields are set. The batch is free again on return. */
  readonly deliver: (batch: Batch) => void;
  /** Whether what was just delivered may have left work to promises or process.nextTick; absent: it may. */
  readonly turnWanted?: () => boolean;
  /** One line for the daemon's own log. `severity` as in {@link SEVERITY}. */
  readonly report: (severity: number, text: string) => void;
  /** A socket for messages from the network was bound, or has shown for the first time that it cannot be for now. */
  readonly listening?: () => void;
}

/** Where messages from the network come in, or are to. */
export interface NetworkPlace {
  readonly to: InetAddress;
  readonly iface: string | null;
  /** IPv4 comes in by an IPv6 socket. */
  readonly dual: boolean;
  readonly open: boolean;
}

/** An input that receives from the network. */
export interface NetworkInput extends Input {
  readonly places: readonly NetworkPlace[];
}

export interface InputCounters {
  /** Datagrams. */
  received: number;
  /** Datagrams longer than a slot. */
  cut: number;
  /** Datagrams dropped for want of room before anybody could read them: by the kernel, or by a portable receiver. */
  kernelDropped: number;
  /** Datagrams of senders that are not welcome (`-a`), as far as that is decided. */
  refused: number;
}

/** No counts yet. */
export function createInputCounters(): InputCounters {
  return { received: 0, cut: 0, kernelDropped: 0, refused: 0 };
}

/** What an input reads from, as the statistics name it. */
export type InputKind = 'log socket' | 'udp' | 'kernel';

/** Life of an input. `retrying`: it cannot be bound for now. */
export type InputState = 'opening' | 'open' | 'retrying' | 'closed';

/** An open socket, as whoever takes it over needs to know it; can be written as JSON. */
export type SocketRecord =
  | { readonly kind: 'log'; readonly path: string; readonly dev: number; readonly ino: number }
  | { readonly kind: 'udp'; readonly to: InetAddress; readonly iface: string | null }
  /** Of the service manager: never removed, never made again. */
  | { readonly kind: 'passed'; readonly name: string };

export interface OpenSocket {
  readonly record: SocketRecord;
  readonly shared: SharedSocket;
}

export interface Input {
  readonly kind: InputKind;
  /** As the log names it: `/dev/log`, `UDP 127.0.0.1:514`. */
  readonly label: string;
  readonly state: InputState;
  readonly counters: Readonly<InputCounters>;
  pause(): void;
  resume(): void;
  /** What can be handed over to another process; nothing with the portable receiver. */
  openSockets(): readonly OpenSocket[];
  /** While frozen no socket is made or exchanged; what was missed is made up for afterwards. */
  freeze(frozen: boolean): void;
  /** Another process goes on with the sockets: this one closes its descriptors, and nothing else happens to them. */
  leave(): void;
  /** Reads what is already in the kernel's buffer, then closes; removes what it made in the file system. */
  close(): void;
}
