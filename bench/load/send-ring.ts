/**
 * A ring of prepared datagrams that sendmmsg(2) sends again and again, each time with new numbers.
 *
 * The bytes are patched in the memory that the kernel reads: a message costs only ten digits, so that the sender is not
 * what is measured. A message's row is its number modulo the ring's size.
 */
import { IOVEC, MMSGHDR, MSG, MSGHDR } from '../../src/sys/call/abi.ts';
import { ERRNO } from '../../src/sys/call/errors.ts';
import { native } from '../../src/sys/call/native.ts';
import { NativeBuffer } from '../../src/sys/call/native-buffer.ts';
import { createPayload, formatStamp, type Kind, writeNumber } from './payload.ts';

/** The ring has at least this many rows, a multiple of the number of kinds, … */
const ROWS_LEAST = 1024;
/** … or about this many bytes: it must not push everything else out of the caches. */
const RING_BYTES = 128 * 1024;

function rowsFor(kinds: number, sizeBytes: number): number {
  return kinds * Math.ceil(Math.min(ROWS_LEAST, RING_BYTES / sizeBytes) / kinds);
}

export class SendRing {
  readonly #rows: number;
  readonly #payloads: NativeBuffer;
  readonly #iovecs: NativeBuffer;
  readonly #messages: NativeBuffer;
  readonly #stampOffs: Int32Array;
  readonly #numberOffs: Int32Array;
  #stampSec = -1;

  /** For a connected socket. @param sizeBytes of each datagram */
  constructor(kinds: readonly Kind[], sizeBytes: number, withHost: boolean) {
    const rows = rowsFor(kinds.length, sizeBytes);
    this.#rows = rows;
    this.#payloads = new NativeBuffer(rows * sizeBytes);
    this.#iovecs = new NativeBuffer(rows * IOVEC.size);
    this.#messages = new NativeBuffer(rows * MMSGHDR.size);
    this.#stampOffs = new Int32Array(rows);
    this.#numberOffs = new Int32Array(rows);
    for (let row = 0; row < rows; row++) {
      const of = kinds[row % kinds.length];
      if (of === undefined) throw new RangeError('a load needs a kind of message');
      const payload = createPayload(of, sizeBytes, withHost);
      const start = row * sizeBytes;
      this.#payloads.bytes.set(payload.bytes, start);
      this.#stampOffs[row] = start + payload.stampOff;
      this.#numberOffs[row] = start + payload.numberOff;
      this.#iovecs.setWord64(row * IOVEC.size + IOVEC.base, this.#payloads.address + start);
      this.#iovecs.setWord64(row * IOVEC.size + IOVEC.len, sizeBytes);
      this.#messages.setWord64(row * MMSGHDR.size + MSGHDR.iov, this.#iovecs.address + row * IOVEC.size);
      this.#messages.setWord64(row * MMSGHDR.size + MSGHDR.iovlen, 1);
    }
  }

  /**
   * Numbers the next messages and sends them: `count`, or fewer if the ring ends before.
   *
   * @returns how many were sent, or -errno if not even the first was; a blocking socket waits for room
   */
  send(fd: number, firstNumber: number, count: number): number {
    const from = firstNumber % this.#rows;
    const rows = Math.min(count, this.#rows - from);
    this.#stamp();
    for (let i = 0; i < rows; i++) {
      writeNumber(this.#payloads.bytes, this.#numberOffs[from + i]!, firstNumber + i);
    }
    const { libc, errno } = native();
    for (;;) {
      const sent = libc.sendmmsg(fd, this.#messages.address + from * MMSGHDR.size, rows, MSG.NOSIGNAL);
      if (sent >= 0) return sent;
      const failed = -errno();
      if (failed !== ERRNO.EINTR) return failed;
    }
  }

  /** Puts the time of day into all rows, once a second. */
  #stamp(): void {
    const now = Date.now();
    const sec = Math.floor(now / 1000);
    if (sec === this.#stampSec) return;
    this.#stampSec = sec;
    const stamp = Buffer.from(formatStamp(new Date(now)));
    for (const offset of this.#stampOffs) this.#payloads.bytes.set(stamp, offset);
  }
}
