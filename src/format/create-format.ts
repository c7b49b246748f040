/**
 * Which format a rule's option means: the one place that knows all of them.
 */
import type { FormatName } from '../conf/config.ts';
import { BsdForward, Rfc3164Forward } from './forward.ts';
import { IsoFormat } from './iso.ts';
import { JsonFormat, type PeerAddresses } from './json.ts';
import type { RecordFormat } from './record-format.ts';
import { Rfc5424Forward } from './rfc5424-forward.ts';
import { Rfc5424Format } from './rfc5424.ts';
import { TraditionalFormat } from './traditional.ts';

/** `line`: files, terminals, pipes and commands. `forward`: other hosts. */
export type FormatKind = 'line' | 'forward';

export interface FormatOptions {
  /** `-8`: bytes above 0x7f as they came. */
  readonly keep8bit: boolean;
  /** For `source` in JSON. */
  readonly peers: PeerAddresses;
}

/** @throws Error: there is no such format for forwarding; the configuration refuses it */
export function createFormat(kind: FormatKind, name: FormatName, options: FormatOptions): RecordFormat {
  return kind === 'line' ? createLineFormat(name, options) : createForwardFormat(name, options.keep8bit);
}

/** Makes each format once: destinations with the same format object share one formatting of a record. */
export class FormatSet {
  readonly #options: FormatOptions;
  readonly #known = new Map<string, RecordFormat>();

  constructor(options: FormatOptions) {
    this.#options = options;
  }

  /** As {@link createFormat}; the same object for what looks the same. */
  get(kind: FormatKind, name: FormatName): RecordFormat {
    const key = `${kind} ${kind === 'line' && name === 'rfc3164' ? 'default' : name}`;
    const known = this.#known.get(key) ?? createFormat(kind, name, this.#options);
    this.#known.set(key, known);
    return known;
  }
}

function createLineFormat(name: FormatName, { keep8bit, peers }: FormatOptions): RecordFormat {
  switch (name) {
    case 'default':
    case 'rfc3164':
      return new TraditionalFormat(keep8bit);
    case 'rfc5424':
      return new Rfc5424Format(keep8bit);
    case 'iso':
      return new IsoFormat(keep8bit);
    case 'json':
      return new JsonFormat(peers);
  }
}

function createForwardFormat(name: FormatName, keep8bit: boolean): RecordFormat {
  switch (name) {
    case 'default':
      return new BsdForward(keep8bit);
    case 'rfc3164':
      return new Rfc3164Forward(keep8bit);
    case 'rfc5424':
      return new Rfc5424Forward(keep8bit);
    case 'iso':
    case 'json':
      throw new Error(`no format '${name}' for forwarding`);
  }
}
