/**
 * HOT PATH. The time stamps of traditional messages (RFC 3164 §4.1.2) in the shapes that devices really send:
 *
 *   Nov 20 22:14:15          Nov  2, Nov 2, Nov 02; any case
 *   Nov 20 2024 22:14:15     2024 Nov 20 22:14:15     Nov 20 22:14:15 2024
 *   Nov 20 22:14:15.123      Nov 20 22:14:15:         *Nov 20 22:14:15   .Nov 20 22:14:15
 *   Nov 20 22:14:15 UTC:     Aug 24 05:34:00 CST 1987
 *
 * Each must be followed by a blank or the end of the message. The date is not checked against the calendar, see
 * resolver.ts.
 */
import { C_UPPER, CH, CHAR_CLASS, isDigit } from '../../protocol/char-class.ts';
import type { TagScan } from '../header/tag-scan.ts';
import { endOfStamp, NO_YEAR, NO_ZONE, readClock, readFourDigits, type TimeFields } from './fields.ts';

/** A number after the time is a year only in this range: it could also be the first word of the text. */
const LATE_YEAR_MIN = 1970;
const LATE_YEAR_MAX = 2099;
const ZONE_MAX_LETTERS = 4;

/** Three or four letters as one number; months in lower case. */
function pack(word: string): number {
  let packed = 0;
  for (const char of word) packed = (packed << 8) | char.charCodeAt(0);
  return packed;
}

const MONTHS = Int32Array.from(
  ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
  pack,
);

/**
 * Zone names and their minutes east of UTC: those of RFC 2822 §4.3, and some that are unambiguous. Any other word stays
 * in the text.
 */
const ZONES: ReadonlyArray<readonly [string, number]> = [
  ['UTC', 0],
  ['GMT', 0],
  ['Z', 0],
  ['EST', -300],
  ['EDT', -240],
  ['CST', -360],
  ['CDT', -300],
  ['MST', -420],
  ['MDT', -360],
  ['PST', -480],
  ['PDT', -420],
  ['WET', 0],
  ['WEST', 60],
  ['CET', 60],
  ['CEST', 120],
  ['EET', 120],
  ['EEST', 180],
  ['MSK', 180],
  ['JST', 540],
  ['KST', 540],
  ['AEST', 600],
  ['AEDT', 660],
  ['NZST', 720],
  ['NZDT', 780],
];
const ZONE_WORDS = Int32Array.from(ZONES, ([word]) => pack(word));
const ZONE_MINUTES = Int32Array.from(ZONES, ([, minutes]) => minutes);

/** @returns 1 to 12; 0: the three bytes are not a month */
function readMonth(bytes: Uint8Array, at: number): number {
  const packed = ((bytes[at]! | 0x20) << 16) | ((bytes[at + 1]! | 0x20) << 8) | bytes[at + 2]! | 0x20;
  for (let i = 0; i < MONTHS.length; i++) if (MONTHS[i] === packed) return i + 1;
  return 0;
}

/**
 * Reads a time stamp at `at`. `tags` tells whether a header follows a number that may be the year.
 *
 * @returns the offset after the time stamp, its colon and one blank; -1: none
 */
export function readBsdTime(bytes: Uint8Array, at: number, end: number, tags: TagScan, t: TimeFields): number {
  let i = bytes[at] === CH.star || bytes[at] === CH.dot ? at + 1 : at;
  t.year = NO_YEAR;
  t.zoneMin = NO_ZONE;
  if (isDigit(bytes[i]!)) {
    t.year = readFourDigits(bytes, i);
    if (t.year < 0 || bytes[i + 4] !== CH.space) return -1;
    i += 5;
  }
  if (bytes[i + 3] !== CH.space) return -1;
  t.month = readMonth(bytes, i);
  if (t.month === 0) return -1;
  i = readDay(bytes, bytes[i + 4] === CH.space ? i + 5 : i + 4, t);
  if (i < 0) return -1;
  if (t.year === NO_YEAR && isDigit(bytes[i]!) && isDigit(bytes[i + 1]!) && isDigit(bytes[i + 2]!)) {
    t.year = readFourDigits(bytes, i);
    if (t.year < 0 || bytes[i + 4] !== CH.space) return -1;
    i += 5;
  }
  i = readClock(bytes, i, true, t);
  return i < 0 ? -1 : readTail(bytes, i, end, tags, t);
}

/** Reads one or two digits and a blank. @returns the offset after them, or -1 */
function readDay(bytes: Uint8Array, at: number, t: TimeFields): number {
  if (!isDigit(bytes[at]!)) return -1;
  let day = bytes[at]! - CH.zero;
  let i = at + 1;
  if (isDigit(bytes[i]!)) {
    day = day * 10 + bytes[i]! - CH.zero;
    i++;
  }
  t.day = day;
  return day === 0 || bytes[i] !== CH.space ? -1 : i + 1;
}

/** Reads what may come between the time of day and the blank that ends the time stamp. */
function readTail(bytes: Uint8Array, at: number, end: number, tags: TagScan, t: TimeFields): number {
  const behind = endOfStamp(bytes, at, end);
  if (behind < 0 || bytes[at] === CH.colon) return behind;
  const next = bytes[behind]!;
  if ((CHAR_CLASS[next]! & C_UPPER) !== 0) {
    const zoned = readZoneName(bytes, behind, end, t);
    return zoned < 0 ? behind : zoned;
  }
  if (t.year !== NO_YEAR || !isDigit(next)) return behind;
  const year = readFourDigits(bytes, behind);
  const afterYear = year < LATE_YEAR_MIN || year > LATE_YEAR_MAX ? -1 : endOfStamp(bytes, behind + 4, end);
  if (afterYear < 0) return behind;
  const isCertain = bytes[behind + 4] === CH.colon || afterYear === end;
  if (!isCertain && !tags.headerFollows(bytes, afterYear, end)) return behind;
  t.year = year;
  return afterYear;
}

/** Reads `UTC: ` or `UTC 1987 `: a zone alone could be a host name. @returns the offset after it, or -1 */
function readZoneName(bytes: Uint8Array, at: number, end: number, t: TimeFields): number {
  let packed = 0;
  let i = at;
  while (i - at <= ZONE_MAX_LETTERS && (CHAR_CLASS[bytes[i]!]! & C_UPPER) !== 0) packed = (packed << 8) | bytes[i++]!;
  const known = i - at > ZONE_MAX_LETTERS ? -1 : ZONE_WORDS.indexOf(packed);
  if (known < 0) return -1;
  let behind = endOfStamp(bytes, i, end);
  if (behind < 0) return -1;
  if (bytes[i] !== CH.colon) {
    if (t.year !== NO_YEAR) return -1;
    const year = readFourDigits(bytes, behind);
    behind = year < 0 ? -1 : endOfStamp(bytes, behind + 4, end);
    if (behind < 0) return -1;
    t.year = year;
  }
  t.zoneMin = ZONE_MINUTES[known]!;
  return behind;
}
