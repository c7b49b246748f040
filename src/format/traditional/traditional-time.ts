/**
 * HOT PATH. `Mmm dd hh:mm:ss` of RFC 3164 §4.1.2, the day padded with a space, written from seconds.
 *
 * The last text is cached: records of the same second cost one copy of 15 bytes.
 */
import { copyWords, viewOf } from '../../dgram-parser/columns/byte-block.ts';
import { type CivilDate, civilFromDays, DAY_SEC } from '../../protocol/calendar.ts';
import { CH } from '../../protocol/char-class.ts';
import { writeTwoDigits } from '../bytes/digits.ts';
import type { TimeStamp } from '../bytes/time-stamp.ts';

const TEXT_BYTES = 15;
const MONTHS = Buffer.from('JanFebMarAprMayJunJulAugSepOctNovDec', 'latin1');
const MINUTE_SEC = 60;

export class TraditionalTime implements TimeStamp {
  readonly byteCount = TEXT_BYTES;
  readonly #text = Uint8Array.from(Buffer.from('Jan  1 00:00:00', 'latin1'));
  readonly #view = viewOf(this.#text);
  readonly #civil: CivilDate = { year: 0, month: 0, day: 0 };
  #wallSec = Number.NaN;

  write(sec: number, _usec: number, offsetMin: number, dst: DataView, off: number): number {
    const wallSec = sec + offsetMin * MINUTE_SEC;
    if (wallSec !== this.#wallSec) this.#render(wallSec);
    return copyWords(this.#view, 0, TEXT_BYTES, dst, off);
  }

  #render(wallSec: number): void {
    this.#wallSec = wallSec;
    const text = this.#text;
    const days = Math.floor(wallSec / DAY_SEC);
    const second = wallSec - days * DAY_SEC;
    civilFromDays(days, this.#civil);
    const { month, day } = this.#civil;
    for (let i = 0; i < 3; i++) text[i] = MONTHS[month * 3 - 3 + i]!;
    writeTwoDigits(day, text, 4);
    if (day < 10) text[4] = CH.space;
    writeTwoDigits(Math.floor(second / 3600), text, 7);
    writeTwoDigits(Math.floor(second / 60) % 60, text, 10);
    writeTwoDigits(second % 60, text, 13);
  }
}
