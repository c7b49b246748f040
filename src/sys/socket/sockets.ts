/**
 * Datagram sockets and their options. Cold calls: they throw SysError. Source: socket(2), socket(7), unix(7), udp(7).
 *
 * Every socket made here is close-on-exec and, unless its name says otherwise, non-blocking.
 */
import {
  AF,
  IP_ADD_MEMBERSHIP,
  IP_MULTICAST_ALL,
  IP_MULTICAST_IF,
  IP_MULTICAST_TTL,
  IP_TTL,
  IPV6_ADD_MEMBERSHIP,
  IPV6_MULTICAST_HOPS,
  IPV6_MULTICAST_IF,
  IPV6_UNICAST_HOPS,
  IPV6_V6ONLY,
  MEMINFO,
  SHUT_RD,
  SO,
  SOCK,
  SOCKADDR_IN6,
  SOL,
} from '../call/abi.ts';
import { type Spot, withSpotSync } from '../file/spot.ts';
import { check, native } from '../call/native.ts';
import { inRoot } from '../call/root-directory.ts';
import { judgeConnect } from './connect-result.ts';
import {
  type InetAddress,
  packAddressBytes,
  packInetAddress,
  packUnixAddress,
  packUnixName,
  unpackInetAddress,
} from './sockaddr.ts';

const FLAGS = SOCK.DGRAM | SOCK.NONBLOCK | SOCK.CLOEXEC;

/** int socket(AF_UNIX, SOCK_DGRAM, 0). unix(7) */
export function createUnixSocket(): number {
  return check(native().libc.socket(AF.UNIX, FLAGS, 0), 'socket');
}

/** A socket whose sends block the whole process until there is room: for load generators only. unix(7) */
export function createBlockingUnixSocket(): number {
  return check(native().libc.socket(AF.UNIX, SOCK.DGRAM | SOCK.CLOEXEC, 0), 'socket');
}

/** int socket(AF_INET or AF_INET6, SOCK_DGRAM, 0). udp(7) */
export function createUdpSocket(family: 4 | 6): number {
  return check(native().libc.socket(family === 6 ? AF.INET6 : AF.INET, FLAGS, 0), 'socket');
}

/** int bind(int, const struct sockaddr *, socklen_t): creates the socket file, mode 0777 less the umask. bind(2) */
export function bindUnix(fd: number, path: string): void {
  withSpotSync(path, 'skip', (spot) => {
    const addr = packUnixName(nameForBind(path, spot));
    check(native().libc.bind(fd, addr, addr.length), 'bind', path);
  });
}

/** If nobody else can change the folder, the name that the operator knows is used: tools show it. */
export function nameForBind(path: string, spot: Spot): string {
  return spot.changer === null ? inRoot(path) : spot.at;
}

/** bind(2) to a numeric address; port 0: the kernel chooses. */
export function bindUdp(fd: number, to: InetAddress): void {
  const addr = packInetAddress(to);
  check(native().libc.bind(fd, addr, addr.length), 'bind', `${to.address}:${to.port}`);
}

/** int connect(int, const struct sockaddr *, socklen_t). connect(2) */
export function connectUnix(fd: number, path: string): void {
  const addr = packUnixAddress(path);
  check(native().libc.connect(fd, addr, addr.length), 'connect', path);
}

/** connect(2): later sends go to this address. */
export function connectUdp(fd: number, to: InetAddress): void {
  const addr = packInetAddress(to);
  check(native().libc.connect(fd, addr, addr.length), 'connect', `${to.address}:${to.port}`);
}

/** int getsockname(int, struct sockaddr *, socklen_t *), for UDP. getsockname(2) */
export function localAddress(fd: number): InetAddress {
  const addr = Buffer.alloc(SOCKADDR_IN6.size);
  check(native().libc.getsockname(fd, addr, Uint32Array.of(addr.length)), 'getsockname');
  return unpackInetAddress(addr);
}

/** Switches an integer option of setsockopt(2) on or off. */
function setOption(fd: number, level: number, name: number, value: number): void {
  check(native().libc.setsockopt(fd, level, name, packInt(value), 4), 'setsockopt');
}

/**
 * Asks for a receive buffer: SO_RCVBUFFORCE with the privilege, else SO_RCVBUF, which the kernel limits to
 * net.core.rmem_max. Never makes a buffer smaller. socket(7)
 *
 * @returns the size that the kernel granted, in bytes, including its own overhead
 */
export function raiseReceiveBuffer(fd: number, bytes: number): number {
  const { setsockopt } = native().libc;
  const before = readOption(fd, SO.RCVBUF);
  // The kernel doubles the requested size.
  if (before < bytes * 2 && setsockopt(fd, SOL.SOCKET, SO.RCVBUFFORCE, packInt(bytes), 4) === -1) {
    setOption(fd, SOL.SOCKET, SO.RCVBUF, bytes);
  }
  return readOption(fd, SO.RCVBUF);
}

/** SO_RCVBUF as requested, even if smaller. For tests and load. socket(7) */
export function setReceiveBuffer(fd: number, bytes: number): void {
  setOption(fd, SOL.SOCKET, SO.RCVBUF, bytes);
}

/** SO_PASSCRED: every datagram has the sender's pid, uid and gid attached. unix(7) */
export function setPassCredentials(fd: number, on: boolean): void {
  setOption(fd, SOL.SOCKET, SO.PASSCRED, on ? 1 : 0);
}

/** SO_RXQ_OVFL: datagrams carry the number dropped so far, once there are any. socket(7) */
export function setDropCount(fd: number, on: boolean): void {
  setOption(fd, SOL.SOCKET, SO.RXQ_OVFL, on ? 1 : 0);
}

/** SO_REUSEADDR: on UDP lets several sockets share one address, which only multicast wants. socket(7) */
export function setReuseAddress(fd: number, on: boolean): void {
  setOption(fd, SOL.SOCKET, SO.REUSEADDR, on ? 1 : 0);
}

/** IPV6_V6ONLY: leaves IPv4 to a separate socket. ipv6(7) */
export function setV6Only(fd: number, on: boolean): void {
  setOption(fd, SOL.IPV6, IPV6_V6ONLY, on ? 1 : 0);
}

/** SO_BINDTODEVICE: receives only from this interface. socket(7) */
export function bindToDevice(fd: number, iface: string): void {
  const name = Buffer.from(`${iface}\0`);
  check(native().libc.setsockopt(fd, SOL.SOCKET, SO.BINDTODEVICE, name, name.length), 'setsockopt', iface);
}

/** @returns the number of an interface, 0 if there is no such name. if_nametoindex(3) */
export function interfaceIndex(name: string): number {
  return native().libc.if_nametoindex(name);
}

/**
 * IP_ADD_MEMBERSHIP (struct ip_mreqn) or IPV6_ADD_MEMBERSHIP (struct ipv6_mreq); ifIndex 0: chosen by route. ip(7),
 * ipv6(7)
 */
export function joinMulticast(fd: number, family: 4 | 6, group: string, ifIndex: number): void {
  const bytes = packAddressBytes(family, group);
  const index = packInt(ifIndex);
  const { setsockopt } = native().libc;
  const request = family === 6 ? Buffer.concat([bytes, index]) : Buffer.concat([bytes, Buffer.alloc(4), index]);
  const [level, name] = family === 6 ? [SOL.IPV6, IPV6_ADD_MEMBERSHIP] : [SOL.IP, IP_ADD_MEMBERSHIP];
  check(setsockopt(fd, level, name, request, request.length), 'setsockopt', group);
}

/** IP_MULTICAST_ALL off: ignores groups that other sockets have joined. ip(7) */
export function setOwnGroupsOnly(fd: number): void {
  setOption(fd, SOL.IP, IP_MULTICAST_ALL, 0);
}

/** IP_MULTICAST_IF (struct ip_mreqn) or IPV6_MULTICAST_IF: the interface for datagrams to groups. ip(7), ipv6(7) */
export function setMulticastInterface(fd: number, family: 4 | 6, ifIndex: number): void {
  if (family === 6) {
    setOption(fd, SOL.IPV6, IPV6_MULTICAST_IF, ifIndex);
    return;
  }
  const request = Buffer.concat([Buffer.alloc(8), packInt(ifIndex)]);
  check(native().libc.setsockopt(fd, SOL.IP, IP_MULTICAST_IF, request, request.length), 'setsockopt');
}

/** Hops that datagrams may take, 1 to 255. ip(7), ipv6(7) */
export function setTtl(fd: number, family: 4 | 6, multicast: boolean, ttl: number): void {
  if (family === 6) setOption(fd, SOL.IPV6, multicast ? IPV6_MULTICAST_HOPS : IPV6_UNICAST_HOPS, ttl);
  else setOption(fd, SOL.IP, multicast ? IP_MULTICAST_TTL : IP_TTL, ttl);
}

/** SO_BROADCAST: without it a broadcast address gives EACCES. ip(7) */
export function setBroadcast(fd: number): void {
  setOption(fd, SOL.SOCKET, SO.BROADCAST, 1);
}

/**
 * SO_ERROR: the result of an earlier datagram, such as ECONNREFUSED, reported once. socket(7)
 *
 * @returns -errno, or 0
 */
export function takeSocketError(fd: number): number {
  return -readOption(fd, SO.ERROR);
}

/**
 * SO_MEMINFO: datagrams that the kernel has dropped on this socket since it was made; a u32 that wraps. It includes
 * drops that no datagram has reported yet.
 *
 * @returns the count, or 0 if the kernel is older than 4.12. Source: sock_diag.h SK_MEMINFO_DROPS
 */
export function dropCount(fd: number): number {
  const values = new Uint32Array(MEMINFO.count);
  const done = native().libc.getsockopt(fd, SOL.SOCKET, SO.MEMINFO, values, Uint32Array.of(values.byteLength));
  return done === -1 ? 0 : (values[MEMINFO.drops] ?? 0);
}

/**
 * int shutdown(int, SHUT_RD): further senders get EPIPE, but queued datagrams can still be read. So nothing is lost
 * between the last read and close(2). shutdown(2)
 */
export function shutdownReceive(fd: number): void {
  check(native().libc.shutdown(fd, SHUT_RD), 'shutdown');
}

/**
 * @returns whether a process listens on a Unix socket of any type: connect(2) to a stale one fails
 * @throws SysError if that cannot be known
 */
export function isUnixSocketAlive(path: string): boolean {
  const fd = createUnixSocket();
  try {
    connectUnix(fd, path);
    return true;
  } catch (error) {
    return judgeConnect(error);
  } finally {
    closeSocket(fd);
  }
}

/** int close(int). On Linux the descriptor is gone whatever the result, so errors mean nothing. close(2) */
export function closeSocket(fd: number): void {
  native().libc.close(fd);
}

function readOption(fd: number, name: number): number {
  const value = new Uint32Array(1);
  check(native().libc.getsockopt(fd, SOL.SOCKET, name, value, Uint32Array.of(4)), 'getsockopt');
  return value[0] ?? 0;
}

function packInt(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}
