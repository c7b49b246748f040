/**
 * The comparison: tsyslogd beside rsyslog and inetutils-syslogd from Debian's packages and beside packages for Node.js,
 * same load, same machine, same run. Rounds are interleaved (A B C, A B C, …), so that disturbances affect all of them.
 *
 * Run: `npm run bench`; options in plan.ts. Prints the report, writes all numbers to `bench/results/compare.json` in
 * the build folder, and after a full comparison puts the table and the chart into docs/ and README.md.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, release, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DEFAULT_BYTES } from '../load/sender.ts';
import { waitForCalm } from './calm.ts';
import { Running } from './command.ts';
import type { Daemon, Found } from './daemon.ts';
import { findLimit, findOtherBuild, findTsyslogd, findTsyslogdOn, OURS } from './daemons.ts';
import { runLoad } from './load-run.ts';
import { measureLoading } from './module-report.ts';
import { measureParsers } from './parsers.ts';
import { INETUTILS, LIMIT, RSYSLOG } from './peer-names.ts';
import { findInetutils, findNodePackage, findRsyslog } from './peers.ts';
import { PARSE, type Plan, readPlan, START, USAGE } from './plan.ts';
import { machineShares, machineUse } from './proc.ts';
import { publish } from './publish.ts';
import { formatReport } from './report.ts';
import type { Results } from './results.ts';
import { ONE_FILE } from './rules.ts';
import { FLOODS, QUIET, runFlood, runQuiet, takesPart, takesQuietPart } from './scenarios.ts';
import { runSoak } from './soak.ts';
import { measureStart } from './startup.ts';
import { median } from './statistics.ts';

const SENDER_ALONE = 500_000;
const SOCKET_WAIT_MS = 200;
/** Starts of each daemon per round. */
const STARTS = { full: 3, quick: 1 } as const;
/** Fresh processes for the loading cost, and rounds of the parsers. */
const LOADINGS = 7;
/** Exit status of a shell after SIGINT. */
const INTERRUPTED = 130;

/** Reports progress on stderr: stdout has only the report. */
function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}

async function findDaemons(plan: Plan): Promise<Found[]> {
  const packages = plan.quick ? [] : ['syslog-server', 'simple-syslog-server'];
  const finders: [name: string, find: () => Promise<Found>][] = [
    [OURS, findTsyslogd],
    [RSYSLOG, findRsyslog],
    [INETUTILS, findInetutils],
    [LIMIT, findLimit],
    ...packages.map((name): [string, () => Promise<Found>] => [name, () => findNodePackage(name)]),
  ];
  if (plan.soak !== null) return [await findTsyslogd()];
  const found: Found[] = [];
  for (const [name, find] of finders) if (plan.wantsDaemon(name)) found.push(await find());
  for (const line of plan.nodes) found.push(await findTsyslogdOn(line));
  if (plan.beside !== null) found.push(await findOtherBuild(plan.beside));
  return found;
}

/** Speed of the generator when the receiver discards everything; null without the limit program. */
async function senderAlone(daemons: readonly Daemon[]): Promise<number | null> {
  const limit = daemons.find((daemon) => daemon.role === 'limit');
  if (limit === undefined) return null;
  const dir = mkdtempSync(join(tmpdir(), 'tsyslogd-bench-'));
  const socket = join(dir, 'log');
  const layout = { ...ONE_FILE, rules: [] };
  const running = await Running.start(limit.command({ dir, socket, port: null, layout }, ''), dir);
  try {
    await delay(SOCKET_WAIT_MS);
    const load = { socket, port: null, first: 0, count: SENDER_ALONE, bytes: DEFAULT_BYTES };
    const { sent, elapsedMs } = await runLoad({ ...load, rate: null, seconds: null, spread: null });
    return (sent * 1000) / elapsedMs;
  } finally {
    await running.end();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** A daemon that fails may leave a whole stack trace. */
function inOneLine(error: unknown): string {
  const lines = (error instanceof Error ? error.message : String(error)).split('\n');
  const telling = lines.find((line) => /^\w*Error\b/.test(line));
  return telling === undefined || lines[0] === telling ? (lines[0] ?? '') : `${lines[0]?.split(': ')[0]}: ${telling}`;
}

/** Runs some daemons once, one after the other; a failure is noted in one line and does not end the comparison. */
async function round(
  daemons: readonly Daemon[],
  name: string,
  failures: string[],
  once: (daemon: Daemon) => Promise<void>,
): Promise<void> {
  for (const daemon of daemons) {
    try {
      await once(daemon);
    } catch (error) {
      const failure = `${name}, ${daemon.name}: ${inOneLine(error)}`;
      if (!failures.includes(failure)) failures.push(failure);
      tell(failure);
    }
  }
}

async function measureRound(plan: Plan, number: number, daemons: readonly Daemon[], results: Results): Promise<void> {
  const { failures } = results;
  const of = <T extends { daemon: string }>(all: readonly T[], { name }: Daemon): T | undefined =>
    all.find((runs) => runs.daemon === name);
  for (const scenario of FLOODS.filter(({ name }) => plan.wants(name) && number <= plan.rounds)) {
    const fit = daemons.filter((daemon) => takesPart(daemon, scenario));
    await round(fit, scenario.name, failures, async (daemon) => {
      await waitForCalm(plan.patienceSec);
      const run = await runFlood(daemon, scenario, plan.sizes);
      const runs = results.floods.filter((all) => all.scenario === scenario.name);
      of(runs, daemon)?.runs.push(run);
      const rate = `${Math.round(run.messagesPerSec)} msg/s, ${run.cpuUsPerMessage.toFixed(2)} µs/msg`;
      tell(`round ${number} ${scenario.name} ${daemon.name}: ${rate}, ${run.kept} of ${run.expected} lines`);
    });
  }
  if (plan.wants(QUIET) && number <= plan.quietRounds) {
    await round(daemons.filter(takesQuietPart), QUIET, failures, async (daemon) => {
      await waitForCalm(plan.patienceSec);
      const run = await runQuiet(daemon, plan.sizes);
      of(results.quiet, daemon)?.runs.push(run);
      const costs = [run.log, run.udp].map((load) => load.cpuUsPerMessage.toFixed(1));
      tell(`round ${number} ${QUIET} ${daemon.name}: ${costs.join(' and ')} µs/msg`);
    });
  }
  if (plan.wants(START)) {
    for (let i = 0; i < STARTS[plan.quick ? 'quick' : 'full']; i++) {
      const fit = daemons.filter(({ can, role }) => can.has('log') && role !== 'limit');
      await round(fit, START, failures, async (daemon) => {
        of(results.starts, daemon)?.runs.push(await measureStart(daemon));
      });
    }
  }
}

async function soak(daemons: readonly Daemon[], messages: number): Promise<Results['soak']> {
  const ours = daemons.find(({ name }) => name === OURS);
  if (ours === undefined) return null;
  return await runSoak(ours, messages, ({ messages: done, rssKib, peakKib }) =>
    tell(`${done / 1e6} million: ${(rssKib / 1024).toFixed(1)} MiB, peak ${(peakKib / 1024).toFixed(1)} MiB`),
  );
}

function emptyResults(plan: Plan, found: readonly Found[], daemons: readonly Daemon[]): Omit<Results, 'whole'> {
  return {
    date: new Date().toISOString().slice(0, 10),
    node: process.version,
    kernel: release(),
    processor: cpus()[0]?.model ?? /^model name\s*: (.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? '?',
    processors: availableParallelism(),
    rounds: plan.rounds,
    senderAlonePerSec: null,
    daemons: daemons.map(({ name, version, role, can }) => ({ name, version, role, can: [...can] })),
    absent: found.flatMap((one) => ('reason' in one ? [one] : [])),
    floods: FLOODS.flatMap((scenario) =>
      daemons
        .filter((daemon) => takesPart(daemon, scenario))
        .map((of) => ({ scenario: scenario.name, daemon: of.name, runs: [] })),
    ),
    quiet: daemons.filter(takesQuietPart).map(({ name }) => ({ daemon: name, runs: [] })),
    starts: daemons.map(({ name }) => ({ daemon: name, runs: [] })),
    loading: null,
    parsers: [],
    soak: null,
    failures: [],
  };
}

/** Over the runs at full speed, which take most of the time. */
function wholeShares(results: Omit<Results, 'whole'>): Results['whole'] {
  const runs = results.floods.flatMap((flood) => flood.runs);
  const middle = (share: 'stealPercent' | 'othersPercent'): number => median(runs.map((run) => run[share]));
  return { stealPercent: middle('stealPercent'), othersPercent: middle('othersPercent') };
}

async function main(plan: Plan): Promise<void> {
  const found = await findDaemons(plan);
  for (const one of found) if ('reason' in one) tell(`${one.name} takes no part: ${one.reason}`);
  const daemons = found.flatMap((one) => ('daemon' in one ? [one.daemon] : []));
  const before = machineUse();
  const empty = emptyResults(plan, found, daemons);
  const alone = plan.soak === null ? await senderAlone(daemons) : null;
  const results: Results = { ...empty, senderAlonePerSec: alone, whole: { stealPercent: 0, othersPercent: 0 } };
  if (plan.soak !== null) results.soak = await soak(daemons, plan.soak);
  else {
    for (let number = 1; number <= Math.max(plan.rounds, plan.quietRounds); number++)
      await measureRound(plan, number, daemons, results);
    if (plan.wants(START) && !plan.quick && plan.wantsDaemon(OURS)) results.loading = await measureLoading(LOADINGS);
    const noteFailure = (text: string): void => void results.failures.push(text);
    if (plan.wants(PARSE)) results.parsers = await measureParsers(plan.rounds, noteFailure);
  }
  const { stealPercent } = machineShares(before, machineUse(), 0);
  results.whole = { ...wholeShares(results), stealPercent };
  mkdirSync(dirname(plan.jsonFile), { recursive: true });
  writeFileSync(plan.jsonFile, `${JSON.stringify(results, null, 1)}\n`);
  process.stdout.write(formatReport(results));
  tell(`all numbers: ${plan.jsonFile}`);
  if (plan.write) for (const path of publish(results)) tell(`written: ${path}`);
  if (results.failures.length > 0) process.exitCode = 1;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(INTERRUPTED));
try {
  if (process.argv.includes('--help')) process.stdout.write(USAGE);
  else await main(readPlan());
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  process.exitCode = 2;
}
