/**
 * Sends with calls of the C library that wait: as logger(1) does it, without an event loop.
 */
import { type Unresolved, resolveAddress } from '../../../sys/sending/addresses.ts';
import {
  closeDescriptor,
  SOCKET_PATH_MAX_BYTES,
  type SocketAddress,
  type SocketKind,
  tryConnect,
  trySend,
  trySendAs,
  unixAddress,
} from '../../../sys/sending/blocking-socket.ts';
import { LoggerFailure } from '../failure.ts';
import { type Connection, type Network, type Place, SERVICES } from './connection.ts';
import type { Delivery } from './delivery.ts';

export interface NativeOptions {
  /** Asked before each message to a Unix socket. @returns the process that it is to be from; 0: this one */
  readonly asPid: () => number;
  /** Null: nobody asks whether messages are taken. */
  readonly delivery: Delivery | null;
}

export class NativeNetwork implements Network {
  readonly #options: NativeOptions;

  constructor(options: NativeOptions) {
    this.#options = options;
  }

  connect(kind: SocketKind, place: Place): Connection | number {
    const { delivery } = this.#options;
    const mark = delivery === null || place.family === 'inet' ? null : delivery.markOf(place.path);
    const address = place.family === 'unix' ? unixAddressOf(place.path) : inetAddressOf(kind, place);
    const fd = tryConnect(kind, address, delivery?.limitMs ?? 0);
    if (fd < 0) return fd;
    const asPid = place.family === 'unix' ? this.#options.asPid : ownProcess;
    return {
      kind,
      send: (bytes) => sendFrom(asPid(), fd, bytes),
      taken: () => delivery?.taken({ fd, kind, place, address, mark }) ?? null,
      close: () => closeDescriptor(fd),
    };
  }
}

function ownProcess(): number {
  return 0;
}

function sendFrom(pid: number, fd: number, bytes: Buffer): number {
  return pid === 0 ? trySend(fd, bytes) : trySendAs(fd, bytes, pid);
}

function unixAddressOf(path: string): SocketAddress {
  if (path.length > SOCKET_PATH_MAX_BYTES) throw new LoggerFailure(`openlog ${path}: pathname too long`);
  return unixAddress(Buffer.from(path, 'latin1'));
}

function inetAddressOf(kind: SocketKind, place: Extract<Place, { family: 'inet' }>): SocketAddress {
  const service = SERVICES[kind];
  const port = place.port ?? service.name;
  const found = resolveAddress(kind, place.host, port);
  if (isAddress(found)) return found;
  // Many machines have no name for the port of syslog over TCP.
  const numbered = place.port === null ? resolveAddress(kind, place.host, service.port) : found;
  if (isAddress(numbered)) return numbered;
  throw new LoggerFailure(`failed to resolve name ${place.host} port ${port}: ${found.text}`);
}

function isAddress(found: SocketAddress | Unresolved): found is SocketAddress {
  return 'family' in found;
}
