/**
 * Socket addresses in the form the kernel wants. Source: unix(7), ip(7), ipv6(7).
 *
 * Does not resolve host names.
 */
import { AF, SOCKADDR_IN, SOCKADDR_IN6, SOCKADDR_UN } from '../call/abi.ts';
import { SysError } from '../call/errors.ts';
import { native } from '../call/native.ts';
import { inRoot } from '../call/root-directory.ts';

/** Longest path of a Unix socket that still leaves room for a NUL. */
export const UNIX_PATH_MAX_BYTES = 107;

/** A numeric address. `scopeId` is the interface number of an IPv6 link-local address, else 0. */
export interface InetAddress {
  readonly family: 4 | 6;
  readonly address: string;
  readonly port: number;
  readonly scopeId: number;
}

/** ENAMETOOLONG of errno(3), negative. */
const ENAMETOOLONG = -36;
const EINVAL = -22;

/**
 * Checks that a path can be the name of a Unix socket.
 *
 * @throws SysError ENAMETOOLONG beyond {@link UNIX_PATH_MAX_BYTES}, EINVAL for an empty path or one with a NUL
 */
export function assertUnixPath(path: string): void {
  if (Buffer.byteLength(path) > UNIX_PATH_MAX_BYTES) throw new SysError('bind', ENAMETOOLONG, path);
  if (path === '' || path.includes('\0')) throw new SysError('bind', EINVAL, path);
}

/**
 * struct sockaddr_un for a path of the whole system; only as long as the path.
 *
 * @throws SysError as {@link assertUnixPath}, OutsideRootError
 */
export function packUnixAddress(path: string): Buffer {
  return packUnixName(inRoot(path));
}

/** As {@link packUnixAddress}, for a path relative to the current root directory. */
export function packUnixName(here: string): Buffer {
  assertUnixPath(here);
  const name = Buffer.from(here);
  const addr = Buffer.alloc(SOCKADDR_UN.path + name.length + 1);
  addr.writeUInt16LE(AF.UNIX, SOCKADDR_UN.family);
  name.copy(addr, SOCKADDR_UN.path);
  return addr;
}

/**
 * struct sockaddr_in or sockaddr_in6.
 *
 * @throws SysError EINVAL if the text is not a numeric address of that family
 */
export function packInetAddress(to: InetAddress): Buffer {
  const v6 = to.family === 6;
  const addr = Buffer.alloc(v6 ? SOCKADDR_IN6.size : SOCKADDR_IN.size);
  addr.writeUInt16LE(v6 ? AF.INET6 : AF.INET, SOCKADDR_IN.family);
  addr.writeUInt16BE(to.port, SOCKADDR_IN.port);
  packAddressBytes(to.family, to.address).copy(addr, v6 ? SOCKADDR_IN6.addr : SOCKADDR_IN.addr);
  if (v6) addr.writeUInt32LE(to.scopeId, SOCKADDR_IN6.scope);
  return addr;
}

/**
 * The 4 or 16 bytes of a numeric address, in network order.
 *
 * @throws SysError EINVAL if the text is not a numeric address of that family
 */
export function packAddressBytes(family: 4 | 6, address: string): Buffer {
  const bytes = Buffer.alloc(family === 6 ? 16 : 4);
  const done = native().libc.inet_pton(family === 6 ? AF.INET6 : AF.INET, address, bytes);
  if (done !== 1) throw new SysError('inet_pton', EINVAL, address);
  return bytes;
}

/** The address in a struct sockaddr_in or sockaddr_in6. */
export function unpackInetAddress(addr: Buffer): InetAddress {
  const port = addr.readUInt16BE(SOCKADDR_IN.port);
  if (addr.readUInt16LE(SOCKADDR_IN.family) === AF.INET) {
    return { family: 4, address: addr.subarray(SOCKADDR_IN.addr, SOCKADDR_IN.addr + 4).join('.'), port, scopeId: 0 };
  }
  const address = formatV6(addr.subarray(SOCKADDR_IN6.addr, SOCKADDR_IN6.addr + 16));
  return { family: 6, address, port, scopeId: addr.readUInt32LE(SOCKADDR_IN6.scope) };
}

/** Text of the 16 bytes of an IPv6 address. Source: RFC 5952 §4; v4-mapped in mixed form, §5. */
export function formatV6(bytes: Uint8Array): string {
  const at = (idx: number): number => bytes[idx] ?? 0;
  const groups = Array.from({ length: 8 }, (_, idx) => at(idx * 2) * 256 + at(idx * 2 + 1));
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return `::ffff:${at(12)}.${at(13)}.${at(14)}.${at(15)}`;
  }
  const { start, length } = longestZeroRun(groups);
  const text = (from: number, to: number): string =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  return length < 2 ? text(0, 8) : `${text(0, start)}::${text(start + length, 8)}`;
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (let idx = 0; idx < groups.length; idx++) {
    if (groups[idx] !== 0) start = idx + 1;
    else if (idx + 1 - start > best.length) best = { start, length: idx + 1 - start };
  }
  return best;
}
