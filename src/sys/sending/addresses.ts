/**
 * Names of hosts and services to addresses, as the C library does it for every program. Source: getaddrinfo(3).
 */
import { ADDRINFO, SOCK } from '../call/abi.ts';
import type { SocketAddress, SocketKind } from './blocking-socket.ts';
import { type Sending, sendingLibc } from './sending-libc.ts';

/** The name means nothing here; `text` is that of gai_strerror(3). */
export interface Unresolved {
  readonly text: string;
}

/** @returns the first address, or why there is none. @throws Error without koffi */
export function resolveAddress(kind: SocketKind, host: string, port: string): SocketAddress | Unresolved {
  const sending = sendingLibc();
  if (sending === null) throw new Error('koffi is needed');
  const hints = Buffer.alloc(ADDRINFO.size);
  hints.writeInt32LE(kind === 'datagram' ? SOCK.DGRAM : SOCK.STREAM, ADDRINFO.socktype);
  const result = Buffer.alloc(8);
  const code = sending.libc.getaddrinfo(cString(host), cString(port), hints, result);
  if (code !== 0) return { text: sending.libc.gai_strerror(code) };
  const list = result.readBigUInt64LE();
  try {
    return firstAddress(sending, list);
  } finally {
    sending.libc.freeaddrinfo(list);
  }
}

/** @param text a byte a character */
function cString(text: string): Buffer {
  return Buffer.from(`${text}\0`, 'latin1');
}

function firstAddress({ view }: Sending, list: bigint): SocketAddress {
  const info = Buffer.from(view(list, ADDRINFO.size));
  const address = view(info.readBigUInt64LE(ADDRINFO.addr), info.readUInt32LE(ADDRINFO.addrlen));
  return {
    family: info.readInt32LE(ADDRINFO.family),
    protocol: info.readInt32LE(ADDRINFO.protocol),
    bytes: Uint8Array.from(new Uint8Array(address)),
  };
}
