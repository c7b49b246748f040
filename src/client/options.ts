/**
 * Options of the client, checked: a wrong one throws a TypeError that says what was expected, at once and not when a
 * message is sent. Whatever the machine is like, nothing else throws.
 */
import { FACILITY, SEVERITY } from '../protocol/priority.ts';
import { MESSAGE_DEFAULT_BYTES, SYSLOG_UDP_PORT } from '../protocol/limits.ts';
import { programName } from './message/traditional.ts';
import type { OnLoss } from './send/losses.ts';

export type Level = keyof typeof SEVERITY;
export type Facility = Exclude<keyof typeof FACILITY, 'mark'>;

export interface ClientOptions {
  /** Name of the program in every message; its file without the ending. */
  readonly ident?: string | undefined;
  /** The number of the process in every message: true, its own; or another number. Default: true. */
  readonly pid?: boolean | number | undefined;
  /** Default: `user`. */
  readonly facility?: Facility | undefined;
  /** Socket of the daemon. Default: /dev/log. */
  readonly path?: string | undefined;
  /** Port on 127.0.0.1 where neither koffi nor unix-dgram can be loaded. Default: 514. */
  readonly udpPort?: number | undefined;
  /** Default: `rfc3164`, and `rfc5424` for messages with structured data or a message id. */
  readonly format?: 'rfc3164' | 'rfc5424' | undefined;
  /** A longer message is cut between two characters. Default: 8192. */
  readonly maxBytes?: number | undefined;
  /** Bound of what waits. Default: 1 MiB. */
  readonly queueBytes?: number | undefined;
  /** How long the end of the thread waits until everything is sent. Default: 500. */
  readonly exitMs?: number | undefined;
  /** Newlines in a text become blanks, or each line is a message. Default: `blank`. */
  readonly newline?: 'blank' | 'split' | undefined;
  /** Write to /dev/console what the daemon does not get. */
  readonly cons?: boolean | undefined;
  /** Write every message to standard error too. */
  readonly perror?: boolean | undefined;
  /** Called for messages that were dropped. */
  readonly onLoss?: OnLoss | undefined;
}

/** Complete and checked. */
export interface Settings {
  readonly ident: string;
  readonly procId: string;
  readonly facility: number;
  readonly path: string;
  readonly udpPort: number;
  readonly format: 'rfc3164' | 'rfc5424' | null;
  readonly maxBytes: number;
  readonly queueBytes: number;
  readonly exitMs: number;
  readonly newline: 'blank' | 'split';
  readonly cons: boolean;
  readonly perror: boolean;
  readonly onLoss: OnLoss | null;
}

export const LOG_PATH = '/dev/log';
export const CONSOLE_PATH = '/dev/console';
export const QUEUE_BYTES = 1024 ** 2;
export const EXIT_MS = 500;
/** Every receiver takes as much. Source: RFC 5424 §6.1. */
const MAX_BYTES_LEAST = 480;
const NUMBER_MOST = 2 ** 31 - 1;
const PORT_MOST = 65_535;
const PID_MOST = 2 ** 22;

/** @throws TypeError `cannot use option "path": expected …, found …` */
export function readSettings(options: ClientOptions): Settings {
  if (typeof options !== 'object' || options === null) throw wrong('options', 'an object', options);
  const { onLoss = null } = options;
  if (onLoss !== null && typeof onLoss !== 'function') throw wrong('onLoss', 'a function', onLoss);
  return {
    ident: readIdent(options.ident),
    procId: readProcId(options.pid),
    facility: readFacility(options.facility),
    path: readPath(options.path),
    udpPort: wholeNumber('udpPort', options.udpPort, SYSLOG_UDP_PORT, [1, PORT_MOST]),
    format: oneOf('format', options.format, ['rfc3164', 'rfc5424'] as const, null),
    maxBytes: wholeNumber('maxBytes', options.maxBytes, MESSAGE_DEFAULT_BYTES, [MAX_BYTES_LEAST, NUMBER_MOST]),
    queueBytes: wholeNumber('queueBytes', options.queueBytes, QUEUE_BYTES, [0, NUMBER_MOST]),
    exitMs: wholeNumber('exitMs', options.exitMs, EXIT_MS, [0, NUMBER_MOST]),
    newline: oneOf('newline', options.newline, ['blank', 'split'] as const, 'blank'),
    cons: yesOrNo('cons', options.cons),
    perror: yesOrNo('perror', options.perror),
    onLoss,
  };
}

/** @returns an error for the caller. `what`: an option or an argument */
export function wrong(what: string, expected: string, found: unknown): TypeError {
  const shown = typeof found === 'string' ? JSON.stringify(found) : typeof found === 'number' ? found : typeof found;
  return new TypeError(`cannot use ${what}: expected ${expected}, found ${shown}`);
}

/** Numbers by their names. */
export const LEVELS: ReadonlyMap<unknown, number> = new Map(Object.entries(SEVERITY));
export const FACILITIES: ReadonlyMap<unknown, number> = new Map(
  Object.entries(FACILITY).filter(([name]) => name !== 'mark'),
);

/** @throws TypeError */
export function readLevel(what: string, level: unknown): Level {
  for (const name of Object.keys(SEVERITY)) if (isLevel(name) && name === level) return name;
  throw wrong(what, `one of ${[...LEVELS.keys()].join(', ')}`, level);
}

function isLevel(name: string): name is Level {
  return LEVELS.has(name);
}

function readFacility(facility: unknown): number {
  const found = FACILITIES.get(facility ?? 'user');
  if (found === undefined) throw wrong('facility', `one of ${[...FACILITIES.keys()].join(', ')}`, facility);
  return found;
}

function readIdent(ident: unknown): string {
  if (ident === undefined) return programName();
  if (typeof ident !== 'string' || ident === '') throw wrong('ident', 'a name', ident);
  return ident;
}

function readProcId(pid: unknown): string {
  if (pid === false) return '';
  if (pid === undefined || pid === true) return String(process.pid);
  if (typeof pid !== 'number') throw wrong('pid', 'true, false or a number', pid);
  return String(wholeNumber('pid', pid, 0, [0, PID_MOST]));
}

function readPath(path: unknown): string {
  if (path === undefined) return LOG_PATH;
  if (typeof path !== 'string' || path === '' || path.includes('\0')) throw wrong('path', 'the path of a socket', path);
  return path;
}

function wholeNumber(name: string, value: unknown, missing: number, [least, most]: readonly [number, number]): number {
  if (value === undefined) return missing;
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw wrong(name, `a whole number from ${least} to ${most}`, value);
}

function yesOrNo(name: string, value: unknown): boolean {
  if (value === undefined || typeof value === 'boolean') return value ?? false;
  throw wrong(name, 'true or false', value);
}

function oneOf<Name extends string, Missing>(
  name: string,
  value: unknown,
  known: readonly Name[],
  missing: Missing,
): Name | Missing {
  if (value === undefined) return missing;
  const found = known.find((one) => one === value);
  if (found === undefined) throw wrong(name, known.join(' or '), value);
  return found;
}
