/**
 * One timer for all files that are rotated by time.
 *
 * It checks the system clock at least once a minute, since that clock may be set, and timers stop while the machine
 * sleeps.
 */
import type { Zone } from '../../protocol/calendar.ts';
import { LocalZone } from '../../protocol/local-zone.ts';
import { type Period, periodAt, type RotationInterval } from './calendar.ts';

const LOOK_MS = 60_000;

/** The periods of one file. */
export class RotationCalendar {
  readonly #interval: RotationInterval;
  readonly #zone: Zone;
  #period: Period;

  constructor(interval: RotationInterval, nowMs: number, zone: Zone) {
    this.#interval = interval;
    this.#zone = zone;
    this.#period = periodAt(interval, nowMs, zone);
  }

  get endMs(): number {
    return this.#period.endMs;
  }

  /** @returns whether the time, epoch milliseconds, is before the current period */
  isBefore(timeMs: number): boolean {
    return timeMs < this.#period.startMs;
  }

  /** @returns true once after every end of a period. */
  advance(nowMs: number): boolean {
    const { startMs, endMs } = this.#period;
    if (nowMs >= endMs) {
      this.#period = periodAt(this.#interval, nowMs, this.#zone);
      return true;
    }
    // The clock was far ahead and was corrected. A small step back must not end a period twice.
    if (nowMs < startMs - (endMs - startMs)) this.#period = periodAt(this.#interval, nowMs, this.#zone);
    return false;
  }
}

export class RotationClock {
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly zone: Zone;
  readonly #calendars = new Map<RotationCalendar, () => void>();
  #timer: NodeJS.Timeout | null = null;

  constructor(now: () => number = Date.now, zone: Zone = new LocalZone()) {
    this.now = now;
    this.zone = zone;
  }

  /** Calls `ended` after each period of `calendar`. @returns a function that stops that */
  add(calendar: RotationCalendar, ended: () => void): () => void {
    this.#calendars.set(calendar, ended);
    this.#arm();
    return () => {
      this.#calendars.delete(calendar);
      this.#arm();
    };
  }

  /** Checks the clock now. */
  readonly look = (): void => {
    const nowMs = this.now();
    for (const [calendar, ended] of [...this.#calendars]) if (calendar.advance(nowMs)) ended();
    this.#arm();
  };

  #arm(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#calendars.size === 0) return;
    const endMs = Math.min(...[...this.#calendars.keys()].map((calendar) => calendar.endMs));
    const delayMs = Math.min(LOOK_MS, Math.max(1, endMs - this.now()));
    this.#timer = setTimeout(this.look, delayMs).unref();
  }
}
