/**
 * A link by native calls: a datagram socket, or a stream where the path leads to one. Source: unix(7), send(2).
 *
 * HOT PATH: send. A call through koffi costs half of what fs.writeSync does.
 */
import { isMainThread } from 'node:worker_threads';
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

/** Looks for room in a worker: every millisecond, and for so many waits of a millisecond once there was some. */
const LOOK_MS = 1;
const LOOK_WAITS = 3;

class NativeLink implements Link {
  readonly kind: LinkKind;
  readonly #fd: number;
  readonly #libc: Libc = native().libc;
  readonly #entry = Buffer.alloc(POLLFD.size);
  /** Of the main thread, and of others. */
  #readiness: LooseReadiness | null = null;
  #timer: NodeJS.Timeout | null = null;
  #onRoom: () => void = () => undefined;

  constructor(fd: number, kind: LinkKind) {
    this.#fd = fd;
    this.kind = kind;
    this.#entry.writeInt32LE(fd, POLLFD.fd);
    this.#entry.writeInt16LE(POLL.OUT, POLLFD.events);
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
    this.#hasRoom(maxMs);
  }

  /**
   * In a worker by a timer: koffi calls back from its poll when a worker is terminated, which ends the whole process, and
   * its library may be gone by then.
   */
  watch(callback: () => void): void {
    this.#onRoom = callback;
    if (!isMainThread) this.#timer ??= setInterval(() => this.#look(), LOOK_MS).unref();
    else if (this.#readiness !== null) this.#readiness.resume();
    else {
      this.#readiness = watchWritable(this.#fd, () => this.#onRoom());
      this.#readiness.unref();
    }
  }

  unwatch(): void {
    this.#readiness?.pause();
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  close(): void {
    this.unwatch();
    this.#readiness?.close();
    this.#libc.close(this.#fd);
  }

  #look(): void {
    if (!this.#hasRoom(0)) return;
    this.#onRoom();
    for (let left = LOOK_WAITS; left > 0 && this.#timer !== null && this.#hasRoom(1); left--) this.#onRoom();
  }

  #hasRoom(maxMs: number): boolean {
    return this.#libc.poll(this.#entry, 1, maxMs) !== 0;
  }
}
