/**
 * HOT PATH while the daemon is slow. Messages that wait, in order, in one ring of bytes that grows up to its bound.
 *
 * An entry is a head of eight bytes, little-endian: length of the message, and where its tag begins, or SHOWN; then the
 * message and a NUL. An entry is never split: where one does not fit before the end, the next ones begin at 0.
 */
const HEAD_BYTES = 8;
const START_BYTES = 16 * 1024;
/** In the place of an offset: it has been on the console already. */
const SHOWN = 0xffff_ffff;

const NOTHING = Buffer.alloc(0);

export class MessageQueue {
  readonly #maxBytes: number;
  #ring: Buffer = NOTHING;
  /** Of the first entry, and behind the last one. */
  #head = 0;
  #tail = 0;
  /** Behind the last entry before the end, once the tail is at the beginning again. */
  #end = 0;
  /** Entries lie from the head to there, and from 0 to the tail. */
  #isWrapped = false;
  #count = 0;
  /** Of all entries, heads included. */
  #used = 0;

  /** @param maxBytes what it may hold, with nine bytes more for each message */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Messages. */
  get count(): number {
    return this.#count;
  }

  /** Whether it is filled to less than a half. */
  get isEasy(): boolean {
    return this.#used * 2 < this.#maxBytes;
  }

  /** What {@link MessageQueue.firstOff} counts in. */
  get bytes(): Buffer {
    return this.#ring;
  }

  get firstOff(): number {
    return this.#head + HEAD_BYTES;
  }

  /** Of the first message, without its NUL. */
  get firstLen(): number {
    return this.#ring.readUInt32LE(this.#head);
  }

  /**
   * Copies a message to the end.
   *
   * @param shownOff where its tag begins; -1: it has been shown
   * @returns false where there is no room
   */
  push(bytes: Buffer, len: number, shownOff: number): boolean {
    const size = HEAD_BYTES + len + 1;
    while (!this.#place(size)) if (!this.#grow()) return false;
    const at = this.#tail;
    this.#ring.writeUInt32LE(len, at);
    this.#ring.writeUInt32LE(shownOff < 0 ? SHOWN : shownOff, at + 4);
    bytes.copy(this.#ring, at + HEAD_BYTES, 0, len);
    this.#ring[at + size - 1] = 0;
    this.#tail = at + size;
    this.#used += size;
    this.#count++;
    return true;
  }

  /** Removes the first message. */
  shift(): void {
    const size = HEAD_BYTES + this.firstLen + 1;
    this.#head += size;
    this.#used -= size;
    this.#count--;
    if (this.#count === 0) this.clear();
    else if (this.#isWrapped && this.#head === this.#end) {
      this.#head = 0;
      this.#isWrapped = false;
    }
  }

  clear(): void {
    this.#head = 0;
    this.#tail = 0;
    this.#isWrapped = false;
    this.#count = 0;
    this.#used = 0;
    if (this.#ring.length > START_BYTES) this.#ring = NOTHING;
  }

  /** @returns tag and text of the first message, or null where they have been shown; an entry keeps that it was shown */
  takeShown(): Buffer | null {
    const off = this.#ring.readUInt32LE(this.#head + 4);
    if (off === SHOWN) return null;
    this.#ring.writeUInt32LE(SHOWN, this.#head + 4);
    return this.#ring.subarray(this.firstOff + off, this.firstOff + this.firstLen);
  }

  /** @returns whether `size` bytes can be written at the tail, which is moved to the beginning where that helps */
  #place(size: number): boolean {
    if (this.#isWrapped) return size <= this.#head - this.#tail;
    const left = this.#ring.length - this.#tail;
    if (size <= left) return true;
    if (size > this.#head) return false;
    this.#end = this.#tail;
    this.#tail = 0;
    this.#isWrapped = true;
    return true;
  }

  #grow(): boolean {
    if (this.#ring.length >= this.#maxBytes) return false;
    const size = Math.min(this.#maxBytes, Math.max(START_BYTES, this.#ring.length * 2));
    const ring = Buffer.allocUnsafeSlow(size);
    const upperEnd = this.#isWrapped ? this.#end : this.#tail;
    let tail = this.#ring.copy(ring, 0, this.#head, upperEnd);
    if (this.#isWrapped) tail += this.#ring.copy(ring, tail, 0, this.#tail);
    this.#ring = ring;
    this.#head = 0;
    this.#tail = tail;
    this.#isWrapped = false;
    return true;
  }
}
