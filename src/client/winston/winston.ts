/**
 * `tsyslogd/client/winston`: a transport of winston 3 that sends to the log daemon. It does what winston-transport does,
 * without that package: levels, `silent`, `handleExceptions`. Source: winston 3, winston-transport modern.js.
 */
import { Writable } from 'node:stream';
import { type Fields, fieldsAsData, FIELDS, isRecord } from '../adapter/fields.ts';
import { type ClientOptions, type Level, type Message, type StructuredData, SyslogClient } from '../index.ts';
import { toText } from '../message/structured.ts';
import { readLevel, wrong } from '../options.ts';

/** A format of winston, as `format.json()` is one. */
export interface WinstonFormat {
  transform(info: object, options?: unknown): unknown;
  readonly options?: unknown;
}

export interface WinstonOptions extends Omit<ClientOptions, 'format'> {
  /** That of the messages as in {@link ClientOptions}, or a format of winston for this transport alone. */
  readonly format?: ClientOptions['format'] | WinstonFormat;
  /** Least severe level that is sent; that of the logger. */
  readonly level?: string | undefined;
  /** Levels of syslog by those of the logger, besides {@link LEVELS}. */
  readonly levels?: Readonly<Record<string, Level>> | undefined;
  /**
   * What is sent of a record: `json`, the text that the logger's format made; `sd`, the message, and the other fields
   * as structured data; `none`, the message. Default: `json`.
   */
  readonly fields?: Fields | undefined;
  readonly silent?: boolean | undefined;
  /** Exceptions that nobody caught are sent. */
  readonly handleExceptions?: boolean | undefined;
  readonly handleRejections?: boolean | undefined;
}

/** Those of npm, cli and syslog, as winston knows them. */
const LEVELS: Readonly<Record<string, Level>> = {
  emerg: 'emerg',
  alert: 'alert',
  crit: 'crit',
  error: 'err',
  err: 'err',
  warning: 'warning',
  warn: 'warning',
  notice: 'notice',
  info: 'info',
  help: 'info',
  data: 'info',
  prompt: 'info',
  input: 'info',
  http: 'info',
  verbose: 'debug',
  debug: 'debug',
  silly: 'debug',
};

/** Names that winston gives to what its formats work on. Source: the package triple-beam */
const LEVEL = Symbol.for('level');
const MESSAGE = Symbol.for('message');
/** Sent elsewhere in the message. */
const SAID: ReadonlySet<string> = new Set(['level', 'message', 'timestamp', 'sd', 'msgid']);

/** Of the logger that pipes into a transport. */
interface Parent {
  readonly level?: unknown;
  readonly levels?: unknown;
}

export class SyslogTransport extends Writable {
  /** As in the options; may be changed. */
  level?: string;
  silent: boolean;
  handleExceptions: boolean;
  handleRejections: boolean;
  /** What waits, was sent, was lost. */
  readonly client: SyslogClient;
  readonly #levels: ReadonlyMap<string, Level>;
  readonly #fields: Fields;
  readonly #format: WinstonFormat | null;
  #parent: Parent | null = null;

  /** @throws TypeError where an option is wrong */
  constructor(options: WinstonOptions = {}) {
    super({ objectMode: true });
    const { level, levels = {}, fields = 'json', format, ...others } = options;
    if (level !== undefined && typeof level !== 'string') throw wrong('level', 'a level of the logger', level);
    if (!FIELDS.includes(fields)) throw wrong('fields', FIELDS.join(' or '), fields);
    if (!isRecord(levels)) throw wrong('levels', 'levels of syslog by names', levels);
    if (level !== undefined) this.level = level;
    this.silent = options.silent === true;
    this.handleExceptions = options.handleExceptions === true;
    this.handleRejections = options.handleRejections === true;
    this.#fields = fields;
    const known = Object.entries({ ...LEVELS, ...levels });
    this.#levels = new Map(known.map(([name, of]) => [name, readLevel(`levels.${name}`, of)]));
    this.#format = isFormat(format) ? format : null;
    this.client = new SyslogClient({ ...others, format: isFormat(format) ? undefined : format });
    this.on('pipe', (logger: unknown) => {
      this.#parent = isRecord(logger) ? logger : null;
    });
    this.on('unpipe', () => {
      this.#parent = null;
    });
  }

  /** Sends a record. winston takes a transport whose `log` has two parameters as one of version 3. */
  log(info: object, next: () => void): void {
    this.client.log(this.#message(info));
    setImmediate(() => this.emit('logged', info));
    next();
  }

  override _write(info: unknown, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (!isRecord(info) || !this.#wants(info)) {
      done(null);
      return;
    }
    const made = this.#format === null ? info : this.#format.transform({ ...info }, this.#format.options);
    if (isRecord(made)) this.log(made, () => done(null));
    else done(null);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.client.close().then(() => done(), done);
  }

  #wants(info: Readonly<Record<PropertyKey, unknown>>): boolean {
    if (this.silent || (info['exception'] === true && !this.handleExceptions)) return false;
    if (info['rejection'] === true && !this.handleRejections) return false;
    const least = this.level ?? this.#parent?.level;
    const levels = this.#parent?.levels;
    if (typeof least !== 'string' || !isRecord(levels)) return true;
    const of = Number(levels[String(info[LEVEL])]);
    return Number.isNaN(of) || of <= Number(levels[least]);
  }

  #message(info: object): Message {
    const record: Readonly<Record<PropertyKey, unknown>> = { ...info };
    const level = this.#levels.get(String(record[LEVEL] ?? record['level'])) ?? 'notice';
    const said = toText(record['message'] ?? '');
    const text = this.#fields === 'json' ? toText(record[MESSAGE] ?? said) : said;
    const msgid = typeof record['msgid'] === 'string' ? record['msgid'] : undefined;
    return { level, text, msgid, sd: this.#dataOf(record) };
  }

  /** Structured data that the program gave as `sd`, and the fields where they are wanted. */
  #dataOf(record: Readonly<Record<string, unknown>>): StructuredData | undefined {
    const given = isRecord(record['sd']) ? dataFrom(record['sd']) : undefined;
    const fields = this.#fields === 'sd' ? fieldsAsData(record, SAID) : undefined;
    return given === undefined && fields === undefined ? undefined : { ...fields, ...given };
  }
}

function isFormat(format: WinstonOptions['format']): format is WinstonFormat {
  return isRecord(format) && typeof format['transform'] === 'function';
}

function dataFrom(sd: Readonly<Record<string, unknown>>): StructuredData {
  const elements = Object.entries(sd).map(([id, params]): [string, Record<string, string>] => [
    id,
    Object.fromEntries(Object.entries(isRecord(params) ? params : {}).map(([name, value]) => [name, String(value)])),
  ]);
  return Object.fromEntries(elements);
}
