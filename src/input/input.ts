/**
 * The contract of every input, whatever it reads from.
 *
 * - Fill the batch it is given, without allocating per datagram, and hand it over with `deliver`.
 * - Count what it received, what it had to cut, and what the kernel reports as dropped.
 * - Stop asking between `pause` and `resume`.
 * - Return to the event loop after a bounded amount of work, so that every other input gets its turn.
 */
import type { Batch } from '../dgram-parser/columns/batch.ts';
import type { InetAddress } from '../sys/socket/sockaddr.ts';
import type { OpenSocket } from './shared-socket.ts';
import { OperatorError } from '../sys/call/errors.ts';

/** An input cannot be opened; the message is one line for the operator. */
export class InputError extends OperatorError {
  override readonly name = 'InputError';
}

/** Where an input delivers and reports. */
export interface InputEvents {
  /** `batch.count` rows are filled, the clock fields are set. The batch is free again on return. */
  readonly deliver: (batch: Batch) => void;
  /** Whether what was just delivered may have left work to promises or process.nextTick; absent: it may. */
  readonly turnWanted?: () => boolean;
  /** One line for the daemon's own log. `severity` as in {@link SEVERITY}. */
  readonly report: (severity: number, text: string) => void;
  /** A socket for messages from the network was bound, or could not be bound for the first time. */
  readonly listening?: () => void;
}

/** Where messages from the network are received, or should be. */
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
  /** Datagrams dropped for lack of space before they were read: by the kernel, or by a portable receiver. */
  kernelDropped: number;
  /** Datagrams of senders that are not allowed (`-a`), as far as that is decided. */
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
  /** While frozen, no socket is made or exchanged; whatever was due is done afterwards. */
  freeze(frozen: boolean): void;
  /** Another process continues with the sockets: closes the descriptors of this one and does nothing else to them. */
  leave(): void;
  /** Reads what is already in the kernel's buffer, then closes; removes the files that it made. */
  close(): void;
}
