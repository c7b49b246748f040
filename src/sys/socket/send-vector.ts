/**
 * HOT PATH. sendmmsg(2) of datagrams in one block of memory, without copying them. For connected sockets.
 *
 * Filled again for every call. The block must stay alive and unchanged only during the call.
 */
import { IOVEC, MMSG_MAX, MMSGHDR, MSG, MSGHDR } from '../call/abi.ts';
import { ERRNO } from '../call/errors.ts';
import { native } from '../call/native.ts';
import { addressOf, NativeBuffer } from '../call/native-buffer.ts';

const WORD = 0x1_0000_0000;

export class SendVector {
  /** Capacity in datagrams. */
  readonly rows: number;
  count = 0;
  readonly #iovecs: NativeBuffer;
  readonly #messages: NativeBuffer;
  #memory: ArrayBufferLike | null = null;
  #base = 0;

  /** @param rows at most 1,024 */
  constructor(rows: number) {
    this.rows = Math.min(rows, MMSG_MAX);
    this.#iovecs = new NativeBuffer(this.rows * IOVEC.size);
    this.#messages = new NativeBuffer(this.rows * MMSGHDR.size);
    for (let row = 0; row < this.rows; row++) {
      this.#messages.setWord64(row * MMSGHDR.size + MSGHDR.iov, this.#iovecs.address + row * IOVEC.size);
      this.#messages.setWord64(row * MMSGHDR.size + MSGHDR.iovlen, 1);
    }
  }

  /** Starts over, with datagrams in `bytes`. */
  reset(bytes: Buffer): void {
    this.count = 0;
    if (this.#memory === bytes.buffer) return;
    if (!(bytes.buffer instanceof ArrayBuffer)) throw new TypeError('datagrams lie in an ArrayBuffer');
    this.#memory = bytes.buffer;
    this.#base = addressOf(bytes.buffer);
  }

  /** Adds the bytes from `begin` to `end` of the Buffer given to {@link reset} as one datagram. */
  add(bytes: Buffer, begin: number, end: number): void {
    const address = this.#base + bytes.byteOffset + begin;
    const { words } = this.#iovecs;
    const at = (this.count * IOVEC.size) >> 2;
    words[at + (IOVEC.base >> 2)] = (address % WORD) | 0;
    words[at + (IOVEC.base >> 2) + 1] = Math.floor(address / WORD);
    words[at + (IOVEC.len >> 2)] = end - begin;
    this.count++;
  }

  /**
   * Sends the datagrams from number `from` on; never waits.
   *
   * @returns how many the kernel took, or -errno if it did not take even the first. A partial count hides an error that
   *   the next call may or may not repeat. Source: sendmmsg(2) BUGS
   */
  send(fd: number, from: number): number {
    const { libc, errno } = native();
    for (;;) {
      const vector = this.#messages.address + from * MMSGHDR.size;
      const sent = libc.sendmmsg(fd, vector, this.count - from, MSG.NOSIGNAL | MSG.DONTWAIT);
      if (sent >= 0) return sent;
      const failed = -errno();
      if (failed !== ERRNO.EINTR) return failed;
    }
  }

  /** Drops the reference to the memory. */
  release(): void {
    this.#memory = null;
    this.count = 0;
  }
}
