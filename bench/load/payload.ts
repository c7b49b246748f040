/**
 * The messages of the load: sixteen kinds, as on a busy machine, each datagram with its own number.
 *
 * RFC 3164 in the form that local programs send (no host) or, for UDP, with a host. The number at the end has ten
 * digits, so that a lost, duplicated or displaced line shows in the files, and repeat suppression never acts. Message
 * `n` is of kind `n mod 16`, whoever sends it.
 */

/** One kind of message. Facility and severity as numbers of RFC 5424 §6.2.1. */
export interface Kind {
  readonly facility: number;
  readonly severity: number;
  readonly program: string;
  readonly pid: number;
}

/** Offsets of the parts that change from message to message, bytes. */
export interface Payload {
  readonly bytes: Buffer;
  readonly stampOff: number;
  readonly numberOff: number;
}

/** Precedes the number; nothing else in a payload looks like it. */
export const NUMBER_MARK = ' #';
export const NUMBER_DIGITS = 10;

/** Length of `Mmm dd hh:mm:ss`. Source: RFC 3164 §4.1.2. */
const STAMP_BYTES = 15;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;
const HOST = 'web01';
const FILLER =
  'connection from 192.0.2.17 port 51234 accepted for user alice, session 4711 opened on pts/3, request took 12 ms, ';

function kind(facility: number, severity: number, program: string, pid: number): Kind {
  return { facility, severity, program, pid };
}

/** The sixteen kinds: facilities auth, authpriv, cron, daemon, lpr, mail, user and two of local use. */
export const KINDS: readonly Kind[] = [
  kind(3, 6, 'systemd', 1),
  kind(10, 6, 'sshd', 21_904),
  kind(9, 6, 'CRON', 30_112),
  kind(2, 6, 'postfix/smtpd', 4_410),
  kind(1, 5, 'app', 771),
  kind(16, 6, 'haproxy', 1_893),
  kind(4, 6, 'sudo', 11_002),
  kind(3, 4, 'dhclient', 640),
  kind(2, 4, 'postfix/qmgr', 4_398),
  kind(16, 7, 'worker', 2_048),
  kind(3, 6, 'dbus-daemon', 511),
  kind(6, 6, 'cupsd', 901),
  kind(2, 3, 'postfix/smtp', 4_412),
  kind(1, 6, 'backup', 17_200),
  kind(23, 5, 'dhcpd', 933),
  kind(10, 5, 'su', 22_518),
];

/** Many programs in groups: program `i` belongs to group `i mod groups`, and its name contains both. */
export interface Spread {
  readonly programs: number;
  readonly groups: number;
}

/** @returns a name such as `g3-n123`: the group can be cut out of it at the hyphen */
export function spreadProgram(spread: Spread, program: number): string {
  return `g${program % spread.groups}-n${program}`;
}

/** @returns the kinds of a load, used in turn: the sixteen, or one for each program */
export function kindsOf(spread: Spread | null): readonly Kind[] {
  if (spread === null) return KINDS;
  return Array.from({ length: spread.programs }, (_, i) => kind(1, 6, spreadProgram(spread, i), 1000 + i));
}

/** @returns shortest size that holds a message of every kind, bytes */
export function shortestPayload(kinds: readonly Kind[], withHost: boolean): number {
  return Math.max(...kinds.map((of) => header(of, withHost).length)) + NUMBER_MARK.length + NUMBER_DIGITS;
}

/** @param sizeBytes at least {@link shortestPayload} */
export function createPayload(of: Kind, sizeBytes: number, withHost: boolean): Payload {
  const head = header(of, withHost);
  const room = sizeBytes - head.length - NUMBER_MARK.length - NUMBER_DIGITS;
  if (room < 0)
    throw new RangeError(`cannot make a message of ${sizeBytes} bytes: expected ${sizeBytes - room} or more`);
  const filler = FILLER.repeat(Math.ceil(room / FILLER.length)).slice(0, room);
  const bytes = Buffer.from(`${head}${filler}${NUMBER_MARK}${'0'.repeat(NUMBER_DIGITS)}`);
  return { bytes, stampOff: head.indexOf('>') + 1, numberOff: sizeBytes - NUMBER_DIGITS };
}

/** Local time in the form of RFC 3164 §4.1.2, the day padded with a blank. */
export function formatStamp(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = String(date.getDate()).padStart(2);
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `${MONTHS[date.getMonth()] ?? ''} ${day} ${time}`;
}

/** Writes the ten digits of a number in place. HOT PATH: no string per message. */
export function writeNumber(bytes: Uint8Array, numberOff: number, value: number): void {
  let rest = value;
  for (let at = numberOff + NUMBER_DIGITS - 1; at >= numberOff; at--) {
    const next = Math.trunc(rest / 10);
    bytes[at] = 0x30 + rest - next * 10;
    rest = next;
  }
}

function header(of: Kind, withHost: boolean): string {
  const host = withHost ? `${HOST} ` : '';
  return `<${of.facility * 8 + of.severity}>${' '.repeat(STAMP_BYTES)} ${host}${of.program}[${of.pid}]: `;
}
