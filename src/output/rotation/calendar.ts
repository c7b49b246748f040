/**
 * Periods of the local calendar. Files are rotated by time at the end of each.
 *
 * Hours end on the hour, days at midnight, weeks at midnight before Sunday (as in logrotate(8) and newsyslog(8)) and
 * months at midnight before the first. A day of 23 or 25 hours is one day. An hour that is repeated when the clocks
 * change is two hours.
 */

import {
  type CivilDate,
  civilFromDays,
  DAY_SEC,
  daysFromCivil,
  utcFromWall,
  wallDate,
  type Zone,
} from '../../protocol/calendar.ts';

export type RotationInterval = 'hourly' | 'daily' | 'weekly' | 'monthly';

const INTERVALS: readonly RotationInterval[] = ['hourly', 'daily', 'weekly', 'monthly'];
const HOUR_MS = 3_600_000;

/** Epoch milliseconds, UTC; `endMs` is the start of the next period. */
export interface Period {
  readonly startMs: number;
  readonly endMs: number;
}

/** @returns null for a word that is not an interval */
export function parseInterval(word: string): RotationInterval | null {
  return INTERVALS.find((interval) => interval === word) ?? null;
}

/** @returns the period that contains `nowMs` */
export function periodAt(interval: RotationInterval, nowMs: number, zone: Zone): Period {
  const wallMs = wallDate(zone, nowMs).getTime();
  if (interval === 'hourly') return hourAt(nowMs, wallMs, zone);
  const today = Math.floor(wallMs / (DAY_SEC * 1000));
  if (interval === 'monthly') {
    const date: CivilDate = { year: 0, month: 0, day: 0 };
    civilFromDays(today, date);
    const { year, month } = date;
    const next = month === 12 ? daysFromCivil(year + 1, 1, 1) : daysFromCivil(year, month + 1, 1);
    return { startMs: midnight(daysFromCivil(year, month, 1), zone), endMs: midnight(next, zone) };
  }
  if (interval === 'daily') return { startMs: midnight(today, zone), endMs: midnight(today + 1, zone) };
  // 1970-01-01 was a Thursday.
  const sunday = today - ((((today + 4) % 7) + 7) % 7);
  return { startMs: midnight(sunday, zone), endMs: midnight(sunday + 7, zone) };
}

/** The first instant of a day; of two midnights, the earlier one. */
function midnight(day: number, zone: Zone): number {
  const wallSec = day * DAY_SEC;
  return utcFromWall(zone, wallSec, wallSec - 2 * DAY_SEC) * 1000;
}

/** By the minutes that the clock shows, since a local hour may come twice. */
function hourAt(nowMs: number, wallMs: number, zone: Zone): Period {
  const startMs = nowMs - (((wallMs % HOUR_MS) + HOUR_MS) % HOUR_MS);
  const endMs = startMs + HOUR_MS;
  // Where the clocks change by half an hour, that hour ends later.
  const overMs = wallDate(zone, endMs).getTime() % HOUR_MS;
  return { startMs, endMs: overMs === 0 ? endMs : endMs + HOUR_MS - overMs };
}
