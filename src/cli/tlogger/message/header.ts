/**
 * What stands before the text of a message, in three formats. Source: RFC 3164 §4.1, RFC 5424 §6.2, syslog(3).
 */
import { civilFromDays } from '../../../protocol/calendar.ts';
import { LoggerFailure } from '../failure.ts';
import type { Surroundings } from '../surroundings.ts';
import { formatElements, hasElement, type SdElement } from './structured-data.ts';

/** What of the options decides about headers. */
export interface HeaderSettings {
  readonly format: 'local' | 'rfc3164' | 'rfc5424';
  readonly tag: string;
  /** 0: none */
  readonly pid: number;
  readonly withTime: boolean;
  readonly withTimeQuality: boolean;
  readonly withHost: boolean;
  readonly msgid: string | null;
  readonly elements: readonly SdElement[];
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;
const DAY_SEC = 86_400;
/** COMPAT(util-linux): more of a tag is cut off in the format of RFC 3164. */
const RFC3164_TAG_BYTES = 200;
/** Source: RFC 5424 §6.2.4, §6.2.5. */
const HOST_MAX_BYTES = 255;
const APP_NAME_MAX_BYTES = 48;
const TIME_QUALITY = 'timeQuality';

/** @returns the header up to the blank before the text. @throws LoggerFailure: tag or host is too long for RFC 5424 */
export function formatHeader(settings: HeaderSettings, priority: number, around: Surroundings): string {
  if (settings.format === 'rfc5424') return rfc5424Header(settings, priority, around);
  const host = settings.format === 'rfc3164' ? `${around.host().replace(/\..*/s, '')} ` : '';
  const tag = settings.format === 'rfc3164' ? settings.tag.slice(0, RFC3164_TAG_BYTES) : settings.tag;
  return `<${priority}>${traditionalTime(around)} ${host}${tag}${settings.pid === 0 ? '' : `[${settings.pid}]`}: `;
}

function rfc5424Header(settings: HeaderSettings, priority: number, around: Surroundings): string {
  const { tag, pid, msgid } = settings;
  const time = settings.withTime ? isoTime(around) : '-';
  const host = settings.withHost ? around.host() : '-';
  if (host.length > HOST_MAX_BYTES) throw new LoggerFailure(`hostname '${host}' is too long`);
  if (tag.length > APP_NAME_MAX_BYTES) throw new LoggerFailure(`tag '${tag}' is too long`);
  const isNamed = hasElement(settings.elements, TIME_QUALITY);
  const builtIn = settings.withTimeQuality && !isNamed ? [timeQuality(around.clockErrorUs())] : [];
  const data = formatElements([...builtIn, ...settings.elements]);
  return `<${priority}>1 ${time} ${host} ${tag} ${pid === 0 ? '-' : pid} ${msgid ?? '-'} ${data} `;
}

/** Source: RFC 5424 §7.1. */
function timeQuality(errorUs: number | null): SdElement {
  const synced = errorUs === null ? ['isSynced="0"'] : ['isSynced="1"', `syncAccuracy="${errorUs}"`];
  return { id: TIME_QUALITY, params: ['tzKnown="1"', ...synced] };
}

/** What a clock on the wall shows. */
interface WallClock {
  readonly year: number;
  /** 1 to 12 */
  readonly month: number;
  readonly day: number;
  /** `23:31:30` */
  readonly time: string;
  readonly offsetMin: number;
  readonly us: number;
}

function readClock(around: Surroundings, fine: boolean): WallClock {
  const nowUs = around.nowUs(fine);
  const utcSec = Math.floor(nowUs / 1e6);
  const offsetMin = around.offsetMinAt(utcSec);
  const wallSec = utcSec + offsetMin * 60;
  const date = { year: 0, month: 0, day: 0 };
  civilFromDays(Math.floor(wallSec / DAY_SEC), date);
  const sec = ((wallSec % DAY_SEC) + DAY_SEC) % DAY_SEC;
  const time = [sec / 3600, (sec / 60) % 60, sec % 60].map((part) => pad(Math.floor(part), 2)).join(':');
  return { ...date, time, offsetMin, us: nowUs - utcSec * 1e6 };
}

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, '0');
}

/** Source: RFC 3164 §4.1.2. */
function traditionalTime(around: Surroundings): string {
  const { month, day, time } = readClock(around, false);
  return `${MONTHS[month - 1] ?? ''} ${String(day).padStart(2)} ${time}`;
}

/** Source: RFC 5424 §6.2.3. */
function isoTime(around: Surroundings): string {
  const { year, month, day, time, offsetMin, us } = readClock(around, true);
  const minutes = Math.abs(offsetMin);
  const zone = `${offsetMin < 0 ? '-' : '+'}${pad(Math.floor(minutes / 60), 2)}:${pad(minutes % 60, 2)}`;
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}T${time}.${pad(us, 6)}${zone}`;
}
