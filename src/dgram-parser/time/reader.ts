/**
 * HOT PATH. The time stamp of a traditional message: finds it and determines its shape and the instant it means.
 *
 * Senders repeat themselves: the last plain stamp of 15 bytes is remembered with its result. It is forgotten when the
 * clock moves on, because the year of a stamp depends on the clock.
 */
import type { Zone } from '../../protocol/calendar.ts';
import { C_HOST, C_UPPER, CH, CHAR_CLASS, isDigit } from '../../protocol/char-class.ts';
import { readBsdTime } from './bsd-time.ts';
import type { ByteBlock } from '../columns/byte-block.ts';
import { readIsoTime } from './iso-time.ts';
import { skipBlanks, type TagScan } from '../header/tag-scan.ts';
import { endOfStamp, TimeFields } from './fields.ts';
import { TimeResolver } from './resolver.ts';

/** `Mmm dd hh:mm:ss` */
export const STAMP_BYTES = 15;
/** Words with a colon that may precede a time: `148: router1: 000146: Nov 20 …`. */
const PREFIX_MAX_WORDS = 3;

/** Reads time stamps; the fields hold the last result. */
export class TimeReader {
  readonly fields = new TimeFields();
  /** Seconds since the epoch. */
  sec = 0;
  usec = 0;
  offsetMin = 0;
  /** Words before the time, see {@link TimeReader.read}. */
  prefixOff = 0;
  prefixLen = 0;
  private readonly resolver: TimeResolver;
  private readonly tags: TagScan;
  private isStampValid = false;
  /** The remembered stamp: its words at the offsets 0, 4, 8 and 11. */
  private stamp0 = 0;
  private stamp4 = 0;
  private stamp8 = 0;
  private stamp11 = 0;
  private stampSec = 0;
  private stampOffsetMin = 0;

  constructor(zone: Zone, tags: TagScan) {
    this.resolver = new TimeResolver(zone);
    this.tags = tags;
  }

  /** Sets the clock, seconds since the epoch. */
  setNow(nowSec: number): void {
    if (this.resolver.setNow(nowSec)) this.isStampValid = false;
  }

  /** Minutes east of UTC of the local zone, now. */
  get nowOffsetMin(): number {
    return this.resolver.nowOffsetMin;
  }

  /** Turns {@link TimeReader.fields} into an instant. @returns false if the date does not exist */
  resolve(): boolean {
    if (!this.resolver.resolve(this.fields)) return false;
    this.sec = this.resolver.sec;
    this.usec = this.fields.usec;
    this.offsetMin = this.resolver.offsetMin;
    return true;
  }

  /**
   * Reads the time stamp of a message whose content begins at `at`. It may be preceded by blanks, the `: ` of NX-OS, or
   * Cisco's sequence number and names (`38: `, `38: router1: `); prefixOff and prefixLen say where such words are.
   *
   * @returns the offset after it, its colon and one blank; -1: none
   */
  read(block: ByteBlock, at: number, end: number): number {
    const { bytes } = block;
    this.prefixLen = 0;
    if (this.readAgain(block, at, end) && !mayGoOn(bytes, at + STAMP_BYTES + 1)) return at + STAMP_BYTES + 1;
    const begin = skipBlanks(bytes, at);
    const behind = this.readStamp(block, begin, end);
    if (behind >= 0) return behind;
    if (bytes[begin] === CH.colon && bytes[begin + 1] === CH.space) return this.readStamp(block, begin + 2, end);
    return isDigit(bytes[begin]!) ? this.readBehindPrefix(block, begin, end) : -1;
  }

  /**
   * @returns whether the remembered stamp and a blank are at `at`: then its results are still valid, unless a year or a
   *   zone follows
   */
  readAgain({ view, bytes }: ByteBlock, at: number, end: number): boolean {
    if (!this.isStampValid || end - at <= STAMP_BYTES) return false;
    // Backwards: the seconds differ first.
    if (view.getInt32(at + 11, true) !== this.stamp11 || view.getInt32(at + 8, true) !== this.stamp8) return false;
    if (view.getInt32(at + 4, true) !== this.stamp4 || view.getInt32(at, true) !== this.stamp0) return false;
    if (bytes[at + STAMP_BYTES] !== CH.space) return false;
    this.sec = this.stampSec;
    this.usec = 0;
    this.offsetMin = this.stampOffsetMin;
    return true;
  }

  private readStamp(block: ByteBlock, at: number, end: number): number {
    const { bytes } = block;
    let behind = -1;
    if (bytes[at + 4] === CH.dash) {
      const stop = readIsoTime(bytes, at, true, this.fields);
      if (stop >= 0) behind = endOfStamp(bytes, stop, end);
    } else {
      behind = readBsdTime(bytes, at, end, this.tags, this.fields);
    }
    if (behind < 0 || !this.resolve()) return -1;
    if (behind === at + STAMP_BYTES + 1) this.remember(block.view, at);
    return behind;
  }

  private remember(view: DataView, at: number): void {
    this.stamp0 = view.getInt32(at, true);
    this.stamp4 = view.getInt32(at + 4, true);
    this.stamp8 = view.getInt32(at + 8, true);
    this.stamp11 = view.getInt32(at + 11, true);
    this.stampSec = this.sec;
    this.stampOffsetMin = this.offsetMin;
    this.isStampValid = true;
  }

  private readBehindPrefix(block: ByteBlock, begin: number, end: number): number {
    const { bytes } = block;
    let i = begin;
    while (isDigit(bytes[i]!)) i++;
    for (let words = 0; words < PREFIX_MAX_WORDS; words++) {
      if (bytes[i] !== CH.colon || bytes[i + 1] !== CH.space) return -1;
      const at = skipBlanks(bytes, i + 2);
      const behind = this.readStamp(block, at, end);
      if (behind >= 0) {
        this.prefixOff = begin;
        this.prefixLen = at - begin;
        return behind;
      }
      for (i = at; (CHAR_CLASS[bytes[i]!]! & C_HOST) !== 0 && bytes[i] !== CH.colon; i++);
      if (i === at) return -1;
    }
    return -1;
  }
}

/** @returns whether a year or a zone may begin at `at`, after a time stamp */
function mayGoOn(bytes: Uint8Array, at: number): boolean {
  const next = bytes[at]!;
  // An upper-case word may be a zone.
  if (!isDigit(next)) return (CHAR_CLASS[next]! & C_UPPER) !== 0;
  // Four digits may be a year, also at the end of the message.
  const stop = bytes[at + 4]!;
  return stop <= CH.space || stop === CH.colon;
}
