/**
 * HOT PATH. The RFC 5424 line of files: `TIME HOST APP PROCID MSGID SD TEXT`, without PRI and version (COMPAT(sysklogd
 * 2.7.2)).
 *
 * Absent fields are `-`; an empty text leaves the blank before it. For a traditional message, tag and pid are APP and
 * PROCID, and the text is what follows tag and separator. A tag with blanks stays in the text. Fields may exceed the
 * lengths of the standard, and a tag may have letters beyond ASCII: this line is for people; for peers see
 * rfc5424-forward.ts.
 */
import { type Batch, F_CLEAN, F_RFC5424, F_TAG_BLANKS } from '../../dgram-parser/columns/batch.ts';
import { type ByteBlock, copyWords } from '../../dgram-parser/columns/byte-block.ts';
import { CH } from '../../protocol/char-class.ts';
import { writeFrom, writeLineEnd } from '../bytes/body.ts';
import { copyBytes } from '../bytes/copy.ts';
import type { HostLabel, RecordFormat } from '../record-format.ts';
import { Rfc3339Time } from '../bytes/rfc3339-time.ts';
import { SD_MAX_EXPANSION, writeStructuredData } from './sd-text.ts';

/** Five blanks after the header fields, one after the time; five NILVALUEs; CR LF. */
const PUNCTUATION_BYTES = 16;

export class Rfc5424Format implements RecordFormat {
  readonly #time = new Rfc3339Time();
  readonly #keep8bit: boolean;

  /** @param keep8bit `-8`: bytes above 0x7f pass as received */
  constructor(keep8bit: boolean) {
    this.#keep8bit = keep8bit;
  }

  bound(batch: Batch, row: number, host: HostLabel): number {
    const bytes = batch.endOff[row]! - batch.bodyOff[row]!;
    // A bare bracket in structured data gets a backslash even if all bytes are clean.
    const most = (batch.flags[row]! & F_CLEAN) !== 0 ? bytes + batch.sdLen[row]! : bytes * SD_MAX_EXPANSION;
    return this.#time.byteCount + host.len + most + PUNCTUATION_BYTES;
  }

  write(batch: Batch, row: number, host: HostLabel, dst: ByteBlock, off: number, crlf: boolean): number {
    let at = this.#time.write(batch.timeSec[row]!, batch.timeUsec[row]!, batch.timeOffsetMin[row]!, dst.view, off);
    const { bytes } = dst;
    bytes[at++] = CH.space;
    at = writeField(host.bytes, host.off, host.len, bytes, at);
    const flags = batch.flags[row]!;
    if ((flags & F_CLEAN) !== 0 && (flags & F_RFC5424) !== 0 && batch.sdLen[row] === 0) {
      // The fields are in the message exactly as they are to be written.
      at = copyWords(batch.view, batch.bodyOff[row]!, batch.endOff[row]!, dst.view, at);
      if (batch.bytes[batch.textOff[row]! - 1] !== CH.space) bytes[at++] = CH.space;
      return writeLineEnd(dst, at, crlf);
    }
    const isField = (flags & F_TAG_BLANKS) === 0;
    at = writeField(batch.bytes, batch.tagOff[row]!, isField ? batch.tagLen[row]! : 0, bytes, at);
    at = writeField(batch.bytes, batch.pidOff[row]!, isField ? batch.pidLen[row]! : 0, bytes, at);
    at = writeField(batch.bytes, batch.msgIdOff[row]!, batch.msgIdLen[row]!, bytes, at);
    at = writeSdField(batch, row, dst, at, this.#keep8bit);
    at = writeFrom(batch, row, isField ? batch.textOff[row]! : batch.bodyOff[row]!, dst, at, this.#keep8bit);
    return writeLineEnd(dst, at, crlf);
  }
}

/** Writes a field that is safe already, or NILVALUE, and a blank. @returns the offset after it */
export function writeField(src: Uint8Array, fieldOff: number, len: number, dst: Buffer, off: number): number {
  let at = off;
  if (len === 0) dst[at++] = CH.dash;
  else at = copyBytes(src, fieldOff, fieldOff + len, dst, at);
  dst[at++] = CH.space;
  return at;
}

/** Writes STRUCTURED-DATA, or NILVALUE, and a blank. @returns the offset after it */
export function writeSdField(batch: Batch, row: number, dst: ByteBlock, off: number, keep8bit: boolean): number {
  const sdLen = batch.sdLen[row]!;
  if (sdLen === 0) return writeField(batch.bytes, 0, 0, dst.bytes, off);
  const sdOff = batch.sdOff[row]!;
  const at = writeStructuredData(batch.bytes, sdOff, sdOff + sdLen, dst.bytes, off, keep8bit);
  dst.bytes[at] = CH.space;
  return at + 1;
}
