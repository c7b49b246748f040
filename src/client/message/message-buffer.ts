/**
 * HOT PATH. The bytes of one message, header and text, in memory that is used again for the next one. Where priority,
 * second and tag are those of the message before, its header is still there.
 *
 * A NUL in the text becomes a blank: on streams it ends a message. Halves of surrogate pairs become U+FFFD.
 */
import { CH } from '../../protocol/char-class.ts';

const START_BYTES = 16 * 1024;
/** More is given back after the message. */
const KEPT_BYTES = 256 * 1024;
/** Of one UTF-16 unit in UTF-8. */
const UNIT_MAX_BYTES = 3;
const CONT_MASK = 0xc0;
const CONT = 0x80;

/** What becomes of newlines in a text. */
export type Newlines = 'kept' | 'blank';

export class MessageBuffer {
  /** The message begins at 0. What lies behind it is undefined. */
  bytes = Buffer.allocUnsafeSlow(START_BYTES);
  /** Bytes of the message. */
  len = 0;
  /** Where tag and text begin, which are what a terminal is shown. */
  shownOff = 0;
  #headerLen = 0;
  #header = '';
  #tag = '';

  /**
   * Begins a message.
   *
   * @param header priority and time, and whatever else comes before the tag
   * @param tag with all that stands between it and the text
   */
  begin(header: string, tag: string): void {
    if (this.bytes.length > KEPT_BYTES) this.#resize(START_BYTES);
    if (header !== this.#header || tag !== this.#tag) {
      this.#makeRoom(0, header.length + tag.length);
      this.shownOff = this.bytes.write(header, 0);
      this.#headerLen = this.shownOff + this.bytes.write(tag, this.shownOff);
      blankOut(this.bytes, 0, this.#headerLen, 'blank');
      this.#header = header;
      this.#tag = tag;
    }
    this.len = this.#headerLen;
  }

  /** Adds text in UTF-8, with a NUL behind it that is no part of the message. */
  add(text: string, newlines: Newlines): void {
    this.#makeRoom(this.len, text.length);
    const at = this.len;
    this.len = at + this.bytes.write(text, at);
    if (text.includes('\0') || (newlines === 'blank' && text.includes('\n')))
      blankOut(this.bytes, at, this.len, newlines);
    this.bytes[this.len] = CH.nul;
  }

  /** Cuts the message between two characters. @returns whether it was longer than `maxBytes` */
  cut(maxBytes: number): boolean {
    if (this.len <= maxBytes) return false;
    let end = maxBytes;
    while (end > 0 && (this.bytes[end]! & CONT_MASK) === CONT) end--;
    this.len = end;
    this.bytes[end] = CH.nul;
    if (end < this.#headerLen) this.#header = '';
    return true;
  }

  /** For `units` of text from `at` on, and the NUL. */
  #makeRoom(at: number, units: number): void {
    const needed = at + units * UNIT_MAX_BYTES + 1;
    if (needed > this.bytes.length) this.#resize(needed, at);
  }

  #resize(size: number, kept = 0): void {
    const bytes = Buffer.allocUnsafeSlow(size);
    this.bytes.copy(bytes, 0, 0, kept);
    this.bytes = bytes;
    if (kept < this.#headerLen) this.#header = '';
  }
}

function blankOut(bytes: Buffer, begin: number, end: number, newlines: Newlines): void {
  for (let at = begin; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === CH.nul || (byte === CH.lf && newlines === 'blank')) bytes[at] = CH.space;
  }
}
