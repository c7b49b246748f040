/**
 * POSIX time zone strings, such as `CET-1CEST,M3.5.0,M10.5.0/3`. Source: tzset(3), POSIX.1 §8.3, RFC 8536 §3.3.1.
 *
 * Read as glibc reads them: `<+03>-3`, times from -167 to 167 hours, the rules of the United States if none are given,
 * numbers that are too large cut. Anything unreadable after the standard offset is ignored; any other text is not a
 * zone.
 */
import { DAY_SEC, daysFromCivil, daysInMonth, isLeapYear, yearOf, type Zone } from './calendar.ts';

const NAME = '(?:[A-Za-z]{3,}|<[A-Za-z0-9+-]{3,}>)';
const TIME = '[+-]?\\d{1,3}(?::\\d{1,2}(?::\\d{1,2})?)?';
const RULE = `(?:J\\d{1,3}|\\d{1,3}|M\\d{1,2}\\.\\d\\.\\d)(?:/${TIME})?`;
const STANDARD = new RegExp(`^${NAME}(?<offset>${TIME})(?!\\d)`);
const SUMMER = new RegExp(`^${NAME}(?<offset>${TIME})?(?:,(?<start>${RULE}),(?<end>${RULE})(?![\\d/])|$)`);
/** COMPAT(glibc): for zones that name no rules. */
const DEFAULT_START = 'M3.2.0';
const DEFAULT_END = 'M11.1.0';

const HOUR_SEC = 3600;
const CHANGE_DEFAULT_SEC = 2 * HOUR_SEC;
const OFFSET_MAX_HOURS = 24;
const DAYS_A_WEEK = 7;
/** 1970-01-01 was a Thursday. */
const EPOCH_WEEKDAY = 4;
/** Day number of 1 March in a common year. */
const MARCH_FIRST = 60;

/** A day of every year, and a time of that day. */
interface Change {
  /** @returns days since 1970-01-01 */
  readonly dayIn: (year: number) => number;
  /** Wall clock time, seconds since midnight. */
  readonly timeSec: number;
}

/** @returns null if the text is no such zone */
export function parsePosixZone(text: string): Zone | null {
  const standard = STANDARD.exec(text);
  if (standard === null) return null;
  const offsetSec = eastOf(standard.groups?.['offset'] ?? '');
  const fixed: Zone = { offsetMinAt: () => toMinutes(offsetSec) };
  const summer = SUMMER.exec(text.slice(standard[0].length))?.groups;
  if (summer === undefined) return fixed;
  const start = parseChange(summer['start'] ?? DEFAULT_START);
  const end = parseChange(summer['end'] ?? DEFAULT_END);
  if (start === null || end === null) return fixed;
  const summerSec = summer['offset'] === undefined ? offsetSec + HOUR_SEC : eastOf(summer['offset']);
  return new PosixZone(offsetSec, summerSec, start, end);
}

class PosixZone implements Zone {
  readonly #standardSec: number;
  readonly #summerSec: number;
  readonly #start: Change;
  readonly #end: Change;

  constructor(standardSec: number, summerSec: number, start: Change, end: Change) {
    this.#standardSec = standardSec;
    this.#summerSec = summerSec;
    this.#start = start;
    this.#end = end;
  }

  offsetMinAt(utcSec: number): number {
    const year = yearOf(utcSec + this.#standardSec);
    const start = instantOf(this.#start, year) - this.#standardSec;
    const end = instantOf(this.#end, year) - this.#summerSec;
    const isSummer = start > end ? utcSec < end || utcSec >= start : utcSec >= start && utcSec < end;
    return toMinutes(isSummer ? this.#summerSec : this.#standardSec);
  }
}

function instantOf({ dayIn, timeSec }: Change, year: number): number {
  return dayIn(year) * DAY_SEC + timeSec;
}

function toMinutes(offsetSec: number): number {
  // Avoids negative zero.
  return Math.round(offsetSec / 60) + 0;
}

/** @returns seconds; the sign applies to hours, minutes and seconds */
function parseTime(text: string, maxHours: number): number {
  const [hours = 0, minutes = 0, seconds = 0] = text.replace(/^[+-]/, '').split(':').map(Number);
  const sec = Math.min(hours, maxHours) * HOUR_SEC + Math.min(minutes, 59) * 60 + Math.min(seconds, 59);
  return text.startsWith('-') ? -sec : sec;
}

/** POSIX counts west of Greenwich as positive. */
function eastOf(text: string): number {
  return 0 - parseTime(text, OFFSET_MAX_HOURS);
}

/** @returns null if the day does not exist */
function parseChange(text: string): Change | null {
  const [day = '', time] = text.split('/');
  const dayIn = parseDay(day);
  const timeSec = time === undefined ? CHANGE_DEFAULT_SEC : parseTime(time, Number.POSITIVE_INFINITY);
  return dayIn === null ? null : { dayIn, timeSec };
}

function parseDay(text: string): Change['dayIn'] | null {
  if (text.startsWith('M')) return parseMonthDay(text.slice(1));
  const isJulian = text.startsWith('J');
  const day = Number(text.slice(isJulian ? 1 : 0));
  if (day > 365 || (isJulian && day === 0)) return null;
  if (!isJulian) return (year) => daysFromCivil(year, 1, 1) + day;
  // 29 February is never counted.
  return (year) => daysFromCivil(year, 1, 1) + day - (isLeapYear(year) && day >= MARCH_FIRST ? 0 : 1);
}

/** `month.week.weekday`; week 5 is the last one. */
function parseMonthDay(text: string): Change['dayIn'] | null {
  const [month = 0, week = 0, weekday = 0] = text.split('.').map(Number);
  if (month < 1 || month > 12 || week < 1 || week > 5 || weekday > 6) return null;
  return (year) => {
    const first = daysFromCivil(year, month, 1);
    const firstWeekday = (((first + EPOCH_WEEKDAY) % DAYS_A_WEEK) + DAYS_A_WEEK) % DAYS_A_WEEK;
    let day = ((weekday - firstWeekday + DAYS_A_WEEK) % DAYS_A_WEEK) + (week - 1) * DAYS_A_WEEK;
    if (day >= daysInMonth(year, month)) day -= DAYS_A_WEEK;
    return first + day;
  };
}
