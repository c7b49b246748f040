/**
 * Where messages go to, and how they get there: what the two ways of sending have in common, with koffi and without.
 */
import type { SocketKind } from '../../../sys/sending/blocking-socket.ts';
import { LoggerFailure, strerror } from '../failure.ts';

export type Place =
  | { readonly family: 'unix'; readonly path: string }
  | { readonly family: 'inet'; readonly host: string; readonly port: string | null };

/** Results of calls are 0 or -errno. */
export interface Connection {
  readonly kind: SocketKind;
  /** Sends one message whole; waits where there is no room. */
  send(bytes: Buffer): number | Promise<number>;
  /** Waits until the other side has taken all that was sent. @returns null, or why that cannot be said */
  taken(): string | null | Promise<string | null>;
  close(): void;
}

export interface Network {
  /** @returns -errno where nobody listens. @throws LoggerFailure: the name of the host or of the port is not known */
  connect(kind: SocketKind, place: Place): Connection | number | Promise<Connection | number>;
}

/** Service that is meant where no port is given, and its number. Source: RFC 5426 §3.3, RFC 6587, logger(1). */
export const SERVICES = {
  datagram: { name: 'syslog', port: '514' },
  stream: { name: 'syslog-conn', port: '601' },
} as const;

const EINVAL = -22;

export interface OpenOptions {
  /** Tried in this order. */
  readonly kinds: readonly SocketKind[];
  /** A Unix socket that nobody listens at ends the program. */
  readonly complain: boolean;
}

/** @returns null: nobody listens at the Unix socket. @throws LoggerFailure */
export async function openConnection(network: Network, place: Place, options: OpenOptions): Promise<Connection | null> {
  let failure = EINVAL;
  let tried: SocketKind = 'stream';
  for (const kind of options.kinds) {
    const found = await network.connect(kind, place);
    if (typeof found !== 'number') return found;
    failure = found;
    tried = kind;
  }
  if (place.family === 'inet')
    throw new LoggerFailure(`failed to connect to ${place.host} port ${place.port ?? SERVICES[tried].name}`);
  if (options.complain) throw new LoggerFailure(`socket ${place.path}: ${strerror(failure)}`);
  return null;
}
