/**
 * Runs one file of tests in its own process with its own temporary folder, and makes sure that it ends and leaves
 * nothing behind.
 */
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { builtPath } from '../support/project.ts';
import { kill } from '../support/marked-processes.ts';
import { endProcesses, MARK_VARIABLE, removeFolder, runMark } from './leftovers.ts';
import { parseRecords, runningTest, type TestRecord } from './record.ts';

export interface FileRun {
  readonly node: string;
  readonly path: string;
  /** Parent of its temporary folder. */
  readonly base: string;
  /** Distinguishes it from all other files of all runs. */
  readonly mark: string;
  readonly limits: RunLimits;
}

export interface RunLimits {
  /** Time limit for one test. */
  readonly testMs: number;
  /** Limit between two tests, and from the last one to the end of the process. */
  readonly idleMs: number;
  /** Limit before the first test, which may have to prepare something. */
  readonly startMs: number;
}

export interface FileOutcome {
  /** What the file printed, without its totals. */
  readonly output: string;
  readonly records: readonly TestRecord[];
  /** What is wrong besides failed tests: it hung, died, or left something behind. */
  readonly faults: readonly string[];
  /** From the start of the process until its leftovers were removed. */
  readonly seconds: number;
}

const LOOK_MS = 500;
/** After the process has ended, nothing else that holds its output open is waited for. */
const CLOSE_MS = 1000;

export async function runFile({ node, path, base, mark, limits }: FileRun): Promise<FileOutcome> {
  const startMs = performance.now();
  const folder = join(base, mark);
  const log = join(base, `${mark}.log`);
  mkdirSync(folder);
  // Like /tmp: processes of other users keep files in it.
  chmodSync(folder, 0o1777);
  const destinations = ['stdout', log].map((target) => `--test-reporter-destination=${target}`);
  const reporters = ['spec', builtPath('test', 'runner', 'reporter.js')].map((name) => `--test-reporter=${name}`);
  const child = spawn(node, [...reporters, ...destinations, path], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: {
      ...process.env,
      NODE_OPTIONS: '--unhandled-rejections=strict',
      TMPDIR: folder,
      [MARK_VARIABLE]: mark,
    },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const closed = new Promise((resolve) => child.once('close', resolve));
  const exited = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal === null ? `exit status ${code}` : `signal ${signal}`));
    child.once('error', (error) => resolve(error.message));
  });
  const hung = await watch(log, exited, limits);
  if (hung !== null && child.pid !== undefined) kill(-child.pid);
  const end = await exited;
  const left = await endProcesses(runMark(mark));
  await Promise.race([closed, delay(CLOSE_MS)]);
  const records = readRecords(log);
  const faults = [
    ...(hung === null ? endFaults(end, records) : [hung]),
    ...left.map((what) => `left behind: ${what}`),
    ...removeFolder(folder).map((what) => `left behind: ${what}`),
  ];
  return { output: withoutSums(output), records, faults, seconds: (performance.now() - startMs) / 1000 };
}

/** Waits for the end. @returns why it is no longer waited for, or null */
async function watch(log: string, exited: Promise<unknown>, limits: RunLimits): Promise<string | null> {
  const ended = exited.then(() => true);
  let seen = 0;
  let sinceMs = performance.now();
  while (!(await Promise.race([ended, delay(LOOK_MS, false)]))) {
    const records = readRecords(log);
    if (records.length !== seen) sinceMs = performance.now();
    seen = records.length;
    const { limitMs, where } = stage(records, limits);
    if (performance.now() - sinceMs < limitMs) continue;
    return `hangs: for ${Math.round(limitMs / 1000)} s ${where}`;
  }
  return null;
}

/** The stage it is in, and the limit for that. */
function stage(
  records: readonly TestRecord[],
  limits: RunLimits,
): { readonly limitMs: number; readonly where: string } {
  const running = runningTest(records);
  if (running !== null) return { limitMs: limits.testMs, where: `in the test "${running}"` };
  const after = records.findLast(({ event }) => event === 'complete')?.name;
  return after === undefined
    ? { limitMs: limits.startMs, where: 'before its first test' }
    : { limitMs: limits.idleMs, where: `after the test "${after}"` };
}

function endFaults(end: string, records: readonly TestRecord[]): readonly string[] {
  const running = runningTest(records);
  if (running !== null) return [`${end} in the test "${running}"`];
  const count = (event: TestRecord['event']): number => records.filter((record) => record.event === event).length;
  if (count('complete') === 0) return [`${end} without a test`];
  return end === 'exit status 0' || count('failed') > 0 ? [] : [end];
}

function readRecords(log: string): readonly TestRecord[] {
  try {
    return parseRecords(readFileSync(log, 'utf8'));
  } catch {
    // It has not started.
    return [];
  }
}

function withoutSums(output: string): string {
  const sums = output.search(/^ℹ tests \d+$/m);
  return sums === -1 ? output : output.slice(0, sums);
}
