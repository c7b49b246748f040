/**
 * Maps the `format` option of a rule to its format: the only place that knows all of them.
 */
import { BsdForward, Rfc3164Forward } from './traditional/forward.ts';
import { IsoFormat } from './traditional/iso.ts';
import { JsonFormat, type PeerAddresses } from './json/json.ts';
import type { RecordFormat } from './record-format.ts';
import { Rfc5424Forward } from './rfc5424/rfc5424-forward.ts';
import { Rfc5424Format } from './rfc5424/rfc5424.ts';
import { TraditionalFormat } from './traditional/traditional.ts';

/** `line`: files, terminals, pipes and commands. `forward`: other hosts. */
export type FormatKind = 'line' | 'forward';

/** The words of the configuration. `conf` is of the same rank and has this type too. */
export type FormatName = 'default' | 'rfc3164' | 'rfc5424' | 'iso' | 'json';

export interface FormatOptions {
  /** `-8`: bytes above 0x7f pass as received. */
  readonly keep8bit: boolean;
  /** For `source` in JSON. */
  readonly peers: PeerAddresses;
}

type Maker = (options: FormatOptions) => RecordFormat;

const traditional: Maker = ({ keep8bit }) => new TraditionalFormat(keep8bit);

/** Null: no such format, and the configuration refuses it. */
const MAKERS: Readonly<Record<FormatKind, Readonly<Record<FormatName, Maker | null>>>> = {
  line: {
    default: traditional,
    rfc3164: traditional,
    rfc5424: ({ keep8bit }) => new Rfc5424Format(keep8bit),
    iso: ({ keep8bit }) => new IsoFormat(keep8bit),
    json: ({ peers }) => new JsonFormat(peers),
  },
  forward: {
    default: ({ keep8bit }) => new BsdForward(keep8bit),
    rfc3164: ({ keep8bit }) => new Rfc3164Forward(keep8bit),
    rfc5424: ({ keep8bit }) => new Rfc5424Forward(keep8bit),
    iso: null,
    json: null,
  },
};

/** @throws Error if there is no such format for forwarding */
export function createFormat(kind: FormatKind, name: FormatName, options: FormatOptions): RecordFormat {
  const make = MAKERS[kind][name];
  if (make === null) throw new Error(`no format '${name}' for kind '${kind}'`);
  return make(options);
}

/** Makes each format once: destinations with the same format object share one formatting of a record. */
export class FormatSet {
  readonly #options: FormatOptions;
  readonly #known = new Map<Maker | null, RecordFormat>();

  constructor(options: FormatOptions) {
    this.#options = options;
  }

  /** As {@link createFormat}; returns the same object for equal arguments. */
  get(kind: FormatKind, name: FormatName): RecordFormat {
    const make = MAKERS[kind][name];
    const known = this.#known.get(make) ?? createFormat(kind, name, this.#options);
    this.#known.set(make, known);
    return known;
  }
}
