/**
 * HOT PATH. The traditional line of syslog files: `Mmm dd hh:mm:ss HOST TAG[PID]: TEXT`.
 *
 * Tag, pid, separator and text of a traditional message are shown as they came, made safe; those of an
 * RFC 5424 message are put together. The time is the sender's wall clock (COMPAT(sysklogd 2.7.2)).
 * Source: RFC 3164 §4.1, syslogd(8).
 */
import { type Batch, F_CLEAN, F_RFC5424 } from '../dgram-parser/batch.ts';
import { SANITIZE_MAX_EXPANSION, sanitize } from '../dgram-parser/sanitize.ts';
import { copyBytes } from './copy.ts';
import type { HostLabel, RecordFormat } from './record-format.ts';
import { TRADITIONAL_TIME_BYTES, TraditionalTime } from './traditional-time.ts';

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const COLON = 0x3a;
const OPEN = 0x5b;
const CLOSE = 0x5d;

/** Two blanks, brackets, colon, blank, line end. */
const PUNCTUATION_BYTES = 8;

export class TraditionalFormat implements RecordFormat {
  readonly #time = new TraditionalTime();
  /** `-8`: bytes above 0x7f as they came. */
  readonly #keep8bit: boolean;

  constructor(keep8bit: boolean) {
    this.#keep8bit = keep8bit;
  }

  bound(batch: Batch, row: number, host: HostLabel): number {
    const body = batch.endOff[row]! - batch.bodyOff[row]!;
    const expansion = (batch.flags[row]! & F_CLEAN) !== 0 ? 1 : SANITIZE_MAX_EXPANSION;
    return TRADITIONAL_TIME_BYTES + host.len + body * expansion + PUNCTUATION_BYTES;
  }

  write(batch: Batch, row: number, host: HostLabel, dst: Buffer, off: number, crlf: boolean): number {
    let at = this.#time.write(batch.timeSec[row]! + batch.timeOffsetMin[row]! * 60, dst, off);
    dst[at++] = SPACE;
    at = copyBytes(host.bytes, host.off, host.off + host.len, dst, at);
    dst[at++] = SPACE;
    const flags = batch.flags[row]!;
    if ((flags & F_RFC5424) !== 0) at = this.#writeRfc5424(batch, row, dst, at);
    else if ((flags & F_CLEAN) !== 0) at = copyBytes(batch.bytes, batch.bodyOff[row]!, batch.endOff[row]!, dst, at);
    else at = sanitize(batch.bytes, batch.bodyOff[row]!, batch.endOff[row]!, dst, at, this.#keep8bit);
    if (crlf) dst[at++] = CR;
    dst[at++] = LF;
    return at;
  }

  /** `APP[PROCID]: MSG`; APP-NAME, PROCID are printable by their grammar. Without APP-NAME: `MSG`. */
  #writeRfc5424(batch: Batch, row: number, dst: Buffer, off: number): number {
    let at = off;
    const tagLen = batch.tagLen[row]!;
    if (tagLen > 0) {
      at = copyBytes(batch.bytes, batch.tagOff[row]!, batch.tagOff[row]! + tagLen, dst, at);
      const pidLen = batch.pidLen[row]!;
      if (pidLen > 0) {
        dst[at++] = OPEN;
        at = copyBytes(batch.bytes, batch.pidOff[row]!, batch.pidOff[row]! + pidLen, dst, at);
        dst[at++] = CLOSE;
      }
      dst[at++] = COLON;
      dst[at++] = SPACE;
    }
    if ((batch.flags[row]! & F_CLEAN) !== 0)
      return copyBytes(batch.bytes, batch.textOff[row]!, batch.endOff[row]!, dst, at);
    return sanitize(batch.bytes, batch.textOff[row]!, batch.endOff[row]!, dst, at, this.#keep8bit);
  }
}
