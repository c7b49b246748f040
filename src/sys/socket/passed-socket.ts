/**
 * Identifies a descriptor that another process opened: a Unix datagram socket, a UDP socket, or something else. Source:
 * socket(7) SO_DOMAIN, SO_TYPE, SO_PROTOCOL; getsockname(2).
 *
 * Without native calls the tables of proc(5) are used, which list the sockets of this network namespace.
 */
import { closeSync, readlinkSync } from 'node:fs';
import { AF, FCNTL, IPV6_V6ONLY, SO, SOCK, SOCKADDR_UN, SOL } from '../call/abi.ts';
import { native, nativeAvailable } from '../call/native.ts';
import { findTableRow } from './proc-table.ts';
import { type InetAddress, unpackInetAddress } from './sockaddr.ts';

/**
 * `path`: as bound, with a leading `@` for an abstract name, empty if it has none. `dual`: the IPv6 socket also
 * receives IPv4, as far as known.
 */
export type PassedSocket =
  | { readonly kind: 'local'; readonly fd: number; readonly path: string }
  | { readonly kind: 'udp'; readonly fd: number; readonly address: InetAddress; readonly dual: boolean }
  | { readonly kind: 'other'; readonly fd: number; readonly what: string };

const IPPROTO_UDP = 17;
/** struct sockaddr_storage. Source: socket(7) */
const STORAGE_BYTES = 128;

/** Never throws: what cannot be identified is `other`. */
export function identifySocket(fd: number): PassedSocket {
  return nativeAvailable().ok ? askKernel(fd) : lookUpInProc(fd);
}

/** Makes the descriptor close-on-exec and non-blocking. Source: fcntl(2). Without native calls it stays as it is. */
export function prepareInherited(fd: number): void {
  if (!nativeAvailable().ok) return;
  const { libc } = native();
  libc.fcntlInt(fd, FCNTL.SETFD, 'int', FCNTL.FD_CLOEXEC);
  const flags = libc.fcntlInt(fd, FCNTL.GETFL, 'int', 0);
  if (flags !== -1) libc.fcntlInt(fd, FCNTL.SETFL, 'int', flags | SOCK.NONBLOCK);
}

/** Never throws: a number without an open file counts as closed. */
export function closePassed(fd: number): void {
  try {
    closeSync(fd);
  } catch {
    // Nothing was open there.
  }
}

function askKernel(fd: number): PassedSocket {
  const domain = option(fd, SO.DOMAIN);
  const type = option(fd, SO.TYPE);
  if (domain === null || type === null) return { kind: 'other', fd, what: 'not a socket' };
  const name = Buffer.alloc(STORAGE_BYTES);
  const length = Uint32Array.of(name.length);
  if (native().libc.getsockname(fd, name, length) === -1)
    return { kind: 'other', fd, what: 'a socket without address' };
  if (type === SOCK.DGRAM && domain === AF.UNIX) return { kind: 'local', fd, path: unixPath(name, length[0] ?? 0) };
  const isInet = domain === AF.INET || domain === AF.INET6;
  if (type === SOCK.DGRAM && isInet && option(fd, SO.PROTOCOL) === IPPROTO_UDP)
    return { kind: 'udp', fd, address: unpackInetAddress(name), dual: isDual(fd, domain) };
  return { kind: 'other', fd, what: describeOther(domain, type) };
}

/** Source: ipv6(7) */
function isDual(fd: number, domain: number): boolean {
  return domain === AF.INET6 && option(fd, IPV6_V6ONLY, SOL.IPV6) === 0;
}

function option(fd: number, name: number, level: number = SOL.SOCKET): number | null {
  const value = new Uint32Array(1);
  const done = native().libc.getsockopt(fd, level, name, value, Uint32Array.of(4));
  return done === -1 ? null : (value[0] ?? 0);
}

function unixPath(name: Buffer, length: number): string {
  const path = name.subarray(SOCKADDR_UN.path, Math.max(SOCKADDR_UN.path, length));
  if (path.length > 0 && path[0] === 0) return `@${path.subarray(1).toString()}`;
  const end = path.indexOf(0);
  return path.subarray(0, end === -1 ? path.length : end).toString();
}

function describeOther(domain: number, type: number): string {
  const isInet = domain === AF.INET || domain === AF.INET6;
  if (isInet && type === SOCK.STREAM) return 'a TCP socket';
  if (domain === AF.UNIX) return type === SOCK.STREAM ? 'a Unix stream socket' : 'a Unix socket of another type';
  return `a socket of family ${domain} and type ${type}`;
}

/** Columns of /proc/net/unix and of /proc/net/udp. Source: proc_net(5) */
const UNIX_TABLE = '/proc/net/unix';
const UDP6_TABLE = '/proc/net/udp6';
const UNIX_TYPE_COLUMN = 4;
const UNIX_PATH_COLUMN = 7;
const UDP_LOCAL_COLUMN = 1;
/** By table. */
const INODE_COLUMNS: Readonly<Record<string, number>> = { [UNIX_TABLE]: 6, '/proc/net/udp': 9, [UDP6_TABLE]: 9 };

function lookUpInProc(fd: number): PassedSocket {
  const inode = socketInode(fd);
  if (inode === null) return { kind: 'other', fd, what: 'not a socket' };
  const row = findTableRow(
    Object.keys(INODE_COLUMNS),
    ({ table, columns }) => columns[INODE_COLUMNS[table]!] === inode,
  );
  if (row?.table === UNIX_TABLE) {
    if (Number.parseInt(row.columns[UNIX_TYPE_COLUMN] ?? '', 16) !== SOCK.DGRAM)
      return { kind: 'other', fd, what: 'a Unix stream socket' };
    return { kind: 'local', fd, path: row.columns[UNIX_PATH_COLUMN] ?? '' };
  }
  if (row !== null) {
    const family = row.table === UDP6_TABLE ? 6 : 4;
    const port = Number.parseInt((row.columns[UDP_LOCAL_COLUMN] ?? '').split(':')[1] ?? '0', 16);
    const address = { family, address: family === 4 ? '0.0.0.0' : '::', port, scopeId: 0 } as const;
    return { kind: 'udp', fd, address, dual: family === 6 };
  }
  return { kind: 'other', fd, what: 'neither a Unix datagram nor a UDP socket' };
}

function socketInode(fd: number): string | null {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1] ?? null;
  } catch {
    return null;
  }
}
