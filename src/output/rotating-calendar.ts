/**
 * Periods of the local calendar, at whose ends files are rotated by time. Pure but for the time zone.
 *
 * Hours end at full hours, days at midnight, weeks at midnight before Sunday (as logrotate(8) and newsyslog(8) have
 * it), months at midnight before the first. A day of 23 or 25 hours is one day. An hour that a change of the clocks
 * repeats counts twice.
 */

export type RotationInterval = 'hourly' | 'daily' | 'weekly' | 'monthly';

const INTERVALS: readonly RotationInterval[] = ['hourly', 'daily', 'weekly', 'monthly'];
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** Epoch milliseconds, UTC; `endMs` is the start of the next period. */
export interface Period {
  readonly startMs: number;
  readonly endMs: number;
}

/** @returns null for a word that names no interval. */
export function parseInterval(word: string): RotationInterval | null {
  return INTERVALS.find((interval) => interval === word) ?? null;
}

/** @returns the period in which `nowMs` lies. */
export function periodAt(interval: RotationInterval, nowMs: number): Period {
  const now = new Date(nowMs);
  if (interval === 'hourly') return hourAt(now);
  const year = now.getFullYear();
  const month = now.getMonth();
  if (interval === 'monthly') return between(new Date(year, month, 1), new Date(year, month + 1, 1));
  const day = interval === 'weekly' ? now.getDate() - now.getDay() : now.getDate();
  const days = interval === 'weekly' ? 7 : 1;
  return between(new Date(year, month, day), new Date(year, month, day + days));
}

function between(start: Date, end: Date): Period {
  return { startMs: start.getTime(), endMs: end.getTime() };
}

/** By the minutes that the clock shows, since a local hour may come twice. */
function hourAt(now: Date): Period {
  const startMs = now.getTime() - now.getMinutes() * MINUTE_MS - (now.getTime() % MINUTE_MS);
  const endMs = startMs + HOUR_MS;
  // Where the clocks change by half an hour, that hour ends later.
  const overMin = new Date(endMs).getMinutes();
  return { startMs, endMs: overMin === 0 ? endMs : endMs + HOUR_MS - overMin * MINUTE_MS };
}
