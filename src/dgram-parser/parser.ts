/**
 * HOT PATH. Bytes to columns: PRI, RFC 5424, and traditional messages (RFC 3164) as found in the field.
 *
 * Every row gets every parser column, whatever its bytes: what cannot be parsed is text. A message is read and moved
 * only inside its slot; nothing is allocated, no strings are made. Escaping is not done here, see sanitize.ts.
 */
import type { Zone } from '../protocol/calendar.ts';
import { LocalZone } from '../protocol/local-zone.ts';
import { CH } from '../protocol/char-class.ts';
import { PRI_DEFAULT, PRI_MAX, PRI_TABLE_SIZE } from '../protocol/priority.ts';
import {
  type Batch,
  F_CLEAN,
  F_CUT,
  F_MSG_HOST,
  F_MSG_TIME,
  F_NO_PRI,
  F_PARSE_FAILED,
  F_RFC5424,
  ORIGIN,
  slotOff,
} from './columns/batch.ts';
import { isCleanRange } from './clean-scan.ts';
import { readCommonHeader } from './header/common-header.ts';
import { HeaderReader } from './header/header-reader.ts';
import type { HostWords } from './header/host-words.ts';
import { Rfc5424Fields, readRfc5424 } from './structured/rfc5424.ts';
import { TagScan } from './header/tag-scan.ts';
import { STAMP_BYTES, TimeReader } from './time/reader.ts';

/** Command line options that decide what a message may say about itself. */
export interface ParseSettings {
  /** `-H`: messages keep the host name they carry. */
  readonly keepHost: boolean;
  /** `-k`: facility `kern` is accepted from messages that did not come from the kernel. */
  readonly keepKern: boolean;
  /** `-T`: the time of receipt is used; the message's own is recognized and dropped. */
  readonly receiptTime: boolean;
}

/** Bits of a priority that hold the severity. */
const SEVERITY_MASK = 7;
/** Priorities of facility `user`. */
const USER_PRI = 8;

/** Parses rows of batches. Holds only scratch memory: no state of a message outlives its row. */
export class DatagramParser {
  private readonly settings: ParseSettings;
  private readonly times: TimeReader;
  private readonly headers: HeaderReader;
  private readonly fields = new Rfc5424Fields();

  /** `zone` applies to times without one; by default that of the process. */
  constructor(settings: ParseSettings, hosts: HostWords, zone: Zone = new LocalZone()) {
    const tags = new TagScan();
    this.settings = settings;
    this.times = new TimeReader(zone, tags);
    this.headers = new HeaderReader(settings.keepHost, hosts, tags);
  }

  /**
   * Shape: reads len, origin, peer, F_CUT and the clock fields; writes every other column of rows `from` to `to` - 1,
   * and the byte after each datagram; may move bytes inside a slot.
   *
   * @returns how many rows have F_PARSE_FAILED.
   */
  parse(batch: Batch, from: number, to: number): number {
    this.times.setNow(batch.nowSec);
    let failed = 0;
    for (let row = from; row < to; row++) {
      const flags = this.parseRow(batch, row);
      if ((flags & F_PARSE_FAILED) !== 0) failed++;
      const body = batch.bodyOff[row]!;
      const clean = isCleanRange(batch.words, batch.bytes, body, batch.endOff[row]!) ? F_CLEAN : 0;
      batch.flags[row] = (batch.flags[row]! & F_CUT) | flags | clean;
    }
    return failed;
  }

  /** @returns the flags of the row, without F_CUT and F_CLEAN */
  private parseRow(batch: Batch, row: number): number {
    const bytes = batch.bytes;
    const begin = slotOff(batch, row);
    const end = begin + batch.len[row]!;
    // In no class: scans stop here, whatever an earlier datagram left after it.
    bytes[end] = CH.nul;
    const last = end > begin ? bytes[end - 1] : CH.space;
    batch.endOff[row] = last === CH.lf || last === CH.nul ? end - 1 : end;
    batch.timeSec[row] = batch.nowSec;
    batch.timeUsec[row] = batch.nowUsec;
    batch.timeOffsetMin[row] = this.times.nowOffsetMin;
    const at = this.readPri(batch, row, begin);
    if (at >= 0 && this.times.readAgain(batch, at, end)) {
      const flags = readCommonHeader(batch, row, begin, at + STAMP_BYTES + 1, this.settings.keepHost);
      if (flags >= 0) return flags | this.takeTime(batch, row);
    }
    clearColumns(batch, row, begin);
    if (at < 0) {
      batch.pri[row] = PRI_DEFAULT;
      return F_NO_PRI;
    }
    if (bytes[at] === CH.one && bytes[at + 1] === CH.space) return this.parseRfc5424(batch, row, at);
    return this.parseTraditional(batch, row, at);
  }

  /** Writes the column pri. @returns the offset after PRI, or -1. Source: RFC 5424 §6.2.1. */
  private readPri(batch: Batch, row: number, begin: number): number {
    const bytes = batch.bytes;
    if (bytes[begin] !== CH.less) return -1;
    let pri = 0;
    let i = begin + 1;
    for (; i < begin + 4; i++) {
      const digit = bytes[i]! - CH.zero;
      if (digit < 0 || digit > 9) break;
      pri = pri * 10 + digit;
    }
    if (i === begin + 1 || bytes[i] !== CH.greater) return -1;
    const origin = batch.origin[row]!;
    if (pri > PRI_MAX && (origin !== ORIGIN.internal || pri >= PRI_TABLE_SIZE)) return -1;
    const isForeign = origin === ORIGIN.local || origin === ORIGIN.network;
    const moved = pri <= SEVERITY_MASK && isForeign && !this.settings.keepKern;
    batch.pri[row] = moved ? pri | USER_PRI : pri;
    return i + 1;
  }

  /** `at` is the offset of the version. */
  private parseRfc5424(batch: Batch, row: number, at: number): number {
    const f = this.fields;
    const times = this.times;
    const isValid =
      readRfc5424(batch.bytes, at + 2, batch.endOff[row]!, f, times.fields) && (!f.hasTime || times.resolve());
    if (!isValid) {
      batch.bodyOff[row] = at;
      batch.textOff[row] = at;
      return F_PARSE_FAILED;
    }
    let flags = F_RFC5424;
    if (f.hasTime) flags |= this.takeTime(batch, row);
    if (f.hostLen > 0) {
      batch.hostOff[row] = f.hostOff;
      batch.hostLen[row] = f.hostLen;
      if (this.settings.keepHost) flags |= F_MSG_HOST;
    }
    if (f.appLen > 0) {
      batch.tagOff[row] = f.appOff;
      batch.tagLen[row] = f.appLen;
    }
    if (f.procLen > 0) {
      batch.pidOff[row] = f.procOff;
      batch.pidLen[row] = f.procLen;
    }
    if (f.msgIdLen > 0) {
      batch.msgIdOff[row] = f.msgIdOff;
      batch.msgIdLen[row] = f.msgIdLen;
    }
    if (f.sdLen > 0) {
      batch.sdOff[row] = f.sdOff;
      batch.sdLen[row] = f.sdLen;
    }
    batch.bodyOff[row] = f.appOff;
    batch.textOff[row] = f.textOff;
    return flags;
  }

  private parseTraditional(batch: Batch, row: number, at: number): number {
    const times = this.times;
    const behind = times.read(batch, at, batch.endOff[row]!);
    if (behind < 0) return this.headers.readTag(batch, row, at);
    const flags = this.takeTime(batch, row);
    if (times.prefixLen === 0) return flags | this.headers.readHostAndTag(batch, row, behind);
    // A sequence number precedes the time: it is moved over the time to the beginning of the text.
    const body = behind - times.prefixLen;
    batch.bytes.copyWithin(body, times.prefixOff, times.prefixOff + times.prefixLen);
    batch.bodyOff[row] = body;
    batch.textOff[row] = body;
    return flags;
  }

  /** @returns flags to set */
  private takeTime(batch: Batch, row: number): number {
    if (this.settings.receiptTime) return 0;
    const times = this.times;
    batch.timeSec[row] = times.sec;
    batch.timeUsec[row] = times.usec;
    batch.timeOffsetMin[row] = times.offsetMin;
    return F_MSG_TIME;
  }
}

/** Sets the columns of a message without any header. Offsets of absent fields stay inside the slot. */
function clearColumns(batch: Batch, row: number, begin: number): void {
  batch.hostOff[row] = begin;
  batch.hostLen[row] = 0;
  batch.tagOff[row] = begin;
  batch.tagLen[row] = 0;
  batch.pidOff[row] = begin;
  batch.pidLen[row] = 0;
  batch.msgIdOff[row] = begin;
  batch.msgIdLen[row] = 0;
  batch.sdOff[row] = begin;
  batch.sdLen[row] = 0;
  batch.bodyOff[row] = begin;
  batch.textOff[row] = begin;
}
