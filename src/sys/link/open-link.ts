/**
 * Chooses how a sending program reaches the log daemon: by native calls; without koffi by the package unix-dgram, which
 * workers cannot load; else by a stream socket; and where the path leads to a socket for datagrams, by UDP.
 */
import { readFileSync } from 'node:fs';
import { ERRNO } from '../call/errors.ts';
import { nativeAvailable } from '../call/native.ts';
import { unixDgramAvailable } from '../socket/unix-dgram.ts';
import type { Link, LinkTarget } from './link.ts';
import { openNativeLink } from './native-link.ts';
import { openPackageLink, openStreamLink, openUdpLink } from './portable-link.ts';

/** Fields of /proc/net/unix: `Num RefCount Protocol Flags Type St Inode Path`. Source: proc_net(5) */
const DATAGRAM_SOCKET = /^\S+ \S+ \S+ \S+ 0002 \S+ +\S+ (.*)$/gm;

/** Opens links to one place. */
export class LinkOpener {
  readonly #target: LinkTarget;
  /** A stream socket was refused there. */
  #isDatagram = false;

  constructor(target: LinkTarget) {
    this.#target = target;
  }

  /** @returns a link, or -errno */
  open(): Link | number {
    const { path, udpPort } = this.#target;
    if (nativeAvailable().ok) return openNativeLink(path);
    if (unixDgramAvailable().ok) {
      const link = openPackageLink(path);
      if (link !== ERRNO.EPROTOTYPE) return link;
    }
    if (this.#isDatagram || isDatagramSocket(path)) return openUdpLink(udpPort);
    return openStreamLink(path, () => {
      this.#isDatagram = true;
    });
  }
}

/** A socket that lies in another mount namespace is not listed under this path. */
function isDatagramSocket(path: string): boolean {
  try {
    return [...readFileSync('/proc/net/unix', 'latin1').matchAll(DATAGRAM_SOCKET)].some(([, name]) => name === path);
  } catch {
    return false;
  }
}
