/**
 * The whole report as Markdown: the summary, then each scenario with everything that was measured.
 */
import { OURS } from './daemons.ts';
import type { FloodRuns, QuietRuns, Results } from './results.ts';
import { FLOODS, QUIET_RATE } from './scenarios.ts';
import type { LoadResult } from './session.ts';
import { median, quantile } from './statistics.ts';
import { summaryTable } from './summary.ts';
import { short, table, thousands } from './table.ts';

const SHARES = 'steal + others %';
const KIB = 1024;
const DEAREST = 15;

/** @returns the whole report, each line ended */
export function formatReport(results: Results): string {
  if (results.soak !== null) return `${formatHead(results)}\n${formatSoak(results)}`;
  return [formatHead(results), formatSummary(results), ...formatDetails(results)]
    .filter((part) => part !== '')
    .join('\n');
}

/** @returns the machine and the daemons */
export function formatHead(results: Results): string {
  const daemons = results.daemons.map(({ name, version }) => `${name} ${version}`.trim()).join(', ');
  const { stealPercent, othersPercent } = results.whole;
  const steal = `The host took ${stealPercent.toFixed(1)} % of the machine's time for other machines (steal)`;
  const others = Number.isFinite(othersPercent)
    ? `, other processes ${othersPercent.toFixed(1)} % in the middle run`
    : '';
  const machine = `${results.processors} processors (${results.processor}), Linux ${results.kernel}, Node.js ${results.node}`;
  const rounds = results.soak === null ? ` Medians of ${results.rounds} interleaved rounds.` : '';
  return `${results.date}, ${machine}. ${daemons}.${rounds} ${steal}${others}.\n`;
}

/** @returns the table for everybody, and which daemons were missing or failed */
export function formatSummary(results: Results): string {
  const lines = [
    ...results.absent.map(({ name, reason }) => `* ${name} took no part: ${reason}`),
    ...results.failures.map((failure) => `* failed: ${failure}`),
  ];
  const notes = lines.length === 0 ? '' : `\n${lines.join('\n')}\n`;
  return `${summaryTable(results)}${notes}`;
}

/** @returns one section for each scenario */
export function formatDetails(results: Results): string[] {
  const floods = FLOODS.map(({ name, title }) =>
    floodSection(
      title,
      results.floods.filter((runs) => runs.scenario === name && runs.runs.length > 0),
    ),
  );
  const quiet = results.quiet.filter((runs) => runs.runs.length > 0);
  return [...floods, quietSection(quiet), loadingSection(results)].filter((part) => part !== '');
}

function floodSection(title: string, all: readonly FloodRuns[]): string {
  if (all.length === 0) return '';
  const rate = (runs: FloodRuns): number => median(runs.runs.map((run) => run.messagesPerSec));
  const ours = all.find((runs) => runs.daemon === OURS);
  const rows = all.map((runs) => [
    runs.daemon,
    thousands(of(runs.runs, (run) => (run.sent * 1000) / run.sender.elapsedMs)),
    thousands(rate(runs)),
    `${thousands(Math.min(...runs.runs.map((run) => run.messagesPerSec)))} – ${thousands(Math.max(...runs.runs.map((run) => run.messagesPerSec)))}`,
    ours === undefined ? '' : `${(rate(ours) / rate(runs)).toFixed(2)} ×`,
    short(of(runs.runs, (run) => run.cpuUsPerMessage)),
    `${keptPercent(runs.runs)} %`,
    disorder(runs.runs),
    (of(runs.runs, (run) => run.peakRssKib) / KIB).toFixed(0),
    perRound(runs.runs),
  ]);
  const disorders = 'doubled, displaced, other';
  const header = ['', 'sent/s', 'kept/s', 'range', 'tsyslogd is', 'CPU µs/msg', 'kept', disorders, 'peak MiB', SHARES];
  return `### ${title}\n\n${table(header, rows)}`;
}

function quietSection(all: readonly QuietRuns[]): string {
  if (all.length === 0) return '';
  const rows = all.map(({ daemon, runs }) => {
    const latencies = runs.flatMap((run) => run.latenciesMs);
    return [
      daemon,
      median(runs.map((run) => run.log.cpuUsPerMessage)).toFixed(1),
      median(runs.map((run) => run.udp.cpuUsPerMessage)).toFixed(1),
      `${keptPercent(runs.flatMap((run) => [run.log, run.udp]))} %`,
      median(latencies).toFixed(2),
      quantile(latencies, 0.95).toFixed(2),
      median(runs.map((run) => run.idleSwitchesPerSec)).toFixed(1),
      median(runs.map((run) => run.idleCpuUsPerSec)).toFixed(0),
      (median(runs.map((run) => run.udp.peakRssKib)) / KIB).toFixed(0),
      perRound(runs.map((run) => run.log)),
    ];
  });
  const costs = ['log socket CPU µs/msg', 'UDP CPU µs/msg'];
  const idle = ['idle switches/s', 'idle CPU µs/s'];
  const header = ['', ...costs, 'kept', 'lone message ms', '95 % ms', ...idle, 'peak MiB', SHARES];
  return `### ${thousands(QUIET_RATE)} messages a second, lone messages, idleness\n\n${table(header, rows)}`;
}

function loadingSection({ loading }: Results): string {
  if (loading === null) return '';
  const rows = loading.modules.slice(0, DEAREST).map(({ name, ms }) => [name, ms.toFixed(2)]);
  const rest = loading.modules.slice(DEAREST);
  const restMs = rest.reduce((sum, { ms }) => sum + ms, 0);
  rows.push([`${rest.length} others`, restMs.toFixed(2)], ['sum', loading.sumMs.toFixed(2)]);
  rows.push(['`node -e 0`, from start to end', loading.nodeAloneMs.toFixed(2)]);
  return `### What loading costs, module by module\n\n${table(['', 'ms'], rows)}`;
}

/** @returns memory over the messages, in about twenty lines at most */
export function formatSoak({ soak }: Results): string {
  if (soak === null) return '';
  const every = Math.max(1, Math.ceil(soak.points.length / 20));
  const rows = soak.points
    .filter((_, i) => i === 0 || (i + 1) % every === 0 || i + 1 === soak.points.length)
    .map(({ messages, rssKib, peakKib }) => [
      thousands(messages),
      (rssKib / KIB).toFixed(1),
      (peakKib / KIB).toFixed(1),
    ]);
  const { log, udp } = soak.missing;
  const lost = `Lost on the log socket: ${thousands(log)}; by UDP, dropped by the kernel: ${thousands(udp)}.`;
  return `${table(['messages', 'resident MiB', 'peak MiB'], rows)}\n${lost} It took ${soak.seconds.toFixed(0)} s.\n`;
}

function of(runs: readonly LoadResult[], value: (run: LoadResult) => number): number {
  return median(runs.map(value));
}

/** Share of the lines present, never rounded up to 100. */
function keptPercent(runs: readonly LoadResult[]): string {
  const share = of(runs, (run) => (run.expected === 0 ? 0 : run.kept / run.expected));
  const worst = Math.min(...runs.map((run) => run.kept - run.expected));
  return worst === 0 ? '100' : (Math.floor(share * 1000) / 10).toFixed(1);
}

/** What the host and other processes took in each round: it shows how far to trust the row. */
function perRound(runs: readonly LoadResult[]): string {
  return runs.map((run) => `${run.stealPercent.toFixed(0)}+${run.othersPercent.toFixed(0)}`).join(' ');
}

function disorder(runs: readonly LoadResult[]): string {
  const sum = (value: (run: LoadResult) => number): number => runs.reduce((total, run) => total + value(run), 0);
  return `${sum((run) => run.doubled)}, ${sum((run) => run.displaced)}, ${sum((run) => run.other)}`;
}
