/**
 * The questions that the summary answers: the median of each measurement, what it is compared with, and the target, if
 * there is one.
 */
import { OURS } from './daemons.ts';
import { OWN_COLUMNS, OWN_OBJECTS } from './parsers.ts';
import { INETUTILS, LIMIT, RSYSLOG } from './peer-names.ts';
import type { Results } from './results.ts';
import { FLOODS } from './scenarios.ts';
import type { LoadResult } from './session.ts';
import { median, quantile } from './statistics.ts';
import type { Line, Target } from './summary-line.ts';

const KIB = 1024;

const FASTER: Target = { of: 'ratio', rule: 'at least', limit: 1 };
/** What to compare with, and how many times as fast to be, under full load; first that of the main line. */
const SPEED_GOALS: ReadonlyMap<string, readonly (readonly [string, number])[]> = new Map([
  [
    'log-one',
    [
      [RSYSLOG, 3],
      [INETUTILS, 1.8],
      [LIMIT, 0.6],
    ],
  ],
  [
    'log-debian',
    [
      [RSYSLOG, 2.5],
      [INETUTILS, 1.8],
    ],
  ],
]);
/** CPU time per message, compared with the better of the two other daemons. */
const CPU_GOALS: ReadonlyMap<string, number> = new Map([
  ['log-debian', 0.5],
  ['udp', 1],
]);
/** CPU time at a thousand messages per second, compared with rsyslog. */
const CHEAP: Target = { of: 'ratio', rule: 'at most', limit: 1.2 };
/** With many blocks, and on another Node.js; the limits allow for variation between runs. */
const AS_CHEAP: Target = { of: 'ratio', rule: 'at most', limit: 1.2 };
const AS_FAST: Target = { of: 'ratio', rule: 'at least', limit: 0.95 };

function atMost(limit: number): Target {
  return { of: 'value', rule: 'at most', limit };
}

type Pick = (run: LoadResult) => number;
const RATE: Pick = (run) => run.messagesPerSec;
const CPU: Pick = (run) => run.cpuUsPerMessage;
const SHARE: Pick = (run) => (100 * run.kept) / run.expected;

/** @returns the median of each daemon that ran the scenario */
function floodValues(results: Results, scenario: string, pick: Pick): Map<string, number> {
  const all = results.floods.filter((of) => of.scenario === scenario && of.runs.length > 0);
  return new Map(all.map(({ daemon, runs }) => [daemon, median(runs.map(pick))]));
}

function floodLines(results: Results): Line[] {
  return FLOODS.filter(({ name }) => !/^(?:program|host|files)-/.test(name)).flatMap(({ name, title }) => {
    const rates = floodValues(results, name, RATE);
    const costs = floodValues(results, name, CPU);
    // Over UDP the sender does not wait: its speed is not the daemon's, so what matters is how much is kept.
    const isUdp = name === 'udp';
    const shares: Line[] = isUdp
      ? [
          {
            what: '… of all that was sent: %',
            values: floodValues(results, name, SHARE),
            against: RSYSLOG,
            target: FASTER,
          },
        ]
      : [];
    const goals = SPEED_GOALS.get(name) ?? [[RSYSLOG, 1] as const];
    const speed = goals.map(
      ([against, limit], idx): Line => ({
        what: idx === 0 ? `${title}: kept/s` : `… beside ${against}`,
        values: idx === 0 ? rates : only(rates, against),
        against,
        target: isUdp ? null : { ...FASTER, limit },
      }),
    );
    const limit = CPU_GOALS.get(name);
    const target: Target | null = limit === undefined ? null : { of: 'ratio', rule: 'at most', limit };
    const against = target === null ? RSYSLOG : cheaperOf(costs);
    const beside = against === RSYSLOG ? '' : `, beside ${against}`;
    return [...speed, ...shares, { what: `… CPU µs a message${beside}`, values: costs, against, target }];
  });
}

function only(values: ReadonlyMap<string, number>, against: string): Map<string, number> {
  return new Map([...values].filter(([name]) => name === OURS || name === against));
}

/** @returns the better one of the two other daemons */
function cheaperOf(costs: ReadonlyMap<string, number>): string {
  const cost = (name: string): number => costs.get(name) ?? Number.POSITIVE_INFINITY;
  return cost(INETUTILS) < cost(RSYSLOG) ? INETUTILS : RSYSLOG;
}

/** The same daemon in two scenarios: CPU time per message in the second, and how much more that is. */
function growthLines(results: Results, few: string, many: string, what: string, target: Target | null): Line[] {
  const before = floodValues(results, few, CPU);
  const after = floodValues(results, many, CPU);
  const growth = new Map([...after].map(([name, value]) => [name, value / (before.get(name) ?? Number.NaN)]));
  return [
    { what: `${what}: CPU µs a message`, values: after, against: RSYSLOG, target: null },
    { what: `… times that with ${few.split('-').at(-1)}`, values: growth, against: null, target },
  ];
}

function quietLines(results: Results): Line[] {
  const values = (pick: (of: Results['quiet'][number]) => number): Map<string, number> =>
    new Map(results.quiet.filter(({ runs }) => runs.length > 0).map((of) => [of.daemon, pick(of)]));
  const latency = (part: number): Map<string, number> =>
    values(({ runs }) =>
      quantile(
        runs.flatMap((run) => run.latenciesMs),
        part,
      ),
    );
  const cost = (way: 'log' | 'udp'): Map<string, number> =>
    values(({ runs }) => median(runs.map((run) => run[way].cpuUsPerMessage)));
  const idle = values(({ runs }) => median(runs.map((run) => run.idleSwitchesPerSec)));
  return [
    { what: '1,000/s, log socket: CPU µs a message', values: cost('log'), against: RSYSLOG, target: CHEAP },
    { what: '1,000/s, UDP: CPU µs a message', values: cost('udp'), against: RSYSLOG, target: CHEAP },
    { what: 'Lone message until it is in the file: ms', values: latency(0.5), against: RSYSLOG, target: atMost(3) },
    { what: '… of 95 in 100: ms', values: latency(0.95), against: RSYSLOG, target: atMost(10) },
    { what: 'Idle: wake-ups a second', values: idle, against: null, target: atMost(1) },
  ];
}

/** The highest of all runs in any scenario. */
function memoryLine(results: Results): Line {
  const values = new Map<string, number>();
  const loads = [
    ...results.floods.flatMap(({ daemon, runs }) => runs.map((run) => ({ daemon, run }))),
    ...results.quiet.flatMap(({ daemon, runs }) => runs.map((run) => ({ daemon, run: run.udp }))),
  ];
  for (const { daemon, run } of loads) values.set(daemon, Math.max(values.get(daemon) ?? 0, run.peakRssKib / KIB));
  return { what: 'Memory, highest of all runs: MiB', values, against: null, target: atMost(96) };
}

function startLines(results: Results): Line[] {
  const started = results.starts.filter(({ runs }) => runs.length > 0);
  const values = (pick: (run: Results['starts'][number]['runs'][number]) => number | null): Map<string, number> =>
    new Map(
      started.flatMap(({ daemon, runs }) => {
        const known = runs.map(pick).filter((value) => value !== null);
        return known.length === 0 ? [] : [[daemon, median(known)]];
      }),
    );
  const status = values((run) => run.statusMs);
  return [
    {
      what: 'Start until the log socket answers: ms',
      values: values((run) => run.boundMs),
      against: null,
      target: atMost(500),
    },
    {
      what: '… until the first line is in the file: ms',
      values: values((run) => run.lineMs),
      against: null,
      target: null,
    },
    { what: '`tsyslogctl status`: ms', values: status, against: null, target: atMost(200) },
  ];
}

/** Packages for Node.js: separate lines, in the column for what they are compared with. */
function nodeLines(results: Results): Line[] {
  const rates = floodValues(results, 'udp', RATE);
  const servers = results.daemons.filter(({ role }) => role === 'node-package');
  const own = rates.get(OURS);
  const lines = servers.flatMap(({ name }): Line[] => {
    const rate = rates.get(name);
    if (own === undefined || rate === undefined) return [];
    const values = new Map([
      [OURS, own],
      [name, rate],
    ]);
    return [{ what: `UDP, beside the package ${name}: kept/s`, values, against: name, target: FASTER }];
  });
  const nanos = new Map(results.parsers.map((runs) => [runs.name, median(runs.nanos)]));
  const others = [...nanos].filter(([name]) => name !== OWN_COLUMNS && name !== OWN_OBJECTS);
  for (const [form, word] of [
    [OWN_COLUMNS, 'columns'],
    [OWN_OBJECTS, 'objects'],
  ] as const) {
    for (const [name, value] of others) {
      const values = new Map([
        [OURS, 1e9 / (nanos.get(form) ?? Number.NaN)],
        [name, 1e9 / value],
      ]);
      lines.push({ what: `Parsing into ${word}, beside ${name}: datagrams/s`, values, against: name, target: FASTER });
    }
  }
  return lines;
}

function otherNodeLines(results: Results): Line[] {
  const others = results.daemons.filter(({ role }) => role === 'other-node' || role === 'other-build');
  const quiet = new Map(
    results.quiet
      .filter(({ runs }) => runs.length > 0)
      .map(({ daemon, runs }) => [daemon, median(runs.map((run) => run.log.cpuUsPerMessage))]),
  );
  return others.flatMap(({ name }): Line[] => {
    const line = (what: string, all: ReadonlyMap<string, number>, target: Target, inverse: boolean): Line[] => {
      const own = all.get(OURS);
      const other = all.get(name);
      if (own === undefined || other === undefined) return [];
      // The ratio is that of the other Node.js to this one.
      const values = new Map([
        [OURS, other],
        [name, own],
      ]);
      return [{ what: `${name}: ${what}`, values, against: name, target: inverse ? AS_CHEAP : target }];
    };
    return [
      ...line('log socket kept/s', floodValues(results, 'log-one', RATE), AS_FAST, false),
      ...line('twelve rules kept/s', floodValues(results, 'log-debian', RATE), AS_FAST, false),
      ...line('UDP CPU µs a message', floodValues(results, 'udp', CPU), AS_CHEAP, true),
      ...line('1,000/s, log socket CPU µs a message', quiet, AS_CHEAP, true),
    ];
  });
}

/** @returns all lines that have a value of tsyslogd */
export function summaryLines(results: Results): Line[] {
  return [
    ...floodLines(results),
    ...growthLines(
      results,
      'program-blocks-10',
      'program-blocks-5000',
      '5,000 program blocks that do not match',
      AS_CHEAP,
    ),
    ...growthLines(results, 'host-blocks-10', 'host-blocks-5000', '5,000 host blocks that do not match', AS_CHEAP),
    ...growthLines(results, 'files-5', 'files-500', 'Each message to one of 500 files', AS_CHEAP),
    ...quietLines(results),
    memoryLine(results),
    ...startLines(results),
    ...nodeLines(results),
    ...otherNodeLines(results),
  ].filter((line) => Number.isFinite(line.values.get(OURS)));
}
