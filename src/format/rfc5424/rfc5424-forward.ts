/**
 * HOT PATH. RFC 5424 for other hosts: `<PRI>1 TIME HOST APP PROCID MSGID SD MSG`, ended by LF, which senders of
 * datagrams remove. Always valid by RFC 5424 §6, whatever was received.
 *
 * Nothing is lost: a field that the standard cannot carry (too long, beyond printable ASCII, or `-`, which means none)
 * is NILVALUE in the header and precedes the text, in header order and in the form of a traditional line: `HOST
 * TAG[PID]: MSGID SD MSG`. Tag and pid stay together. A text that begins with a byte order mark gets one more, because
 * receivers take the first as a mark of UTF-8.
 *
 * DEVIATION(RFC 5424 §6.4): no byte order mark is put before other texts; receivers show it. With `-8` bytes that are
 * not UTF-8 pass, also in structured data.
 */
import { type Batch, F_CLEAN, F_RFC5424 } from '../../dgram-parser/columns/batch.ts';
import type { ByteBlock } from '../../dgram-parser/columns/byte-block.ts';
import { sanitize } from '../../dgram-parser/sanitize.ts';
import { C_GRAPH, CH, CHAR_CLASS } from '../../protocol/char-class.ts';
import { HOST_MAX_BYTES } from '../../protocol/limits.ts';
import { writeFrom, writeLineEnd, writeTag } from '../bytes/body.ts';
import { copyBytes } from '../bytes/copy.ts';
import { PRI_MAX_BYTES, writePri } from '../traditional/forward.ts';
import type { HostLabel, RecordFormat } from '../record-format.ts';
import { Rfc3339Time } from '../bytes/rfc3339-time.ts';
import { Rfc5424Format, writeField, writeSdField } from './rfc5424.ts';
import { keepsSdLimits } from './sd-text.ts';

/** Source: RFC 5424 §6. */
const APP_NAME_MAX_BYTES = 48;
const PROCID_MAX_BYTES = 128;
const MSGID_MAX_BYTES = 32;

/** `1 ` after PRI, and the extras of fields before the text: blanks, brackets, colon, byte order mark. */
const EXTRA_BYTES = 16;
const BOM = Uint8Array.of(0xef, 0xbb, 0xbf);

/** Fields that the header cannot carry, as bits. */
const M_HOST = 1;
const M_TAG = 2;
const M_MSGID = 4;
const M_SD = 8;
const M_BOM = 16;

export class Rfc5424Forward implements RecordFormat {
  readonly #line: Rfc5424Format;
  readonly #time = new Rfc3339Time();
  readonly #keep8bit: boolean;

  /** @param keep8bit `-8`: bytes above 0x7f pass as received */
  constructor(keep8bit: boolean) {
    this.#line = new Rfc5424Format(keep8bit);
    this.#keep8bit = keep8bit;
  }

  bound(batch: Batch, row: number, host: HostLabel): number {
    return PRI_MAX_BYTES + EXTRA_BYTES + this.#line.bound(batch, row, host);
  }

  write(batch: Batch, row: number, host: HostLabel, dst: ByteBlock, off: number, crlf: boolean): number {
    let at = writePri(batch.pri[row]!, dst.bytes, off);
    dst.bytes[at++] = CH.one;
    dst.bytes[at++] = CH.space;
    const misfits = findMisfits(batch, row, host);
    if (misfits === 0) return this.#line.write(batch, row, host, dst, at, crlf);
    at = this.#writeHeader(batch, row, host, misfits, dst, at);
    at = this.#writeMsg(batch, row, host, misfits, dst, at);
    return writeLineEnd(dst, at, crlf);
  }

  #writeHeader(batch: Batch, row: number, host: HostLabel, misfits: number, dst: ByteBlock, off: number): number {
    const { bytes } = batch;
    let at = this.#time.write(batch.timeSec[row]!, batch.timeUsec[row]!, batch.timeOffsetMin[row]!, dst.view, off);
    dst.bytes[at++] = CH.space;
    at = writeField(host.bytes, host.off, (misfits & M_HOST) !== 0 ? 0 : host.len, dst.bytes, at);
    const hasTag = (misfits & M_TAG) === 0;
    at = writeField(bytes, batch.tagOff[row]!, hasTag ? batch.tagLen[row]! : 0, dst.bytes, at);
    at = writeField(bytes, batch.pidOff[row]!, hasTag ? batch.pidLen[row]! : 0, dst.bytes, at);
    at = writeField(bytes, batch.msgIdOff[row]!, (misfits & M_MSGID) !== 0 ? 0 : batch.msgIdLen[row]!, dst.bytes, at);
    return (misfits & M_SD) !== 0
      ? writeField(bytes, 0, 0, dst.bytes, at)
      : writeSdField(batch, row, dst, at, this.#keep8bit);
  }

  #writeMsg(batch: Batch, row: number, host: HostLabel, misfits: number, dst: ByteBlock, off: number): number {
    const { bytes } = batch;
    const keep8bit = this.#keep8bit;
    let at = off;
    if ((misfits & M_HOST) !== 0) {
      at = sanitize(host.bytes, host.off, host.off + host.len, dst.bytes, at, keep8bit);
      dst.bytes[at++] = CH.space;
    }
    let from = batch.textOff[row]!;
    if ((misfits & M_TAG) !== 0) {
      if ((batch.flags[row]! & F_RFC5424) === 0) from = batch.bodyOff[row]!;
      else if (batch.tagLen[row]! > 0) at = writeTag(batch, row, dst, at);
      else at = writeField(bytes, batch.pidOff[row]!, batch.pidLen[row]!, dst.bytes, at);
    }
    if ((misfits & M_MSGID) !== 0) at = writeField(bytes, batch.msgIdOff[row]!, batch.msgIdLen[row]!, dst.bytes, at);
    if ((misfits & M_SD) !== 0) at = writeSdField(batch, row, dst, at, keep8bit);
    if (at === off && isBom(bytes, from, batch.endOff[row]!)) at = copyBytes(BOM, 0, BOM.length, dst.bytes, at);
    return writeFrom(batch, row, from, dst, at, keep8bit);
  }
}

/** @returns M_… bits; 0: the header can carry everything */
function findMisfits(batch: Batch, row: number, host: HostLabel): number {
  const { bytes } = batch;
  const isClean = (batch.flags[row]! & F_CLEAN) !== 0;
  let misfits = isPrintable(host.bytes, host.off, host.len, HOST_MAX_BYTES) ? 0 : M_HOST;
  const tagOff = batch.tagOff[row]!;
  const tagLen = batch.tagLen[row]!;
  const pidLen = batch.pidLen[row]!;
  const isTag = isPrintable(bytes, tagOff, tagLen, APP_NAME_MAX_BYTES) && !isDash(bytes, tagOff, tagLen);
  // A pid in brackets is always printable.
  const isPid = pidLen <= PROCID_MAX_BYTES && !isDash(bytes, batch.pidOff[row]!, pidLen);
  if (!isTag || !isPid) misfits |= M_TAG;
  if (batch.msgIdLen[row]! > MSGID_MAX_BYTES) misfits |= M_MSGID;
  const sdLen = batch.sdLen[row]!;
  const sdOff = batch.sdOff[row]!;
  if (sdLen > 0 && !keepsSdLimits(bytes, sdOff, sdOff + sdLen)) misfits |= M_SD;
  if (!isClean && isBom(bytes, batch.textOff[row]!, batch.endOff[row]!)) misfits |= M_BOM;
  return misfits;
}

function isDash(bytes: Uint8Array, off: number, len: number): boolean {
  return len === 1 && bytes[off] === CH.dash;
}

/** @returns whether the bytes are valid as a header field, or absent */
function isPrintable(bytes: Uint8Array, off: number, len: number, maxBytes: number): boolean {
  if (len > maxBytes) return false;
  for (let i = off; i < off + len; i++) if ((CHAR_CLASS[bytes[i]!]! & C_GRAPH) === 0) return false;
  return true;
}

function isBom(bytes: Uint8Array, off: number, end: number): boolean {
  return off + BOM.length <= end && bytes[off] === BOM[0] && bytes[off + 1] === BOM[1] && bytes[off + 2] === BOM[2];
}
