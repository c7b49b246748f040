/**
 * The comparison as Markdown tables that read well as plain text: medians of the rounds, and how many times each
 * peer's number tsyslogd's is.
 */
import type { FloodRuns, QuietRuns, Results } from './results.ts';
import { FLOODS, QUIET_RATE } from './scenarios.ts';
import type { LoadResult } from './session.ts';
import { median, quantile } from './statistics.ts';

const OURS = 'tsyslogd';
const SHARES = 'steal + others %';

/** @returns the whole report, each line ended */
export function formatReport(results: Results): string {
  const floods = FLOODS.map(({ name, title }) =>
    floodSection(
      title,
      results.floods.filter((runs) => runs.scenario === name && runs.runs.length > 0),
    ),
  );
  const quiet = results.quiet.filter((runs) => runs.runs.length > 0);
  return [head(results), ...floods, quietSection(quiet), notes(results)].filter((part) => part !== '').join('\n');
}

function head(results: Results): string {
  const daemons = results.daemons.map(({ name, version }) => `${name} ${version}`.trim()).join(', ');
  const alone =
    results.senderAlonePerSec === null
      ? ''
      : `The sender alone, into a program that throws everything away: ${thousands(results.senderAlonePerSec)} msg/s.\n`;
  return `${results.date}, ${results.processors} processors (${results.processor}), Linux ${results.kernel}, Node.js ${results.node}
${daemons}; messages of ${results.messageBytes} bytes; medians of interleaved rounds
${alone}`;
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
    of(runs.runs, (run) => run.cpuUsPerMessage).toFixed(2),
    `${keptPercent(runs.runs)} %`,
    disorder(runs.runs),
    (of(runs.runs, (run) => run.peakRssKib) / 1024).toFixed(0),
    perRound(runs.runs),
  ]);
  const header = [
    '',
    'sent/s',
    'kept/s',
    'range',
    'tsyslogd is',
    'CPU µs/msg',
    'kept',
    'doubled, displaced, other',
    'peak MiB',
    SHARES,
  ];
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
      (median(runs.map((run) => run.udp.peakRssKib)) / 1024).toFixed(0),
      perRound(runs.map((run) => run.log)),
    ];
  });
  const header = [
    '',
    'log socket CPU µs/msg',
    'UDP CPU µs/msg',
    'kept',
    'lone message ms',
    '95 % ms',
    'idle switches/s',
    'idle CPU µs/s',
    'peak MiB',
    SHARES,
  ];
  return `### ${thousands(QUIET_RATE)} messages a second, lone messages, idleness\n\n${table(header, rows)}`;
}

function notes(results: Results): string {
  const lines = [
    ...results.absent.map(({ name, reason }) => `* ${name} took no part: ${reason}`),
    ...results.failures.map((failure) => `* failed: ${failure}`),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function of(runs: readonly LoadResult[], value: (run: LoadResult) => number): number {
  return median(runs.map(value));
}

/** Share of the lines that are there, never rounded up to 100. */
function keptPercent(runs: readonly LoadResult[]): string {
  const share = of(runs, (run) => (run.expected === 0 ? 0 : run.kept / run.expected));
  const worst = Math.min(...runs.map((run) => run.kept - run.expected));
  return worst === 0 ? '100' : (Math.floor(share * 1000) / 10).toFixed(1);
}

/** Of each round, what the host and other processes took: it says how far to trust the row. */
function perRound(runs: readonly LoadResult[]): string {
  return runs.map((run) => `${run.stealPercent.toFixed(0)}+${run.othersPercent.toFixed(0)}`).join(' ');
}

function disorder(runs: readonly LoadResult[]): string {
  const sum = (value: (run: LoadResult) => number): number => runs.reduce((total, run) => total + value(run), 0);
  return `${sum((run) => run.doubled)}, ${sum((run) => run.displaced)}, ${sum((run) => run.other)}`;
}

function thousands(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join(' | ')} |\n`;
  const rule = `|${widths.map((width, i) => (i === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|\n`;
  return line(header) + rule + rows.map(line).join('');
}
