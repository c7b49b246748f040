/**
 * Whether a descriptor is a bound socket, such as inetd(8) passes, and not one end of a socketpair, which Node.js and
 * others use for pipes. Source: getsockname(2), unix(7).
 */
import { fstatSync } from 'node:fs';
import { AF, SOCKADDR_UN } from '../call/abi.ts';
import { native, nativeAvailable } from '../call/native.ts';

/** Without native calls every socket counts as bound. */
export function isServedSocket(fd: number): boolean {
  try {
    if (!fstatSync(fd).isSocket()) return false;
  } catch {
    return false;
  }
  if (!nativeAvailable().ok) return true;
  const addr = Buffer.alloc(SOCKADDR_UN.size);
  const length = Uint32Array.of(addr.length);
  if (native().libc.getsockname(fd, addr, length) === -1) return false;
  const unnamed = (length[0] ?? 0) <= SOCKADDR_UN.path;
  return addr.readUInt16LE(SOCKADDR_UN.family) !== AF.UNIX || !unnamed;
}
