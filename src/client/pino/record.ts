/**
 * Lines of pino as messages of syslog. Source: pino 10, docs/api.md.
 */
import { type Fields, fieldsAsData, FIELDS, isRecord } from '../adapter/fields.ts';
import type { ClientOptions, Level, Message } from '../index.ts';
import { readLevel, wrong } from '../options.ts';

export interface PinoOptions extends ClientOptions {
  /** Levels of syslog by the numbers of pino; each holds up to the next number. Default: see {@link LEVELS}. */
  readonly levels?: Readonly<Record<number, Level>> | undefined;
  /**
   * What is sent of a record: `json`, the line as it is; `sd`, the message, and the other fields as structured data;
   * `none`, the message. Default: `json`.
   */
  readonly fields?: Fields | undefined;
}

const LEVELS: Readonly<Record<number, Level>> = { 10: 'debug', 30: 'info', 40: 'warning', 50: 'err', 60: 'crit' };
/** Sent elsewhere in the message. */
const SAID: ReadonlySet<string> = new Set(['level', 'time', 'msg', 'pid', 'hostname']);

/** Makes messages of lines. */
export class PinoRecords {
  readonly #fields: Fields;
  /** Highest first. */
  readonly #levels: readonly (readonly [number, Level])[];

  /** @throws TypeError where an option is wrong */
  constructor({ levels = {}, fields = 'json' }: PinoOptions) {
    if (!FIELDS.includes(fields)) throw wrong('fields', FIELDS.join(' or '), fields);
    if (!isRecord(levels)) throw wrong('levels', 'levels of syslog by numbers', levels);
    this.#fields = fields;
    this.#levels = Object.entries({ ...LEVELS, ...levels })
      .map(([number, level]) => [Number(number), readLevel(`levels.${number}`, level)] as const)
      .toSorted(([one], [other]) => other - one);
  }

  /** @returns the message of a line, which need not be JSON */
  message(line: string): Message {
    const record = parse(line);
    if (record === null) return { level: 'info', text: line };
    const { time: epochMs, level: number } = record;
    const level = this.#levelOf(typeof number === 'number' ? number : Number.NaN);
    const time = typeof epochMs === 'number' ? new Date(epochMs) : undefined;
    if (this.#fields === 'json') return { level, time, text: line };
    const text = typeof record['msg'] === 'string' ? record['msg'] : '';
    return { level, time, text, sd: this.#fields === 'sd' ? fieldsAsData(record, SAID) : undefined };
  }

  #levelOf(number: number): Level {
    if (Number.isNaN(number)) return 'info';
    return this.#levels.find(([least]) => number >= least)?.[1] ?? 'debug';
  }
}

function parse(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}
