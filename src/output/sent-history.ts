/**
 * HOT PATH. The last bytes that were written into a pipe, so that what its reader left unread can be written
 * again, from the beginning of a record.
 */
const LF = 0x0a;

/** What a pipe holds at most (unless its owner made it larger), and as much again for the record before. */
export const HISTORY_BYTES = 128 * 1024;

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
   * The end of what was written, beginning with the record that the first of the last `unread` bytes belongs to.
   * Where that beginning is no longer known, the rest of that record is left out.
   *
   * @returns the bytes, and how many records could not be completed: 0 or 1
   */
  takeLast(unread: number): { readonly bytes: Buffer; readonly torn: number } {
    const known = this.#last(Math.min(this.#total, HISTORY_BYTES));
    const first = known.length - unread;
    const before = first > 0 ? known.lastIndexOf(LF, first - 1) : -1;
    const complete = before !== -1 || known.length === this.#total;
    this.#total = 0;
    if (unread === 0 && before === known.length - 1) return { bytes: Buffer.alloc(0), torn: 0 };
    if (complete && first >= 0) return { bytes: known.subarray(before + 1), torn: 0 };
    const next = known.indexOf(LF, Math.max(0, first));
    return { bytes: next === -1 ? Buffer.alloc(0) : known.subarray(next + 1), torn: 1 };
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
