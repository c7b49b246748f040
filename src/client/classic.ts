/**
 * openlog, syslog, closelog and setlogmask as glibc has them. Source: syslog(3), glibc 2.36 misc/syslog.c.
 *
 * DEVIATION(glibc): a full queue of the daemon does not block, and what cannot be sent waits, see send/sender.ts. A
 * priority that is no whole number counts as LOG_NOTICE.
 */
import { MessageBuffer } from './message/message-buffer.ts';
import { nowMs, Stamp } from './message/stamp.ts';
import { toText } from './message/structured.ts';
import { programName, traditionalHeader, traditionalTag } from './message/traditional.ts';
import {
  LOG_AUTH,
  LOG_CONS,
  LOG_ERR,
  LOG_FAC,
  LOG_FACMASK,
  LOG_MASK,
  LOG_NDELAY,
  LOG_NOTICE,
  LOG_PERROR,
  LOG_PID,
  LOG_PRI,
  LOG_PRIMASK,
  LOG_USER,
  LOG_WARNING,
} from './constants.ts';
import { CONSOLE_PATH, EXIT_MS, LOG_PATH, QUEUE_BYTES, wrong } from './options.ts';
import { formatMessage } from './printf.ts';
import { writeStderr } from './send/last-resort.ts';
import { Sender } from './send/sender.ts';
import { SYSLOG_UDP_PORT } from '../protocol/limits.ts';

/** First mask of setlogmask(3): every severity. */
const MASK_ALL = 0xff;
/** COMPAT(glibc): the complaint about unknown bits is meant to be LOG_ERR with three options, which are bits of a facility. */
const PRI_COMPLAINT = LOG_AUTH | LOG_ERR;

/** Places that tests put elsewhere. */
export interface ClassicPlaces {
  readonly path: string;
  readonly consolePath: string;
}

/** What the C library keeps in static variables. */
export class ClassicLog {
  readonly #buffer = new MessageBuffer();
  readonly #stamp = new Stamp();
  readonly #places: ClassicPlaces;
  #sender: Sender | null = null;
  /** Null: the name of the program. */
  #ident: string | null = null;
  #option = 0;
  #facility = LOG_USER;
  #mask = MASK_ALL;
  #error: Error | null = null;
  /** The last header and tag, and what they were made of; an empty tag: they must be made. */
  #header = '';
  #tag = '';
  #pri = -1;
  #sec = Number.NaN;

  constructor(places: ClassicPlaces) {
    this.#places = places;
  }

  openlog(ident: string | null, option: number, facility: number): void {
    if (ident !== null && typeof ident !== 'string') throw wrong('ident', 'a name or null', ident);
    if (typeof option !== 'number') throw wrong('option', 'a sum of LOG_PID, LOG_CONS and others', option);
    if (typeof facility !== 'number') throw wrong('facility', 'a facility such as LOG_USER', facility);
    if (ident !== null) this.#ident = ident;
    this.#option = option;
    if ((facility & ~LOG_FACMASK) === 0) this.#facility = facility;
    this.#tag = '';
    const sender = this.#makeSender();
    sender.cons = (option & LOG_CONS) !== 0;
    if ((option & LOG_NDELAY) !== 0) sender.open();
  }

  syslog(priority: number, format: string, args: readonly unknown[]): void {
    let pri = Number.isFinite(priority) ? priority | 0 : LOG_NOTICE;
    if ((pri & ~(LOG_PRIMASK | LOG_FACMASK)) !== 0) {
      const hex = (pri >>> 0).toString(16);
      this.#log(PRI_COMPLAINT, `syslog: unknown facility/priority: ${hex}`);
      pri &= LOG_PRIMASK | LOG_FACMASK;
    }
    if ((LOG_MASK(LOG_PRI(pri)) & this.#mask) === 0) return;
    const text = typeof format === 'string' ? format : toText(format);
    this.#log(pri, formatMessage(text, args, this.#error));
  }

  closelog(): void {
    this.#sender?.release();
    this.#ident = null;
    this.#tag = '';
  }

  setlogmask(mask: number): number {
    if (typeof mask !== 'number') throw wrong('mask', 'a sum of LOG_MASK of severities', mask);
    const before = this.#mask;
    if (mask !== 0) this.#mask = mask;
    return before;
  }

  withErrno<T>(error: Error, run: () => T): T {
    const before = this.#error;
    this.#error = error;
    try {
      return run();
    } finally {
      this.#error = before;
    }
  }

  #log(masked: number, text: string): void {
    if ((LOG_MASK(LOG_PRI(masked)) & this.#mask) === 0) return;
    const buffer = this.#buffer;
    const pri = LOG_FAC(masked) === 0 ? masked | this.#facility : masked;
    this.#begin(buffer, pri);
    buffer.add(text, 'kept');
    if ((this.#option & LOG_PERROR) !== 0) writeStderr(buffer.bytes.subarray(buffer.shownOff, buffer.len));
    (this.#sender ?? this.#makeSender()).send(buffer);
  }

  #begin(buffer: MessageBuffer, pri: number): void {
    const sec = Math.floor(nowMs() / 1000);
    if (pri !== this.#pri || sec !== this.#sec) {
      this.#header = traditionalHeader(pri, this.#stamp.traditional(sec));
      this.#pri = pri;
      this.#sec = sec;
    }
    if (this.#tag === '') {
      const procId = (this.#option & LOG_PID) === 0 ? '' : String(process.pid);
      this.#tag = traditionalTag(this.#ident ?? programName(), procId);
    }
    buffer.begin(this.#header, this.#tag);
  }

  #makeSender(): Sender {
    this.#sender ??= new Sender({
      ...this.#places,
      udpPort: SYSLOG_UDP_PORT,
      queueBytes: QUEUE_BYTES,
      exitMs: EXIT_MS,
      name: programName(),
      onLoss: null,
      makeNotice: (text) => this.#makeNotice(text),
    });
    return this.#sender;
  }

  #makeNotice(text: string): MessageBuffer {
    const notice = new MessageBuffer();
    this.#begin(notice, this.#facility | LOG_WARNING);
    notice.add(text, 'kept');
    return notice;
  }
}

// As in the C library there is one of these, for each thread: made at import, opened by the first message.
const classic = new ClassicLog({ path: LOG_PATH, consolePath: CONSOLE_PATH });

/**
 * Sets name, options and facility of later messages. Source: openlog(3)
 *
 * @param ident null: as it was, at first the name of the program
 * @param option sum of LOG_PID, LOG_CONS, LOG_NDELAY, LOG_PERROR; LOG_ODELAY and LOG_NOWAIT do nothing
 * @param facility of messages whose priority has none; others than the constants leave it as it was
 * @throws TypeError where an argument has the wrong type
 */
export function openlog(ident: string | null, option = 0, facility = LOG_USER): void {
  classic.openlog(ident, option, facility);
}

/**
 * Logs a message. Never throws. Source: syslog(3)
 *
 * @param priority a severity, and a facility or none: `LOG_ERR`, `LOG_AUTH | LOG_INFO`
 * @param format as in printf.ts
 */
export function syslog(priority: number, format: string, ...args: readonly unknown[]): void {
  classic.syslog(priority, format, args);
}

/** Closes the socket, once everything is sent, and forgets the name. Options, facility and mask stay. Source: closelog(3) */
export function closelog(): void {
  classic.closelog();
}

/**
 * Sets which severities are logged; 0 only asks. Source: setlogmask(3)
 *
 * @returns the mask before
 * @throws TypeError where it is no number
 */
export function setlogmask(mask: number): number {
  return classic.setlogmask(mask);
}

/** Makes `%m` in calls of {@link syslog} within `run` describe this error. @returns what `run` returned */
export function withErrno<T>(error: NodeJS.ErrnoException, run: () => T): T {
  return classic.withErrno(error, run);
}
