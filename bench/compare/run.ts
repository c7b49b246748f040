/**
 * The comparison: tsyslogd beside rsyslog and inetutils-syslogd from Debian's packages, same load, same machine,
 * same run. Rounds are interleaved (A B C, A B C, …), so that a disturbance meets all of them.
 *
 * Run: `npm run bench`, or `npm run bench -- --quick` for one of under two minutes. Prints the report and writes
 * all numbers to `bench/results/compare.json` in the build folder.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, release, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';
import { DEFAULT_BYTES } from '../load/sender.ts';
import { waitForCalm } from './calm.ts';
import { Running } from './command.ts';
import { type Daemon, findInetutils, findLimit, findRsyslog, findTsyslogd, type Found } from './daemons.ts';
import { runLoad } from './load-run.ts';
import { outPath } from './places.ts';
import { formatReport } from './report.ts';
import type { FloodRuns, QuietRuns, Results } from './results.ts';
import { FLOODS, QUIET, runFlood, runQuiet, type Sizes, takesPart } from './scenarios.ts';

const USAGE = `usage: run [--quick] [--rounds N] [--only SCENARIO,...] [--daemons NAME,...] [--json FILE]
  scenarios: ${[...FLOODS.map(({ name }) => name), QUIET].join(', ')}
  daemons: tsyslogd, inetutils-syslogd, rsyslog, limit
`;

const FULL: Sizes = { flood: 500_000, warmUp: 50_000, pacedSec: 10, lone: 100, idleSec: 5 };
const QUICK: Sizes = { flood: 100_000, warmUp: 30_000, pacedSec: 2, lone: 40, idleSec: 1 };
const PATIENCE_SEC = { full: 30, quick: 1 } as const;
const ROUNDS = { full: 5, quick: 3 } as const;
const SENDER_ALONE = 500_000;
const SOCKET_WAIT_MS = 200;
/** Exit status of a shell after SIGINT. */
const INTERRUPTED = 130;

interface Plan {
  readonly sizes: Sizes;
  readonly rounds: number;
  readonly quietRounds: number;
  /** How long each run waits for a calm machine, seconds. */
  readonly patienceSec: number;
  readonly wants: (scenario: string) => boolean;
  readonly wantsDaemon: (name: string) => boolean;
  readonly jsonFile: string;
}

function readPlan(): Plan {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: { quick: { type: 'boolean' }, rounds: text, only: text, daemons: text, json: text },
  });
  const quick = values.quick === true;
  const rounds = Number(values.rounds ?? (quick ? ROUNDS.quick : ROUNDS.full));
  if (!(rounds >= 1)) throw new RangeError(`--rounds is "${values.rounds}": expected a number from 1`);
  const scenarios = values.only?.split(',');
  const daemons = values.daemons?.split(',');
  return {
    sizes: quick ? QUICK : FULL,
    rounds,
    quietRounds: quick && values.rounds === undefined ? 1 : rounds,
    patienceSec: quick ? PATIENCE_SEC.quick : PATIENCE_SEC.full,
    wants: (scenario) => scenarios?.includes(scenario) ?? true,
    wantsDaemon: (name) => daemons?.includes(name) ?? true,
    jsonFile: values.json ?? outPath('bench', 'results', 'compare.json'),
  };
}

/** Says what is going on, on stderr: the report alone is on stdout. */
function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}

async function findDaemons(plan: Plan): Promise<Found[]> {
  const finders: Readonly<Record<string, () => Promise<Found>>> = {
    tsyslogd: findTsyslogd,
    'inetutils-syslogd': findInetutils,
    rsyslog: findRsyslog,
    limit: findLimit,
  };
  const found: Found[] = [];
  for (const [name, find] of Object.entries(finders)) if (plan.wantsDaemon(name)) found.push(await find());
  return found;
}

/** How fast the generator is when the receiver throws everything away; null without the limit program. */
async function senderAlone(daemons: readonly Daemon[]): Promise<number | null> {
  const limit = daemons.find((daemon) => daemon.isLimit);
  if (limit === undefined) return null;
  const dir = mkdtempSync(join(tmpdir(), 'tsyslogd-bench-'));
  const socket = join(dir, 'log');
  const running = await Running.start(limit.command({ dir, socket, port: null, rules: [] }, ''), dir);
  try {
    await delay(SOCKET_WAIT_MS);
    const { sent, elapsedMs } = await runLoad({ socket, port: null, first: 0, count: SENDER_ALONE, rate: null });
    return (sent * 1000) / elapsedMs;
  } finally {
    await running.end();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Every daemon once, one after the other; a failure is noted and does not end the comparison. */
async function round(
  daemons: readonly Daemon[],
  scenario: string,
  failures: string[],
  once: (daemon: Daemon) => Promise<void>,
): Promise<void> {
  for (const daemon of daemons.filter((one) => takesPart(one, scenario))) {
    try {
      await once(daemon);
    } catch (error) {
      failures.push(`${scenario}, ${daemon.name}: ${error instanceof Error ? error.message : String(error)}`);
      tell(failures.at(-1) ?? '');
    }
  }
}

async function measure(plan: Plan, daemons: readonly Daemon[], results: Results): Promise<void> {
  const rounds = Math.max(plan.rounds, plan.quietRounds);
  for (let number = 1; number <= rounds; number++) {
    for (const scenario of FLOODS.filter(({ name }) => plan.wants(name) && number <= plan.rounds)) {
      await round(daemons, scenario.name, results.failures, async (daemon) => {
        await waitForCalm(plan.patienceSec);
        const run = await runFlood(daemon, scenario, plan.sizes);
        results.floods.find((of) => of.scenario === scenario.name && of.daemon === daemon.name)?.runs.push(run);
        const rate = `${Math.round(run.messagesPerSec)} msg/s, ${run.cpuUsPerMessage.toFixed(2)} µs/msg`;
        tell(`round ${number} ${scenario.name} ${daemon.name}: ${rate}, ${run.kept} of ${run.expected} lines`);
      });
    }
    if (!plan.wants(QUIET) || number > plan.quietRounds) continue;
    await round(daemons, QUIET, results.failures, async (daemon) => {
      await waitForCalm(plan.patienceSec);
      const run = await runQuiet(daemon, plan.sizes);
      results.quiet.find((of) => of.daemon === daemon.name)?.runs.push(run);
      tell(`round ${number} ${QUIET} ${daemon.name}: ${run.log.cpuUsPerMessage.toFixed(1)} µs/msg`);
    });
  }
}

async function main(plan: Plan): Promise<void> {
  const found = await findDaemons(plan);
  const daemons = found.flatMap((one) => ('daemon' in one ? [one.daemon] : []));
  const floods: FloodRuns[] = FLOODS.flatMap(({ name }) =>
    daemons.map((of) => ({ scenario: name, daemon: of.name, runs: [] })),
  );
  const quiet: QuietRuns[] = daemons.map((daemon) => ({ daemon: daemon.name, runs: [] }));
  const results: Results = {
    date: new Date().toISOString().slice(0, 10),
    node: process.version,
    kernel: release(),
    processor: cpus()[0]?.model ?? /^model name\s*: (.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? '?',
    processors: availableParallelism(),
    messageBytes: DEFAULT_BYTES,
    senderAlonePerSec: await senderAlone(daemons),
    daemons: daemons.map(({ name, version }) => ({ name, version })),
    absent: found.flatMap((one) => ('reason' in one ? [one] : [])),
    floods,
    quiet,
    failures: [],
  };
  await measure(plan, daemons, results);
  mkdirSync(dirname(plan.jsonFile), { recursive: true });
  writeFileSync(plan.jsonFile, `${JSON.stringify(results, null, 1)}\n`);
  process.stdout.write(formatReport(results));
  tell(`all numbers: ${plan.jsonFile}`);
  if (results.failures.length > 0) process.exitCode = 1;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(INTERRUPTED));
try {
  await main(readPlan());
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  process.exitCode = 2;
}
