/**
 * HOT PATH. Time stamps as text, made once a second. Source: RFC 3164 §4.1.2, RFC 5424 §6.2.3.
 */
import { type CivilDate, civilFromDays, DAY_SEC } from '../../protocol/calendar.ts';
import { LocalZone } from '../../protocol/local-zone.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const MINUTE_SEC = 60;

/** @returns milliseconds since the epoch */
export function nowMs(): number {
  return Date.now();
}

/** @returns a number with leading zeros */
function digits(value: number, count = 2): string {
  return String(value).padStart(count, '0');
}

/** Local time, as clocks on this machine show it. */
export class Stamp {
  readonly #zone = new LocalZone();
  readonly #civil: CivilDate = { year: 1970, month: 1, day: 1 };
  #sec = Number.NaN;
  #traditional = '';
  /** `2026-11-28T20:11:47` and `+01:00`. */
  #iso = '';
  #offset = '';

  /** @returns `Nov  8 20:11:47`, of seconds since the epoch */
  traditional(sec: number): string {
    if (sec !== this.#sec) this.#make(sec);
    return this.#traditional;
  }

  /** @returns `2026-11-08T20:11:47.123+01:00`, of milliseconds since the epoch */
  iso(ms: number): string {
    const sec = Math.floor(ms / 1000);
    if (sec !== this.#sec) this.#make(sec);
    return `${this.#iso}.${digits(Math.floor(ms - sec * 1000), 3)}${this.#offset}`;
  }

  #make(sec: number): void {
    const offsetMin = this.#zone.offsetMinAt(sec);
    const wallSec = sec + offsetMin * MINUTE_SEC;
    const civil = this.#civil;
    civilFromDays(Math.floor(wallSec / DAY_SEC), civil);
    const inDay = wallSec - Math.floor(wallSec / DAY_SEC) * DAY_SEC;
    const clock = [inDay / 3600, (inDay / 60) % 60, inDay % 60].map((part) => digits(Math.floor(part))).join(':');
    const { year, month, day } = civil;
    this.#traditional = `${MONTHS[month - 1]} ${String(day).padStart(2)} ${clock}`;
    this.#iso = `${digits(year, 4)}-${digits(month)}-${digits(day)}T${clock}`;
    const east = Math.abs(offsetMin);
    this.#offset = `${offsetMin < 0 ? '-' : '+'}${digits(Math.floor(east / 60))}:${digits(east % 60)}`;
    this.#sec = sec;
  }
}
