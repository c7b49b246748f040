/**
 * Days, years and zones: the arithmetic between wall clocks and seconds since the epoch.
 *
 * Proleptic Gregorian calendar (RFC 3339 §5); no leap seconds, as in POSIX. HOT PATH of both parsing and formatting:
 * numbers only. Knows no names of months and no formats.
 */

export const DAY_SEC = 86_400;
const HOUR_SEC = 3600;
const MINUTE_SEC = 60;
/** Days from 1 March of year 0 to 1 January 1970. */
const EPOCH_DAY = 719_468;
/** Days in 400 years. */
const ERA_DAYS = 146_097;

const MONTH_DAYS = Uint8Array.of(0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31);

/** @returns whether 29 February exists in `year`. */
export function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** @returns the length of `month` (1 to 12) in `year`; 0 for other months. */
export function daysInMonth(year: number, month: number): number {
  return month === 2 && isLeapYear(year) ? 29 : (MONTH_DAYS[month] ?? 0);
}

/**
 * Counts years from March, so that the leap day is the last day of a year.
 *
 * @returns days since 1970-01-01 of a date; `month` 1 to 12, `day` from 1.
 */
export function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const monthFromMarch = month > 2 ? month - 3 : month + 9;
  const dayOfYear = Math.floor((153 * monthFromMarch + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * ERA_DAYS + dayOfEra - EPOCH_DAY;
}

/** A date that {@link civilFromDays} writes; `month` 1 to 12, `day` from 1. */
export interface CivilDate {
  year: number;
  month: number;
  day: number;
}

/** Writes the date of `days` since 1970-01-01 into `into`. */
export function civilFromDays(days: number, into: CivilDate): void {
  const shifted = days + EPOCH_DAY;
  const era = Math.floor(shifted / ERA_DAYS);
  const dayOfEra = shifted - era * ERA_DAYS;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  into.day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  into.month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  into.year = yearOfEra + era * 400 + (into.month <= 2 ? 1 : 0);
}

/** @returns the year at `wallSec`, the wall clock time as seconds since the epoch */
export function yearOf(wallSec: number): number {
  const civil = { year: 0, month: 0, day: 0 };
  civilFromDays(Math.floor(wallSec / DAY_SEC), civil);
  return civil.year;
}

/** A time zone, as far as the wall clock needs it. */
export interface Zone {
  /** @returns minutes east of UTC at `utcSec`, seconds since the epoch */
  offsetMinAt(utcSec: number): number;
}

/** @returns a zone with one offset for all times. */
export function fixedZone(offsetMin: number): Zone {
  return { offsetMinAt: () => offsetMin };
}

/** @returns a date whose UTC fields show the wall clock time of `zone`, for text that people read */
export function wallDate(zone: Zone, epochMs: number): Date {
  return new Date(epochMs + zone.offsetMinAt(Math.floor(epochMs / 1000)) * MINUTE_SEC * 1000);
}

/**
 * The instant at which clocks of `zone` show `wallSec` (wall clock time as seconds since the epoch). If that time
 * occurs twice, the instant nearer to `nearSec` is taken; if the clocks skip it, the offset before the change applies,
 * as in mktime(3).
 *
 * @returns seconds since the epoch
 */
export function utcFromWall(zone: Zone, wallSec: number, nearSec: number): number {
  const before = zone.offsetMinAt(wallSec - DAY_SEC);
  const after = zone.offsetMinAt(wallSec + DAY_SEC);
  const early = wallSec - before * MINUTE_SEC;
  if (before === after) return early;
  const late = wallSec - after * MINUTE_SEC;
  const earlyFits = zone.offsetMinAt(early) === before;
  const lateFits = zone.offsetMinAt(late) === after;
  if (!lateFits) return early;
  if (!earlyFits) return late;
  return Math.abs(early - nearSec) <= Math.abs(late - nearSec) ? early : late;
}

/** @returns seconds since midnight. */
export function secOfDay(hour: number, minute: number, second: number): number {
  return hour * HOUR_SEC + minute * MINUTE_SEC + second;
}
