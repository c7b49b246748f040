/**
 * A log of its own: messages of one program to one daemon, with structured data, counters and flush.
 *
 * HOT PATH: log, for messages without structured data.
 */
import { hostname } from 'node:os';
import { SEVERITY } from '../protocol/priority.ts';
import type { LinkKind } from '../sys/link/link.ts';
import { MessageBuffer } from './message/message-buffer.ts';
import { nowMs, Stamp } from './message/stamp.ts';
import { headerFields, type StructuredData, structuredData, toText } from './message/structured.ts';
import { traditionalHeader, traditionalTag } from './message/traditional.ts';
import {
  type ClientOptions,
  CONSOLE_PATH,
  FACILITIES,
  type Facility,
  type Level,
  LEVELS,
  readSettings,
  type Settings,
} from './options.ts';
import { writeStderr } from './send/last-resort.ts';
import { Sender } from './send/sender.ts';

export interface Message {
  readonly level: Level;
  readonly text: string;
  /** Default: now. */
  readonly time?: Date | undefined;
  /** Default: that of the client. */
  readonly facility?: Facility | undefined;
  /** MSGID of RFC 5424 §6.2.7. */
  readonly msgid?: string | undefined;
  readonly sd?: StructuredData | undefined;
}

export interface Counters {
  /** Taken by the kernel, notices of losses included. */
  readonly sent: number;
  /** Waiting now. */
  readonly queued: number;
  readonly dropped: number;
  /** Cut at `maxBytes`. */
  readonly cut: number;
  /** Times that a new socket took the place of one whose daemon was gone. */
  readonly reconnects: number;
}

/** Longest name in a message. Source: RFC 5424 §6.2.5; receivers of traditional messages take no more either. */
const IDENT_MAX = 48;
/** Would end the tag, or the line. */
const NOT_IN_TAG = /[^\u0021-\u007e]|[:[\]]/g;
const NO_STRUCTURE: StructuredData = {};

export class SyslogClient {
  readonly #settings: Settings;
  readonly #sender: Sender;
  readonly #buffer = new MessageBuffer();
  readonly #stamp = new Stamp();
  readonly #ident: string;
  readonly #tag: string;
  #cut = 0;
  /** The last header, and what it was made of. */
  #header = '';
  #pri = -1;
  #sec = Number.NaN;

  /** @throws TypeError where an option is wrong */
  constructor(options: ClientOptions = {}) {
    const settings = readSettings(options);
    const { path, udpPort, queueBytes, exitMs, onLoss, cons } = settings;
    this.#settings = settings;
    this.#ident = settings.ident.replaceAll(NOT_IN_TAG, '_').slice(0, IDENT_MAX);
    this.#tag = traditionalTag(this.#ident, settings.procId);
    const places = { path, udpPort, consolePath: CONSOLE_PATH };
    const makeNotice = (text: string): MessageBuffer => this.#makeNotice(text);
    this.#sender = new Sender({ ...places, queueBytes, exitMs, onLoss, name: this.#ident, makeNotice });
    this.#sender.cons = cons;
  }

  /** By what messages are sent; `none`: nobody has been reached so far, or the daemon is gone. */
  get transport(): LinkKind | 'none' {
    return this.#sender.transport;
  }

  get counters(): Counters {
    const { sent, queued, reconnects, losses } = this.#sender;
    return { sent, queued, dropped: losses.total, cut: this.#cut, reconnects };
  }

  /**
   * Never throws: an unknown level counts as `notice`, an unknown facility as that of the client, a text that is no
   * string as what String() makes of it.
   *
   * @returns false: it waits, or was dropped
   */
  log(message: Message): boolean {
    const { level, time, facility, msgid, sd } = message;
    const text = typeof message.text === 'string' ? message.text : toText(message.text);
    const severity = LEVELS.get(level) ?? SEVERITY.notice;
    const pri = (FACILITIES.get(facility) ?? this.#settings.facility) * 8 + severity;
    const wanted = time === undefined ? Number.NaN : time.getTime();
    const ms = Number.isNaN(wanted) ? nowMs() : wanted;
    const isStructured = (sd !== undefined || msgid !== undefined) && this.#settings.format === null;
    if (isStructured || this.#settings.format === 'rfc5424')
      return this.#sendStructured(pri, ms, text, msgid ?? '', sd ?? NO_STRUCTURE);
    return this.#sendTraditional(pri, ms, text);
  }

  emerg(text: string): boolean {
    return this.log({ level: 'emerg', text });
  }

  alert(text: string): boolean {
    return this.log({ level: 'alert', text });
  }

  crit(text: string): boolean {
    return this.log({ level: 'crit', text });
  }

  err(text: string): boolean {
    return this.log({ level: 'err', text });
  }

  warning(text: string): boolean {
    return this.log({ level: 'warning', text });
  }

  notice(text: string): boolean {
    return this.log({ level: 'notice', text });
  }

  info(text: string): boolean {
    return this.log({ level: 'info', text });
  }

  debug(text: string): boolean {
    return this.log({ level: 'debug', text });
  }

  /** @returns whether all was sent within `timeoutMs`, default `exitMs`; keeps the process from ending until then */
  flush(timeoutMs = this.#settings.exitMs): Promise<boolean> {
    return this.#sender.flush(timeoutMs);
  }

  /** As {@link SyslogClient.flush}, with the thread blocked. */
  flushSync(timeoutMs = this.#settings.exitMs): boolean {
    return this.#sender.flushSync(timeoutMs);
  }

  /** Sends what waits, for `exitMs` at most, and closes. What is logged later is dropped and counted. */
  async close(): Promise<void> {
    await this.flush();
    this.#sender.close();
  }

  #sendTraditional(pri: number, ms: number, text: string): boolean {
    const sec = Math.floor(ms / 1000);
    if (pri !== this.#pri || sec !== this.#sec) {
      this.#header = traditionalHeader(pri, this.#stamp.traditional(sec));
      this.#pri = pri;
      this.#sec = sec;
    }
    return this.#sendLines(this.#header, this.#tag, text);
  }

  #sendStructured(pri: number, ms: number, text: string, msgId: string, sd: StructuredData): boolean {
    const { procId } = this.#settings;
    const fields = headerFields({ host: hostname(), appName: this.#ident, procId, msgId });
    return this.#sendLines(`<${pri}>1 ${this.#stamp.iso(ms)} `, `${fields}${safeData(sd)} `, text);
  }

  /** A newline at the end of a text is no part of it. */
  #sendLines(header: string, tag: string, text: string): boolean {
    const whole = text.endsWith('\n') ? text.replace(/\n+$/, '') : text;
    if (this.#settings.newline === 'blank' || !whole.includes('\n')) return this.#send(header, tag, whole);
    let sent = true;
    for (const line of whole.split('\n')) sent = this.#send(header, tag, line) && sent;
    return sent;
  }

  #send(header: string, tag: string, text: string): boolean {
    const buffer = this.#buffer;
    buffer.begin(header, tag);
    buffer.add(text, 'blank');
    if (buffer.cut(this.#settings.maxBytes)) this.#cut++;
    if (this.#settings.perror) writeStderr(buffer.bytes.subarray(buffer.shownOff, buffer.len));
    return this.#sender.send(buffer);
  }

  #makeNotice(text: string): MessageBuffer {
    const pri = this.#settings.facility * 8 + SEVERITY.warning;
    const notice = new MessageBuffer();
    notice.begin(traditionalHeader(pri, this.#stamp.traditional(Math.floor(nowMs() / 1000))), this.#tag);
    notice.add(text, 'blank');
    return notice;
  }
}

/** What a program hands over need not be what its types say. */
function safeData(sd: StructuredData): string {
  try {
    return structuredData(sd);
  } catch {
    return '-';
  }
}
