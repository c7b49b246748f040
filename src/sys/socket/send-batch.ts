/**
 * sendmmsg(2) of prepared datagrams, for the load generator and tests.
 *
 * All payloads are copied once into memory that this object owns, along with the headers that point to it.
 */
import { IOVEC, MMSG_MAX, MMSGHDR, MSG, MSGHDR } from '../call/abi.ts';
import { ERRNO } from '../call/errors.ts';
import { native } from '../call/native.ts';
import { NativeBuffer } from '../call/native-buffer.ts';

export class SendBatch {
  /** Number of payloads. */
  readonly count: number;
  readonly #payloads: NativeBuffer;
  readonly #iovecs: NativeBuffer;
  readonly #messages: NativeBuffer;
  readonly #address: NativeBuffer;

  /** @param address packed struct sockaddr to send to; null: the socket is connected */
  constructor(payloads: readonly Uint8Array[], address: Uint8Array | null) {
    this.count = payloads.length;
    this.#payloads = new NativeBuffer(payloads.reduce((sum, payload) => sum + payload.length, 0));
    this.#iovecs = new NativeBuffer(payloads.length * IOVEC.size);
    this.#messages = new NativeBuffer(payloads.length * MMSGHDR.size);
    this.#address = new NativeBuffer(address?.length ?? 0);
    if (address !== null) this.#address.bytes.set(address);
    let offset = 0;
    for (const [idx, payload] of payloads.entries()) {
      this.#payloads.bytes.set(payload, offset);
      this.#link(idx, offset, payload.length, address?.length ?? 0);
      offset += payload.length;
    }
  }

  /**
   * Sends payloads `from` to `from + count`, at most 1,024.
   *
   * A blocking socket waits for room, a non-blocking one returns EAGAIN.
   *
   * @returns how many were sent, or -errno if not even the first was
   */
  send(fd: number, from: number, count: number): number {
    const { libc, errno } = native();
    const rows = Math.min(count, this.count - from, MMSG_MAX);
    for (;;) {
      const sent = libc.sendmmsg(fd, this.#messages.address + from * MMSGHDR.size, rows, MSG.NOSIGNAL);
      if (sent >= 0) return sent;
      const failed = -errno();
      if (failed !== ERRNO.EINTR) return failed;
    }
  }

  #link(idx: number, offset: number, bytes: number, addressBytes: number): void {
    const iovec = idx * IOVEC.size;
    this.#iovecs.setWord64(iovec + IOVEC.base, this.#payloads.address + offset);
    this.#iovecs.setWord64(iovec + IOVEC.len, bytes);
    const message = idx * MMSGHDR.size;
    this.#messages.setWord64(message + MSGHDR.iov, this.#iovecs.address + iovec);
    this.#messages.setWord64(message + MSGHDR.iovlen, 1);
    if (addressBytes === 0) return;
    this.#messages.setWord64(message + MSGHDR.name, this.#address.address);
    this.#messages.setWord64(message + MSGHDR.namelen, addressBytes);
  }
}
