/**
 * Runs the generator as a child process and reads its report.
 */
import type { Spread } from '../load/payload.ts';
import { run } from './command.ts';
import { outPath } from './places.ts';

const TIMEOUT_MS = 120_000;

/** The generator's report. Times in ms; `startedMs` since the epoch. */
export interface LoadReport {
  readonly sent: number;
  readonly startedMs: number;
  readonly elapsedMs: number;
  /** CPU time of the sending, and of the whole process. */
  readonly cpuUs: number;
  readonly wholeCpuUs: number;
}

export interface Load {
  readonly socket: string;
  /** UDP port, or null for the log socket. */
  readonly port: number | null;
  readonly first: number;
  readonly count: number;
  /** Messages per second, or null for full speed. */
  readonly rate: number | null;
  /** Size of each message, bytes. */
  readonly bytes: number;
  /** Ends after this time, however many were sent; null: only the number matters. */
  readonly seconds: number | null;
  /** Null: the sixteen kinds. */
  readonly spread: Spread | null;
}

function field(report: unknown, name: string): number {
  const value: unknown = typeof report === 'object' && report !== null ? Reflect.get(report, name) : undefined;
  if (typeof value !== 'number')
    throw new Error(`cannot read the report of the generator: expected a number "${name}"`);
  return value;
}

/** @throws Error with the generator's own words if it failed */
export async function runLoad(load: Load): Promise<LoadReport> {
  const target = load.port === null ? ['--socket', load.socket] : ['--udp', String(load.port)];
  const { rate, seconds, spread } = load;
  const pace = rate === null ? [] : ['--rate', String(rate)];
  const end = seconds === null ? [] : ['--seconds', String(seconds)];
  const kinds = spread === null ? [] : ['--spread', `${spread.programs}:${spread.groups}`];
  const outcome = await run(
    process.execPath,
    [
      outPath('bench', 'load', 'generator.js'),
      ...target,
      ...pace,
      ...end,
      ...kinds,
      ...['--count', String(load.count), '--first', String(load.first), '--bytes', String(load.bytes)],
    ],
    // A receiver that stops reading would block the sender forever.
    { timeout: TIMEOUT_MS },
  );
  if (!outcome.ok) throw new Error(outcome.stderr.trim());
  const report: unknown = JSON.parse(outcome.stdout);
  return {
    sent: field(report, 'sent'),
    startedMs: field(report, 'startedMs'),
    elapsedMs: field(report, 'elapsedMs'),
    cpuUs: field(report, 'cpuUs'),
    wholeCpuUs: field(report, 'wholeCpuUs'),
  };
}
