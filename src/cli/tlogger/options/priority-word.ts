/**
 * The value of `-p`, as logger(1) reads it: names in any case, or numbers that stand for one of the names. Facilities
 * are numbered as in <syslog.h>, times eight.
 */
import { FACILITY, SEVERITY, SEVERITY_ALIASES } from '../../../protocol/priority.ts';
import { LoggerFailure } from '../failure.ts';
import { parseCode } from './numbers.ts';

/** `none` is 16 in <syslog.h>, and no level. */
const LEVELS: Readonly<Record<string, number>> = { ...SEVERITY, ...SEVERITY_ALIASES, none: 0x10 };
/** Those of <syslog.h>, which does not know 12 to 15. */
const FACILITIES: Readonly<Record<string, number>> = Object.fromEntries([
  ...Object.entries(FACILITY)
    .filter(([, number]) => number < FACILITY.ntp || number > FACILITY.cron2)
    .map(([name, number]) => [name, number * 8] as const),
  ['security', FACILITY.auth * 8] as const,
]);
const LEVEL_MASK = 7;

/** @returns PRI; kern becomes user. @throws LoggerFailure */
export function parsePriority(word: string): number {
  const dot = word.indexOf('.');
  const facility = dot === -1 ? FACILITY.user * 8 : decode(word.slice(0, dot), FACILITIES);
  if (facility === null) throw new LoggerFailure(`unknown facility name: ${word.slice(0, dot)}`);
  const level = decode(word.slice(dot + 1), LEVELS);
  if (level === null) throw new LoggerFailure(`unknown priority name: ${word.slice(dot + 1)}`);
  return (level & LEVEL_MASK) | (facility === FACILITY.kern ? FACILITY.user * 8 : facility);
}

function decode(word: string, table: Readonly<Record<string, number>>): number | null {
  if (/^\d/.test(word)) {
    const code = parseCode(word);
    return code !== null && Object.values(table).includes(code) ? code : null;
  }
  const name = word.toLowerCase();
  return Object.hasOwn(table, name) ? (table[name] ?? null) : null;
}
