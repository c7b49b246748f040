/**
 * What is too long for a datagram, as a file in memory that nobody can change any more. Source: memfd_create(2), fcntl(2).
 */
import { closeSync, writeSync } from 'node:fs';
import { sendingLibc } from './sending-libc.ts';

const MFD = { CLOEXEC: 1, ALLOW_SEALING: 2 } as const;
const F_ADD_SEALS = 1033;
/** F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW, F_SEAL_WRITE */
const ALL_SEALS = 0xf;

/** @returns a descriptor, or -errno */
export function trySealedMemory(name: string, bytes: Uint8Array): number {
  const sending = sendingLibc();
  if (sending === null) throw new Error('koffi is needed');
  const { libc, errno } = sending;
  const fd = libc.memfd_create(name, MFD.CLOEXEC | MFD.ALLOW_SEALING);
  if (fd === -1) return -errno();
  for (let off = 0; off < bytes.length; ) off += writeSync(fd, bytes, off);
  if (libc.fcntl(fd, F_ADD_SEALS, 'int', ALL_SEALS) !== -1) return fd;
  const failure = -errno();
  closeSync(fd);
  return failure;
}
