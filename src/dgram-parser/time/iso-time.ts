/**
 * HOT PATH. ISO 8601 times: the strict form of RFC 5424 §6.2.3 (RFC 3339), and the looser ones that
 * traditional messages carry.
 *
 * Does not check the day against the month, see resolver.ts.
 */
import { CH } from '../../protocol/char-class.ts';
import { NO_ZONE, readClock, readFourDigits, readTwoDigits, type TimeFields } from './fields.ts';

/** Bit that makes an ASCII letter lower case. */
const LOWER = 0x20;
const HOUR_MIN = 60;

/**
 * Reads `yyyy-mm-ddThh:mm:ss[.fraction][zone]`, the zone `Z`, `±hh:mm` or `±hhmm`, or none. `loose` also accepts a
 * blank for the T, a comma for the dot, and a zone `±hh`.
 *
 * DEVIATION(RFC 5424 §6.2.3): second 60, a fraction of no digits or more than six, `t`, `z`, `±hhmm` and a missing zone
 * are accepted.
 *
 * @returns the offset after it, or -1
 */
export function readIsoTime(bytes: Uint8Array, at: number, loose: boolean, t: TimeFields): number {
  if (bytes[at + 4] !== CH.dash) return -1;
  const year = readFourDigits(bytes, at);
  if (year < 0) return -1;
  const month = readTwoDigits(bytes, at + 5);
  if (month < 1 || month > 12 || bytes[at + 7] !== CH.dash) return -1;
  const day = readTwoDigits(bytes, at + 8);
  if (day < 1) return -1;
  const between = bytes[at + 10]!;
  if ((between | LOWER) !== CH.lowerT && !(loose && between === CH.space)) return -1;
  const zoneAt = readClock(bytes, at + 11, loose, t);
  if (zoneAt < 0) return -1;
  t.year = year;
  t.month = month;
  t.day = day;
  return readZone(bytes, zoneAt, loose, t);
}

function readZone(bytes: Uint8Array, at: number, loose: boolean, t: TimeFields): number {
  const sign = bytes[at]!;
  if ((sign | LOWER) === CH.lowerZ) {
    t.zoneMin = 0;
    return at + 1;
  }
  if (sign !== CH.plus && sign !== CH.dash) {
    t.zoneMin = NO_ZONE;
    return at;
  }
  const hours = readTwoDigits(bytes, at + 1);
  if (hours < 0 || hours > 23) return -1;
  let i = bytes[at + 3] === CH.colon ? at + 4 : at + 3;
  let minutes = readTwoDigits(bytes, i);
  if (minutes >= 0) i += 2;
  else if (loose && i === at + 3) minutes = 0;
  else return -1;
  if (minutes > 59) return -1;
  const zone = hours * HOUR_MIN + minutes;
  t.zoneMin = sign === CH.dash ? 0 - zone : zone;
  return i;
}
