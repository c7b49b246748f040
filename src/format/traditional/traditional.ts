/**
 * HOT PATH. The traditional line of syslog files: `Mmm dd hh:mm:ss HOST TAG[PID]: TEXT`, or the same with another time
 * stamp.
 *
 * Tag, pid, separator and text of a traditional message are shown as received, made safe; those of an RFC 5424 message
 * are assembled. The time is the sender's wall clock (COMPAT(sysklogd 2.7.2)). Source: RFC 3164 §4.1, syslogd(8).
 */
import type { Batch } from '../../dgram-parser/columns/batch.ts';
import type { ByteBlock } from '../../dgram-parser/columns/byte-block.ts';
import { CH } from '../../protocol/char-class.ts';
import { bodyBound, writeBody, writeLineEnd } from '../bytes/body.ts';
import { copyBytes } from '../bytes/copy.ts';
import type { HostLabel, RecordFormat } from '../record-format.ts';
import type { TimeStamp } from '../bytes/time-stamp.ts';
import { TraditionalTime } from './traditional-time.ts';

/** Blanks after time and host. */
const BLANK_BYTES = 2;

export class TraditionalFormat implements RecordFormat {
  readonly #time: TimeStamp;
  readonly #keep8bit: boolean;

  /**
   * @param keep8bit `-8`: bytes above 0x7f pass as received
   * @param time how the time is written
   */
  constructor(keep8bit: boolean, time: TimeStamp = new TraditionalTime()) {
    this.#keep8bit = keep8bit;
    this.#time = time;
  }

  bound(batch: Batch, row: number, host: HostLabel): number {
    return this.#time.byteCount + host.len + BLANK_BYTES + bodyBound(batch, row);
  }

  write(batch: Batch, row: number, host: HostLabel, dst: ByteBlock, off: number, crlf: boolean): number {
    let at = this.#time.write(batch.timeSec[row]!, batch.timeUsec[row]!, batch.timeOffsetMin[row]!, dst.view, off);
    const { bytes } = dst;
    bytes[at++] = CH.space;
    at = copyBytes(host.bytes, host.off, host.off + host.len, bytes, at);
    bytes[at++] = CH.space;
    at = writeBody(batch, row, dst, at, this.#keep8bit);
    return writeLineEnd(dst, at, crlf);
  }
}
