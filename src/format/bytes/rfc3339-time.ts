/**
 * HOT PATH. `yyyy-mm-ddThh:mm:ss.uuuuuu±hh:mm`, the time of RFC 3339 §5.6 with all six digits of RFC 5424 §6.2.3.
 *
 * COMPAT(sysklogd 2.7.2): UTC is written as `+00:00`, never as `Z`, so that every time has the same length. The last
 * text is cached; records of the same second rewrite only the six digits. Years are 0000 to 9999: a leap second at the
 * end of the last one is shown as the second before it.
 */
import { copyWords, viewOf } from '../../dgram-parser/columns/byte-block.ts';
import { type CivilDate, civilFromDays, DAY_SEC } from '../../protocol/calendar.ts';
import { CH } from '../../protocol/char-class.ts';
import { writeTwoDigits } from './digits.ts';
import type { TimeStamp } from './time-stamp.ts';

const TEXT_BYTES = 32;
const USEC_OFF = 20;
const ZONE_OFF = 26;
const MINUTE_SEC = 60;
/** 0000-01-01T00:00:00 and 9999-12-31T23:59:59. */
const WALL_MIN_SEC = -62_167_219_200;
const WALL_MAX_SEC = 253_402_300_799;

export class Rfc3339Time implements TimeStamp {
  readonly byteCount = TEXT_BYTES;
  readonly #text = Uint8Array.from(Buffer.from('0000-01-01T00:00:00.000000+00:00', 'latin1'));
  readonly #view = viewOf(this.#text);
  readonly #civil: CivilDate = { year: 0, month: 0, day: 0 };
  #wallSec = Number.NaN;
  #usec = 0;
  #offsetMin = 0;

  write(sec: number, usec: number, offsetMin: number, dst: DataView, off: number): number {
    const wallSec = sec + offsetMin * MINUTE_SEC;
    if (wallSec !== this.#wallSec) this.#renderSecond(wallSec);
    if (usec !== this.#usec) this.#renderFraction(usec);
    if (offsetMin !== this.#offsetMin) this.#renderZone(offsetMin);
    return copyWords(this.#view, 0, TEXT_BYTES, dst, off);
  }

  #renderSecond(wallSec: number): void {
    this.#wallSec = wallSec;
    const text = this.#text;
    const shown = Math.min(Math.max(wallSec, WALL_MIN_SEC), WALL_MAX_SEC);
    const days = Math.floor(shown / DAY_SEC);
    const second = shown - days * DAY_SEC;
    civilFromDays(days, this.#civil);
    const { year, month, day } = this.#civil;
    writeTwoDigits(Math.floor(year / 100), text, 0);
    writeTwoDigits(year % 100, text, 2);
    writeTwoDigits(month, text, 5);
    writeTwoDigits(day, text, 8);
    writeTwoDigits(Math.floor(second / 3600), text, 11);
    writeTwoDigits(Math.floor(second / 60) % 60, text, 14);
    writeTwoDigits(second % 60, text, 17);
  }

  #renderFraction(usec: number): void {
    this.#usec = usec;
    const text = this.#text;
    const high = Math.floor(usec / 10_000);
    const low = usec - high * 10_000;
    const middle = Math.floor(low / 100);
    writeTwoDigits(high, text, USEC_OFF);
    writeTwoDigits(middle, text, USEC_OFF + 2);
    writeTwoDigits(low - middle * 100, text, USEC_OFF + 4);
  }

  #renderZone(offsetMin: number): void {
    this.#offsetMin = offsetMin;
    const text = this.#text;
    const minutes = Math.abs(offsetMin);
    text[ZONE_OFF] = offsetMin < 0 ? CH.dash : CH.plus;
    writeTwoDigits(Math.floor(minutes / 60), text, ZONE_OFF + 1);
    writeTwoDigits(minutes % 60, text, ZONE_OFF + 4);
  }
}
