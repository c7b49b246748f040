/**
 * Messages as users see them on their terminals, made from a traditional line.
 *
 *   everybody:     CR LF BEL `Message from syslogd@HOST at Www Mmm dd hh:mm:ss yyyy ...` CR LF
 *                  `TAG[PID]: TEXT` CR LF CR LF
 *   single users:  `Mmm dd hh:mm:ss HOST TAG[PID]: TEXT` CR LF CR LF
 *
 * COMPAT(sysklogd 2.7.2): the time of the greeting is the local time now, as ctime(3) writes it.
 */

/** `Mmm dd hh:mm:ss ` */
const TIME_BYTES = 16;
const SPACE = 0x20;
const LINE_END = '\r\n';
const BEL = '\x07';
const DAYS: readonly string[] = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS: readonly string[] = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/**
 * Makes the text for a terminal from one record without its newline; the UTC fields of `now` show the wall clock time.
 */
export type TerminalText = (record: Buffer, now: Date) => Buffer;

export const textForUsers: TerminalText = (record) => Buffer.concat([record, Buffer.from(LINE_END + LINE_END)]);

export const textForEverybody: TerminalText = (record, now) => {
  const space = record.indexOf(SPACE, TIME_BYTES);
  const hostEnd = space === -1 ? record.length : space;
  return Buffer.concat([
    Buffer.from(`${LINE_END}${BEL}Message from syslogd@`),
    record.subarray(TIME_BYTES, hostEnd),
    Buffer.from(` at ${clockText(now)} ...${LINE_END}`),
    record.subarray(hostEnd + 1),
    Buffer.from(LINE_END + LINE_END),
  ]);
};

/** @returns `Www Mmm dd hh:mm:ss yyyy` from the UTC fields. Source: ctime(3). */
export function clockText(at: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = String(at.getUTCDate()).padStart(2, ' ');
  const clock = `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())}`;
  return `${DAYS[at.getUTCDay()] ?? ''} ${MONTHS[at.getUTCMonth()] ?? ''} ${day} ${clock} ${at.getUTCFullYear()}`;
}
