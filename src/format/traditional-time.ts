/**
 * HOT PATH. `Mmm dd hh:mm:ss` of RFC 3164 §4.1.2, the day padded with a space, written from seconds.
 *
 * The last text is kept: records of the same second cost one copy of 15 bytes.
 */

/** Bytes of a traditional time stamp. */
export const TRADITIONAL_TIME_BYTES = 15;

const MONTHS = Buffer.from('JanFebMarAprMayJunJulAugSepOctNovDec', 'latin1');
const DAY_SEC = 86_400;
const SPACE = 0x20;
const COLON = 0x3a;
const ZERO = 0x30;

export class TraditionalTime {
  readonly #text = new Uint8Array(TRADITIONAL_TIME_BYTES);
  #wallSec = Number.NaN;

  /**
   * Writes 15 bytes.
   *
   * @param wallSec seconds since the epoch plus the zone's offset: the wall clock that is shown
   * @returns the offset behind them
   */
  write(wallSec: number, dst: Uint8Array, off: number): number {
    if (wallSec !== this.#wallSec) this.#render(wallSec);
    const text = this.#text;
    for (let i = 0; i < TRADITIONAL_TIME_BYTES; i++) dst[off + i] = text[i]!;
    return off + TRADITIONAL_TIME_BYTES;
  }

  #render(wallSec: number): void {
    this.#wallSec = wallSec;
    const text = this.#text;
    const days = Math.floor(wallSec / DAY_SEC);
    const second = wallSec - days * DAY_SEC;
    // Gregorian calendar from a day number, counted in eras of 400 years that begin in March.
    const shifted = days + 719_468;
    const dayOfEra = shifted - Math.floor(shifted / 146_097) * 146_097;
    const yearOfEra = Math.floor(
      (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
    );
    const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
    const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
    const day = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1;
    const monthIdx = (marchMonth + 2) % 12;
    for (let i = 0; i < 3; i++) text[i] = MONTHS[monthIdx * 3 + i]!;
    text[3] = SPACE;
    text[4] = day < 10 ? SPACE : ZERO + Math.floor(day / 10);
    text[5] = ZERO + (day % 10);
    text[6] = SPACE;
    this.#twoDigits(7, Math.floor(second / 3600));
    text[9] = COLON;
    this.#twoDigits(10, Math.floor(second / 60) % 60);
    text[12] = COLON;
    this.#twoDigits(13, second % 60);
  }

  #twoDigits(at: number, value: number): void {
    this.#text[at] = ZERO + Math.floor(value / 10);
    this.#text[at + 1] = ZERO + (value % 10);
  }
}
