/**
 * HOT PATH. The last bytes written to a pipe, so that what its reader left unread can be written again, from the
 * beginning of a record.
 */
const LF = 0x0a;

/** Maximum content of a pipe (unless its owner enlarged it), and as much again for the record before. */
export const HISTORY_BYTES = 128 * 1024;

/** What a reader left. `bytes` begins with a record; the last one may still lack its end. */
export interface Unread {
  readonly bytes: Buffer;
  /**
   * The record that the reader was in the middle of. `no`: it is whole, or starts over in `bytes`; `dropped`: its
   * beginning is lost, it was left out; `open`: likewise, and its end is still to come.
   */
  readonly torn: 'no' | 'dropped' | 'open';
}

export class SentHistory {
  readonly #ring = Buffer.allocUnsafeSlow(HISTORY_BYTES);
  /** Bytes since the beginning. */
  #total = 0;

  /** Takes `len` bytes of `bytes` from `begin`, which have just been written. */
  add(bytes: Buffer, begin: number, len: number): void {
    const kept = Math.min(len, HISTORY_BYTES);
    const from = begin + len - kept;
    const at = (this.#total + len - kept) % HISTORY_BYTES;
    const first = Math.min(kept, HISTORY_BYTES - at);
    bytes.copy(this.#ring, at, from, from + first);
    if (first < kept) bytes.copy(this.#ring, 0, from + first, from + kept);
    this.#total += len;
  }

  /**
   * What to write again, given what was still in the pipe: that, preceded by the beginning of the record that the
   * reader was in the middle of. Bytes that were not written from here are passed on as they are. Forgets everything.
   */
  takeLast(unread: Buffer): Unread {
    const known = this.#last(Math.min(this.#total, HISTORY_BYTES));
    const whole = known.length === this.#total;
    this.#total = 0;
    const first = known.length - unread.length;
    if (first < 0 || !known.subarray(first).equals(unread)) return { bytes: unread, torn: 'no' };
    const before = first > 0 ? known.lastIndexOf(LF, first - 1) : -1;
    if (before !== -1 || whole) return { bytes: known.subarray(before + 1), torn: 'no' };
    const end = known.indexOf(LF, first);
    if (end !== -1) return { bytes: known.subarray(end + 1), torn: 'dropped' };
    return { bytes: Buffer.alloc(0), torn: 'open' };
  }

  #last(len: number): Buffer {
    const end = this.#total % HISTORY_BYTES;
    const bytes = Buffer.allocUnsafe(len);
    const tail = Math.min(len, end);
    this.#ring.copy(bytes, len - tail, end - tail, end);
    if (tail < len) this.#ring.copy(bytes, 0, HISTORY_BYTES - (len - tail), HISTORY_BYTES);
    return bytes;
  }
}
