/**
 * A link by native calls: a datagram socket, or a stream where the path leads to one. Source: unix(7), send(2).
 *
 * HOT PATH: send. A call through koffi costs half of what fs.writeSync does.
 */
import { AF, MSG, POLL, POLLFD, SOCK } from '../call/abi.ts';
import { errnoOf } from '../call/error-text.ts';
import { ERRNO } from '../call/errors.ts';
import { type Libc, native } from '../call/native.ts';
import { type LooseReadiness, watchWritable } from '../call/readiness.ts';
import { packUnixAddress } from '../socket/sockaddr.ts';
import type { Link, LinkKind } from './link.ts';

const FLAGS = MSG.NOSIGNAL | MSG.DONTWAIT;
const KINDS: readonly (readonly [LinkKind, number])[] = [
  ['datagram', SOCK.DGRAM],
  ['stream', SOCK.STREAM],
];

/** @returns the link, or -errno of connect(2): -ENOENT, -ECONNREFUSED, … */
export function openNativeLink(path: string): Link | number {
  let addr: Buffer;
  try {
    addr = packUnixAddress(path);
  } catch (error) {
    return errnoOf(error);
  }
  const { libc, errno } = native();
  for (const [kind, type] of KINDS) {
    const fd = libc.socket(AF.UNIX, type | SOCK.NONBLOCK | SOCK.CLOEXEC, 0);
    if (fd === -1) return -errno();
    if (libc.connect(fd, addr, addr.length) === 0) return new NativeLink(fd, kind);
    const failed = -errno();
    libc.close(fd);
    if (failed !== ERRNO.EPROTOTYPE) return failed;
  }
  return ERRNO.EPROTOTYPE;
}

class NativeLink implements Link {
  readonly kind: LinkKind;
  readonly #fd: number;
  readonly #libc: Libc = native().libc;
  #readiness: LooseReadiness | null = null;
  #onRoom: () => void = () => undefined;

  constructor(fd: number, kind: LinkKind) {
    this.#fd = fd;
    this.kind = kind;
  }

  send(bytes: Buffer, off: number, len: number): number {
    const from = off === 0 ? bytes : bytes.subarray(off);
    for (;;) {
      const sent = this.#libc.send(this.#fd, from, len, FLAGS);
      if (sent >= 0) return sent;
      const failed = -native().errno();
      if (failed !== ERRNO.EINTR) return failed;
    }
  }

  waitForRoom(maxMs: number): void {
    const entry = Buffer.alloc(POLLFD.size);
    entry.writeInt32LE(this.#fd, POLLFD.fd);
    entry.writeInt16LE(POLL.OUT, POLLFD.events);
    this.#libc.poll(entry, 1, maxMs);
  }

  watch(callback: () => void): void {
    this.#onRoom = callback;
    if (this.#readiness !== null) {
      this.#readiness.resume();
      return;
    }
    this.#readiness = watchWritable(this.#fd, () => this.#onRoom());
    this.#readiness.unref();
  }

  unwatch(): void {
    this.#readiness?.pause();
  }

  close(): void {
    this.#readiness?.close();
    this.#libc.close(this.#fd);
  }
}
