/**
 * HOT PATH. Which instant a time stamp means: fills in the year and the zone if they are missing.
 *
 * No zone means the local one. No year means the year that puts the time nearest to now, at most 7 days ahead. A date
 * that the calendar does not have is refused.
 */
import {
  type CivilDate,
  civilFromDays,
  DAY_SEC,
  daysFromCivil,
  daysInMonth,
  utcFromWall,
  type Zone,
} from '../../protocol/calendar.ts';
import { NO_YEAR, NO_ZONE, type TimeFields } from './fields.ts';

/** How far in the future a time without a year may be: clocks differ, and some are wrong. */
const AHEAD_MAX_SEC = 7 * DAY_SEC;
const MINUTE_SEC = 60;

/** Resolves the times of one batch after the other; `sec` and `offsetMin` hold the last result. */
export class TimeResolver {
  /** Seconds since the epoch. */
  sec = 0;
  /** Resolves the times of batch after batch; `sec` and `offsetMin` hold the last result. */
  offsetMin = 0;
  /** Offset of the local zone now. */
  nowOffsetMin = 0;
  private nowSec = Number.NaN;
  private nowYear = 0;
  private readonly zone: Zone;
  private readonly civil: CivilDate = { year: 0, month: 0, day: 0 };

  constructor(zone: Zone) {
    this.zone = zone;
  }

  /** Sets the clock, seconds since the epoch. @returns whether it, or the zone, has changed since the last call. */
  setNow(nowSec: number): boolean {
    const offsetMin = this.zone.offsetMinAt(nowSec);
    if (nowSec === this.nowSec && offsetMin === this.nowOffsetMin) return false;
    this.nowOffsetMin = offsetMin;
    this.nowSec = nowSec;
    civilFromDays(Math.floor((nowSec + this.nowOffsetMin * MINUTE_SEC) / DAY_SEC), this.civil);
    this.nowYear = this.civil.year;
    return true;
  }

  /** @returns false if the date does not exist; then `sec` and `offsetMin` are meaningless */
  resolve(t: TimeFields): boolean {
    if (t.year !== NO_YEAR) return this.place(t, t.year);
    for (let year = this.nowYear + 1; year >= this.nowYear - 1; year--) {
      if (this.place(t, year) && this.sec <= this.nowSec + AHEAD_MAX_SEC) return true;
    }
    return false;
  }

  private place(t: TimeFields, year: number): boolean {
    if (t.day > daysInMonth(year, t.month)) return false;
    const wallSec = daysFromCivil(year, t.month, t.day) * DAY_SEC + t.secOfDay;
    if (t.zoneMin !== NO_ZONE) {
      this.sec = wallSec - t.zoneMin * MINUTE_SEC;
      this.offsetMin = t.zoneMin;
      return true;
    }
    // A year too early for the rule above: no need to ask the zone.
    if (t.year === NO_YEAR && wallSec > this.nowSec + AHEAD_MAX_SEC + DAY_SEC) {
      this.sec = wallSec;
      return true;
    }
    this.sec = utcFromWall(this.zone, wallSec, this.nowSec);
    this.offsetMin = this.zone.offsetMinAt(this.sec);
    return true;
  }
}
