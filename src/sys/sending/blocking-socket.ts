/**
 * Sockets that only send, and that wait: for room in a queue, for a connection. The whole process waits with them, and a
 * signal ends it as it would end a program in C. Source: socket(2), connect(2), send(2), unix(7).
 *
 * The functions return -errno where they fail. All of them need {@link sendingLibc}.
 */
import {
  AF,
  CMSGHDR,
  controlSpaceBytes,
  IOVEC,
  MSG,
  MSGHDR,
  POLLFD,
  SCM_CREDENTIALS,
  SCM_RIGHTS,
  SIOCOUTQ,
  SO,
  SOCK,
  SOCKADDR_UN,
  SOL,
  TIMEVAL,
  UCRED,
} from '../call/abi.ts';
import { sendingLibc, type Sending } from './sending-libc.ts';

export type SocketKind = 'datagram' | 'stream';

/** What socket(2) and connect(2) need. */
export interface SocketAddress {
  readonly family: number;
  readonly protocol: number;
  /** struct sockaddr */
  readonly bytes: Uint8Array;
}

const EINTR = 4;
const ECANCELED = 125;
/** Longest path of a Unix socket, so that it still ends in NUL. */
export const SOCKET_PATH_MAX_BYTES = SOCKADDR_UN.size - SOCKADDR_UN.path - 1;

/** @throws Error without koffi */
function sending(): Sending {
  const found = sendingLibc();
  if (found === null) throw new Error('koffi is needed');
  return found;
}

/** struct sockaddr_un; `path` is not longer than {@link SOCKET_PATH_MAX_BYTES}. */
export function unixAddress(path: Uint8Array): SocketAddress {
  const bytes = Buffer.alloc(SOCKADDR_UN.size);
  bytes.writeUInt16LE(AF.UNIX, SOCKADDR_UN.family);
  bytes.set(path, SOCKADDR_UN.path);
  return { family: AF.UNIX, protocol: 0, bytes };
}

/** @param limitMs longest wait of connect(2) and of every send; 0: without limit. @returns a descriptor, or -errno */
export function tryConnect(kind: SocketKind, to: SocketAddress, limitMs: number): number {
  const { libc, errno } = sending();
  const type = (kind === 'datagram' ? SOCK.DGRAM : SOCK.STREAM) | SOCK.CLOEXEC;
  const fd = libc.socket(to.family, type, to.protocol);
  if (fd === -1) return -errno();
  if (limitMs > 0) limitSends(fd, limitMs);
  if (libc.connect(fd, to.bytes, to.bytes.length) === 0) return fd;
  const failure = -errno();
  libc.close(fd);
  return failure;
}

/** SO_SNDTIMEO. socket(7) */
function limitSends(fd: number, limitMs: number): void {
  const value = Buffer.alloc(TIMEVAL.size);
  value.writeBigInt64LE(BigInt(Math.floor(limitMs / 1000)), TIMEVAL.sec);
  value.writeBigInt64LE(BigInt((limitMs % 1000) * 1000), TIMEVAL.usec);
  sending().libc.setsockopt(fd, SOL.SOCKET, SO.SNDTIMEO, value, value.length);
}

/** @returns 0 when all bytes have been sent, or -errno */
export function trySend(fd: number, bytes: Uint8Array): number {
  const { libc, errno } = sending();
  let rest = bytes;
  do {
    const sent = libc.send(fd, rest, rest.length, MSG.NOSIGNAL);
    if (sent === -1) {
      const failure = errno();
      if (failure !== EINTR) return -failure;
    } else rest = rest.subarray(sent);
  } while (rest.length > 0);
  return 0;
}

/** As {@link trySend}, with the credentials of another process. For root. unix(7) SCM_CREDENTIALS */
export function trySendAs(fd: number, bytes: Uint8Array, pid: number): number {
  const credentials = Buffer.alloc(UCRED.size);
  credentials.writeInt32LE(pid, UCRED.pid);
  return sendWith(fd, bytes, SCM_CREDENTIALS, credentials);
}

/** Sends a descriptor and nothing else. unix(7) SCM_RIGHTS */
export function trySendDescriptor(fd: number, descriptor: number): number {
  const data = Buffer.alloc(4);
  data.writeInt32LE(descriptor);
  return sendWith(fd, Buffer.alloc(0), SCM_RIGHTS, data);
}

/** Memory of one call of sendmsg(2). Held together: koffi keeps nothing alive whose address is written elsewhere. */
class MessageMemory {
  readonly payload: ArrayBuffer;
  readonly control: ArrayBuffer;
  readonly vector = new ArrayBuffer(IOVEC.size);
  readonly header = new ArrayBuffer(MSGHDR.size);

  constructor(bytes: Uint8Array, type: number, data: Uint8Array) {
    this.payload = new ArrayBuffer(Math.max(8, bytes.length));
    new Uint8Array(this.payload).set(bytes);
    this.control = new ArrayBuffer(controlSpaceBytes(data.length));
    const control = Buffer.from(this.control);
    control.writeBigUInt64LE(BigInt(CMSGHDR.size + data.length), CMSGHDR.len);
    control.writeInt32LE(SOL.SOCKET, CMSGHDR.level);
    control.writeInt32LE(type, CMSGHDR.type);
    control.set(data, CMSGHDR.data);
    const { address } = sending();
    const vector = Buffer.from(this.vector);
    vector.writeBigUInt64LE(address(this.payload), IOVEC.base);
    vector.writeBigUInt64LE(BigInt(bytes.length), IOVEC.len);
    const header = Buffer.from(this.header);
    header.writeBigUInt64LE(address(this.vector), MSGHDR.iov);
    header.writeBigUInt64LE(1n, MSGHDR.iovlen);
    header.writeBigUInt64LE(address(this.control), MSGHDR.control);
    header.writeBigUInt64LE(BigInt(control.length), MSGHDR.controllen);
  }

  /** @returns bytes sent, or -errno */
  send(fd: number): number {
    const { libc, errno } = sending();
    const sent = libc.sendmsg(fd, new Uint8Array(this.header), MSG.NOSIGNAL);
    return sent === -1 ? -errno() : sent;
  }
}

function sendWith(fd: number, bytes: Uint8Array, type: number, data: Uint8Array): number {
  const memory = new MessageMemory(bytes, type, data);
  for (;;) {
    const sent = memory.send(fd);
    if (sent === -EINTR) continue;
    if (sent < 0) return sent;
    return sent < bytes.length ? trySend(fd, bytes.subarray(sent)) : 0;
  }
}

/** SO_SNDBUF, as far as the kernel allows it. socket(7) */
export function raiseSendBuffer(fd: number, bytes: number): void {
  const value = Buffer.alloc(4);
  value.writeInt32LE(bytes);
  sending().libc.setsockopt(fd, SOL.SOCKET, SO.SNDBUF, value, value.length);
}

/** SIOCOUTQ. @returns bytes (Unix sockets: of memory) that the other side has not taken yet, or -errno */
export function bytesNotTaken(fd: number): number {
  const { libc, errno } = sending();
  const value = new Int32Array(1);
  return libc.ioctl(fd, SIOCOUTQ, value) === -1 ? -errno() : (value[0] ?? -ECANCELED);
}

/** SO_ERROR, which is told once. @returns 0, or -errno of what has happened to the connection. socket(7) */
export function tryTakeError(fd: number): number {
  const { libc, errno } = sending();
  const value = new Int32Array(1);
  if (libc.getsockopt(fd, SOL.SOCKET, SO.ERROR, value, Uint32Array.of(4)) === -1) return -errno();
  return -(value[0] ?? ECANCELED);
}

/** Waits until something has happened to the connection, an error above all. @returns whether something has. poll(2) */
export function waitForError(fd: number, limitMs: number): boolean {
  const entry = Buffer.alloc(POLLFD.size);
  entry.writeInt32LE(fd, POLLFD.fd);
  return sending().libc.poll(entry, 1, limitMs) > 0;
}

export function closeDescriptor(fd: number): void {
  sending().libc.close(fd);
}
