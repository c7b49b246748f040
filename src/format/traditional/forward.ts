/**
 * HOT PATH. Records for other hosts in the traditional forms, each ended by LF, which senders of datagrams remove:
 *
 *   BSD        `<PRI>TAG[PID]: MSG`, the default: neither time nor host (COMPAT(sysklogd 2.7.2))
 *   RFC 3164   `<PRI>Mmm dd hh:mm:ss HOST TAG[PID]: MSG`
 *
 * Nothing is cut to the 1024 bytes of RFC 3164 §4.1: the sender applies the limit.
 */
import type { Batch } from '../../dgram-parser/columns/batch.ts';
import type { ByteBlock } from '../../dgram-parser/columns/byte-block.ts';
import { CH } from '../../protocol/char-class.ts';
import { FACILITY } from '../../protocol/priority.ts';
import { bodyBound, writeBody, writeLineEnd } from '../bytes/body.ts';
import { writeDecimal } from '../bytes/digits.ts';
import type { HostLabel, RecordFormat } from '../record-format.ts';
import { TraditionalFormat } from './traditional.ts';

/** `<191>` */
export const PRI_MAX_BYTES = 5;

const SEVERITY_MASK = 7;

/**
 * Writes `<PRI>`. DEVIATION(sysklogd 2.7.2): a mark, whose facility is in no standard, is sent as facility `syslog`
 * with its severity, because peers reject a PRI above 191 or lose the message.
 *
 * @returns the offset after it
 */
export function writePri(pri: number, dst: Buffer, off: number): number {
  const isMark = pri >= FACILITY.mark * 8;
  dst[off] = CH.less;
  const at = writeDecimal(isMark ? FACILITY.syslog * 8 + (pri & SEVERITY_MASK) : pri, dst, off + 1);
  dst[at] = CH.greater;
  return at + 1;
}

/** `<PRI>TAG[PID]: MSG` */
export class BsdForward implements RecordFormat {
  readonly #keep8bit: boolean;

  /** @param keep8bit `-8`: bytes above 0x7f pass as received */
  constructor(keep8bit: boolean) {
    this.#keep8bit = keep8bit;
  }

  bound(batch: Batch, row: number, _host: HostLabel): number {
    return PRI_MAX_BYTES + bodyBound(batch, row);
  }

  write(batch: Batch, row: number, _host: HostLabel, dst: ByteBlock, off: number, crlf: boolean): number {
    let at = writePri(batch.pri[row]!, dst.bytes, off);
    at = writeBody(batch, row, dst, at, this.#keep8bit);
    return writeLineEnd(dst, at, crlf);
  }
}

/** `<PRI>` followed by the traditional line. */
export class Rfc3164Forward implements RecordFormat {
  readonly #line: TraditionalFormat;

  /** @param keep8bit `-8`: bytes above 0x7f pass as received */
  constructor(keep8bit: boolean) {
    this.#line = new TraditionalFormat(keep8bit);
  }

  bound(batch: Batch, row: number, host: HostLabel): number {
    return PRI_MAX_BYTES + this.#line.bound(batch, row, host);
  }

  write(batch: Batch, row: number, host: HostLabel, dst: ByteBlock, off: number, crlf: boolean): number {
    return this.#line.write(batch, row, host, dst, writePri(batch.pri[row]!, dst.bytes, off), crlf);
  }
}
