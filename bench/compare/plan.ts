/**
 * The command line of the comparison.
 */
import { parseArgs } from 'node:util';
import { outPath } from './places.ts';
import { FLOODS, QUIET, type Sizes } from './scenarios.ts';

export const START = 'start';
export const PARSE = 'parse';
/** Everything that `--only` can name. */
const NAMES: readonly string[] = [...FLOODS.map(({ name }) => name), QUIET, START, PARSE];

export const USAGE = `usage: run [--quick] [--rounds N] [--only NAME,...] [--daemons NAME,...] [--soak MESSAGES]
           [--nodes LINE,...] [--beside NAME=BUILD] [--patience SEC] [--json FILE] [--write]
  names: ${NAMES.join(', ')}
  daemons: tsyslogd, inetutils-syslogd, rsyslog, limit, syslog-server, simple-syslog-server
  --quick    the main ones in under two minutes
  --soak     memory over so many messages, nothing else
  --nodes    other lines of Node.js on which tsyslogd runs too (default 24,26; none: "")
  --beside   another build of tsyslogd takes part, to see what a change has done
  --patience how long a run waits for a calm machine (default 20, quick 1)
  --write    puts table and chart into docs/ and README.md; a whole comparison does so by itself
`;

const FULL: Sizes = { flood: 500_000, warmUp: 50_000, pacedSec: 10, lone: 100, idleSec: 5, restMs: 3000 };
const QUICK: Sizes = { flood: 100_000, warmUp: 30_000, pacedSec: 2, lone: 40, idleSec: 1, restMs: 1500 };
const PATIENCE_SEC = { full: 20, quick: 1 } as const;
const ROUNDS = 3;
const NODES = '24,26';

export interface Plan {
  readonly quick: boolean;
  readonly sizes: Sizes;
  readonly rounds: number;
  readonly quietRounds: number;
  /** How long each run waits for a calm machine, seconds. */
  readonly patienceSec: number;
  readonly wants: (name: string) => boolean;
  readonly wantsDaemon: (name: string) => boolean;
  readonly nodes: readonly string[];
  readonly beside: string | null;
  /** Messages, or null for the comparison. */
  readonly soak: number | null;
  readonly write: boolean;
  readonly jsonFile: string;
}

function list(text: string | undefined): string[] | undefined {
  return text?.split(',').filter((word) => word !== '');
}

function least(name: string, text: string, smallest: number): number {
  const value = Number(text);
  if (!(value >= smallest)) throw new RangeError(`--${name} is "${text}": expected a number from ${smallest}`);
  return value;
}

/** @throws Error for what cannot be parsed */
export function readPlan(): Plan {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const { values } = parseArgs({
    options: {
      ...{ quick: flag, rounds: text, only: text, daemons: text, soak: text },
      ...{ nodes: text, beside: text, json: text, write: flag, patience: text },
    },
  });
  const quick = values.quick === true;
  const only = list(values.only);
  const unknown = only?.find((name) => !NAMES.includes(name));
  if (unknown !== undefined) throw new RangeError(`--only names "${unknown}": expected one of ${NAMES.join(', ')}`);
  const daemons = list(values.daemons);
  const rounds = least('rounds', values.rounds ?? String(ROUNDS), 1);
  const main = new Set([...FLOODS.filter((scenario) => scenario.main).map(({ name }) => name), QUIET, START]);
  return {
    quick,
    sizes: quick ? QUICK : FULL,
    rounds,
    quietRounds: quick && values.rounds === undefined ? 1 : rounds,
    patienceSec: least('patience', values.patience ?? String(PATIENCE_SEC[quick ? 'quick' : 'full']), 0),
    wants: (name) => only?.includes(name) ?? (!quick || main.has(name)),
    wantsDaemon: (name) => daemons?.includes(name) ?? true,
    nodes: list(values.nodes ?? (quick || daemons !== undefined ? '' : NODES)) ?? [],
    beside: values.beside ?? null,
    soak: values.soak === undefined ? null : least('soak', values.soak, 1),
    write: values.write ?? (!quick && only === undefined && daemons === undefined && values.soak === undefined),
    jsonFile: values.json ?? outPath('bench', 'results', values.soak === undefined ? 'compare.json' : 'soak.json'),
  };
}
