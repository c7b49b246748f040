/**
 * HOT PATH. The result of the readers of time stamps, and the part that all shapes share: `hh:mm:ss` with a fraction.
 * Syntax only; resolver.ts decides which instant is meant.
 */
import { CH, isDigit } from '../../protocol/char-class.ts';
import { secOfDay } from '../../protocol/calendar.ts';

/** The time stamp names no year. */
export const NO_YEAR = -1;
/** The time stamp names no zone. */
export const NO_ZONE = -32_768;

/** Significant digits of a fraction; further ones are skipped. */
const USEC_DIGITS = 6;

/** The parts of a time stamp, overwritten by each reader. */
export class TimeFields {
  /** Or {@link NO_YEAR}. */
  year = NO_YEAR;
  /** 1 to 12. */
  month = 0;
  /** 1 to 31, not yet checked against the month. */
  day = 0;
  /** 0 to 86400: a leap second counts as the second after it. */
  secOfDay = 0;
  usec = 0;
  /** Minutes east of UTC, or {@link NO_ZONE}. */
  zoneMin = NO_ZONE;
}

/** @returns the number in two digits at `at`, or -1 */
export function readTwoDigits(bytes: Uint8Array, at: number): number {
  const tens = bytes[at]! - CH.zero;
  if (tens < 0 || tens > 9) return -1;
  const ones = bytes[at + 1]! - CH.zero;
  return ones < 0 || ones > 9 ? -1 : tens * 10 + ones;
}

/** @returns the number in four digits at `at`, or -1 */
export function readFourDigits(bytes: Uint8Array, at: number): number {
  const high = readTwoDigits(bytes, at);
  if (high < 0) return -1;
  const low = readTwoDigits(bytes, at + 2);
  return low < 0 ? -1 : high * 100 + low;
}

/**
 * Reads `hh:mm:ss` and a fraction after a dot, or after a comma if `comma` allows it; its digits may be missing.
 *
 * @returns the offset after it; -1 if it is not a time of day
 */
export function readClock(bytes: Uint8Array, at: number, comma: boolean, t: TimeFields): number {
  const hour = readTwoDigits(bytes, at);
  if (hour < 0 || hour > 23 || bytes[at + 2] !== CH.colon) return -1;
  const minute = readTwoDigits(bytes, at + 3);
  if (minute < 0 || minute > 59 || bytes[at + 5] !== CH.colon) return -1;
  const second = readTwoDigits(bytes, at + 6);
  if (second < 0 || second > 60) return -1;
  t.secOfDay = secOfDay(hour, minute, second);
  t.usec = 0;
  const point = bytes[at + 8]!;
  if (point === CH.dot || (comma && point === CH.comma)) return readFraction(bytes, at + 9, t);
  return at + 8;
}

function readFraction(bytes: Uint8Array, at: number, t: TimeFields): number {
  let usec = 0;
  let i = at;
  for (; isDigit(bytes[i]!); i++) {
    if (i - at < USEC_DIGITS) usec = usec * 10 + bytes[i]! - CH.zero;
  }
  for (let k = i - at; k < USEC_DIGITS; k++) usec *= 10;
  t.usec = usec;
  return i;
}

/** @returns the offset after a blank, a colon and a blank, or the end of the message, at `at`; -1: none of these */
export function endOfStamp(bytes: Uint8Array, at: number, end: number): number {
  if (bytes[at] === CH.space) return at + 1;
  if (at === end) return at;
  if (bytes[at] !== CH.colon) return -1;
  if (bytes[at + 1] === CH.space) return at + 2;
  return at + 1 === end ? end : -1;
}
