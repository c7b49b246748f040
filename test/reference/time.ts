/**
 * The reference for time stamps: what src/dgram-parser/time/bsd-time, iso-time and time-resolver do, by regular
 * expressions and `Date`. Slow, and as obvious as the matter allows. Strings hold one byte a character.
 */
import { headerFollows } from './words.ts';

/** A clock, and the zone of times without one. */
export interface Clock {
  readonly nowSec: number;
  readonly offsetMin: number;
}

export interface ReferenceTime {
  /** Seconds since the epoch. */
  readonly sec: number;
  readonly usec: number;
  readonly offsetMin: number;
  /** Offset behind the time stamp, its colon and one blank. */
  readonly behind: number;
}

interface Fields {
  year: number | null;
  month: number;
  day: number;
  clock: string;
  /** Minutes east of UTC. */
  zone: number | null;
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEK_SEC = 7 * 86_400;
const ZONES: Readonly<Record<string, number>> = {
  ...{ UTC: 0, GMT: 0, Z: 0, EST: -300, EDT: -240, CST: -360, CDT: -300, MST: -420, MDT: -360, PST: -480 },
  ...{ PDT: -420, WET: 0, WEST: 60, CET: 60, CEST: 120, EET: 120, EEST: 180, MSK: 180, JST: 540, KST: 540 },
  ...{ AEST: 600, AEDT: 660, NZST: 720, NZDT: 780 },
};

const CLOCK = '(?<clock>\\d\\d:\\d\\d:\\d\\d(?:[.,]\\d*)?)';
const STRICT_CLOCK = '(?<clock>\\d\\d:\\d\\d:\\d\\d(?:\\.\\d*)?)';
const DATE = '(?<year>\\d{4})-(?<month>\\d\\d)-(?<day>\\d\\d)';
const ISO_STRICT = new RegExp(`${DATE}[Tt]${STRICT_CLOCK}(?:[Zz]|(?<zone>[+-]\\d\\d:?\\d\\d)|(?![+-]))`, 'y');
const ISO_LOOSE = new RegExp(`${DATE}[Tt ]${CLOCK}(?:[Zz]|(?<zone>[+-]\\d\\d(?::?\\d\\d|(?!:)))|(?![+-]))`, 'y');
const BSD = new RegExp(
  `[*.]?(?:(?<year1>\\d{4}) )?(?<name>[A-Za-z]{3}) {1,2}(?<day>\\d{1,2}) (?:(?<year2>\\d{4}) |(?!\\d{3}))${CLOCK}(?<stop>:? |:?(?=\\0$))`,
  'y',
);
const ZONE_WORD = /(?<word>[A-Z]{1,4})(?::(?: |(?=\0$))|(?<between> )(?<year>\d{4})(?::? |:?(?=\0$)))/y;
const LATE_YEAR = /(?<year>\d{4})(?<stop>:? |:?(?=\0$))/y;

function at(pattern: RegExp, text: string, index: number): RegExpExecArray | null {
  pattern.lastIndex = index;
  return pattern.exec(text);
}

/** @returns seconds since the epoch as if the clock were UTC's, or null where the day or time does not exist */
function wallSec(year: number, { month, day, clock }: Fields): number | null {
  const [hour = 0, minute = 0, second = 0] = clock.slice(0, 8).split(':').map(Number);
  if (hour > 23 || minute > 59 || second > 60) return null;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (month < 1 || day < 1 || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  return date.getTime() / 1000 + hour * 3600 + minute * 60 + second;
}

function resolve(fields: Fields, behind: number, clock: Clock): ReferenceTime | null {
  const usec = Number(fields.clock.slice(9, 15).padEnd(6, '0'));
  const offsetMin = fields.zone ?? clock.offsetMin;
  const nowYear = new Date((clock.nowSec + clock.offsetMin * 60) * 1000).getUTCFullYear();
  const years = fields.year === null ? [nowYear + 1, nowYear, nowYear - 1] : [fields.year];
  for (const year of years) {
    const wall = wallSec(year, fields);
    if (wall === null) continue;
    const sec = wall - offsetMin * 60;
    if (fields.year !== null || sec <= clock.nowSec + WEEK_SEC) return { sec, usec, offsetMin, behind };
  }
  return null;
}

/** @returns the minutes of `+hh:mm`, `+hhmm` or `+hh`; null where there are no such; a missing zone is `otherwise` */
function zoneMinutes(zone: string | undefined, otherwise: number | null): { zone: number | null } | null {
  if (zone === undefined) return { zone: otherwise };
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(':', ''));
  if (hours > 23 || minutes > 59) return null;
  return { zone: (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) || 0 };
}

function isoTime(pattern: RegExp, text: string, index: number, clock: Clock): ReferenceTime | null {
  const match = at(pattern, text, index);
  if (match === null) return null;
  const { year, month, day, clock: time = '', zone } = match.groups ?? {};
  const minutes = zoneMinutes(zone, /[Zz]$/.test(match[0]) ? 0 : null);
  if (minutes === null) return null;
  const fields = { year: Number(year), month: Number(month), day: Number(day), clock: time, ...minutes };
  return resolve(fields, index + match[0].length, clock);
}

/** TIMESTAMP of RFC 5424 at `index`. */
export function strictTime(text: string, index: number, clock: Clock): ReferenceTime | null {
  return isoTime(ISO_STRICT, text, index, clock);
}

/** A time stamp of a traditional message at `index`, its colon and one blank. */
export function looseTime(text: string, index: number, clock: Clock): ReferenceTime | null {
  if (text[index + 4] !== '-') return bsdTime(text, index, clock);
  const time = isoTime(ISO_LOOSE, text, index, clock);
  const stop = time === null ? null : at(/:? |:?(?=\0$)/y, text, time.behind);
  return time === null || stop === null ? null : { ...time, behind: time.behind + stop[0].length };
}

function bsdTime(text: string, index: number, clock: Clock): ReferenceTime | null {
  const match = at(BSD, text, index);
  if (match === null) return null;
  const { year1, name = '', day, year2, clock: time = '', stop } = match.groups ?? {};
  if (year1 !== undefined && year2 !== undefined) return null;
  const year = year1 ?? year2;
  const month = MONTHS.indexOf(name.toLowerCase()) + 1;
  const fields: Fields = {
    year: year === undefined ? null : Number(year),
    month,
    day: Number(day),
    clock: time,
    zone: null,
  };
  let behind = index + match[0].length;
  if (stop === ' ' || stop === '') behind = readTail(text, behind, fields);
  return month === 0 ? null : resolve(fields, behind, clock);
}

/** A zone, or a year, behind the time of day. @returns the offset behind it, or `index` */
function readTail(text: string, index: number, fields: Fields): number {
  const zone = at(ZONE_WORD, text, index);
  if (zone !== null) {
    const { word = '', year } = zone.groups ?? {};
    const minutes = ZONES[word];
    if (minutes === undefined || (year !== undefined && fields.year !== null)) return index;
    fields.zone = minutes;
    if (year !== undefined) fields.year = Number(year);
    return index + zone[0].length;
  }
  const late = at(LATE_YEAR, text, index);
  if (late === null || fields.year !== null) return index;
  const year = Number(late.groups?.['year']);
  const behind = index + late[0].length;
  if (year < 1970 || year > 2099) return index;
  const isCertain = late.groups?.['stop']?.startsWith(':') === true || behind === text.length - 1;
  if (!isCertain && !headerFollows(text, behind)) return index;
  fields.year = year;
  return behind;
}
