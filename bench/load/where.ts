/**
 * Where the time of a message goes: the daemon under full load on a log socket, profiled twice, by perf(1) and by V8;
 * prints CPU nanoseconds per message and stage.
 *
 * Run: `node build/bench/load/where.js [--rules one|twelve] [--count N]`. Needs perf and permission to profile the
 * whole machine (perf -a: watching a single process makes each of its context switches more expensive).
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { add, JAVASCRIPT, type Stages, stageOfFrames } from './stages.ts';

const HERE = dirname(fileURLToPath(import.meta.url));
const DAEMON = join(HERE, '../../src/cli/tsyslogd.cjs');
const WARM_UP_COUNT = 500_000;
const SAMPLES_PER_SEC = 4999;
const POLL_MS = 20;
const PATIENCE_MS = 10_000;

/** Selectors of one rule, and of the twelve that Debian had. */
const RULES: Readonly<Record<string, readonly string[]>> = {
  one: ['*.*;syslog.none'],
  twelve: [
    ...['auth,authpriv.*', '*.*;auth,authpriv.none', 'daemon.*', 'kern.*', 'lpr.*', 'mail.*', 'user.*'],
    ...['mail.info', 'mail.warn', 'mail.err', '*.=debug;auth,authpriv.none;news.none;mail.none'],
    '*.=info;*.=notice;*.=warn;auth,authpriv.none;cron,daemon.none;mail,news.none',
  ],
};

interface Run {
  readonly dir: string;
  readonly socket: string;
  readonly daemon: ChildProcess;
  readonly pid: number;
}

async function until(what: string, isDone: () => boolean): Promise<void> {
  for (let waited = 0; !isDone(); waited += POLL_MS) {
    if (waited > PATIENCE_MS) throw new Error(`waited too long for ${what}`);
    await sleep(POLL_MS);
  }
}

/** Starts a daemon that writes to its own files, and warms it up. */
async function start(dir: string, selectors: readonly string[], nodeOptions: readonly string[]): Promise<Run> {
  const socket = join(dir, 'log');
  writeFileSync(join(dir, 'conf'), selectors.map((selector, i) => `${selector}\t-${dir}/${i}.out\n`).join(''));
  const options = ['-F', '-K', '-n', '-m', '0', '-ss', '-f', join(dir, 'conf'), '-p', socket, '-P', join(dir, 'pid')];
  const daemon = spawn(process.execPath, [...nodeOptions, DAEMON, ...options, '--control', 'none'], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, PROFILE_FILE: join(dir, 'profile') },
  });
  await until('the log socket', () => existsSync(socket));
  send(socket, WARM_UP_COUNT, []);
  for (const name of readdirSync(dir)) if (name.endsWith('.out')) truncateSync(join(dir, name));
  return { dir, socket, daemon, pid: daemon.pid ?? 0 };
}

/** Sends `count` messages; `before`: a command that runs the generator. */
function send(socket: string, count: number, before: readonly string[]): void {
  const generator = [process.execPath, join(HERE, 'generator.js'), '--socket', socket, '--count', String(count)];
  const [program = '', ...args] = [...before, ...generator];
  const { status } = spawnSync(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error(`${program} ended with ${status}`);
}

async function stop({ daemon, dir, pid }: Run): Promise<void> {
  const ended = new Promise((resolve) => daemon.once('exit', resolve));
  daemon.kill('SIGTERM');
  await ended;
  rmSync(dir, { recursive: true, force: true });
  // Left behind by --perf-basic-prof; perf requires it there.
  rmSync(`/tmp/perf-${pid}.map`, { force: true });
}

/** CPU time of all threads of a process, nanoseconds. Source: proc(5), schedstat. */
function cpuNs(pid: number): number {
  const tasks = readdirSync(`/proc/${pid}/task`);
  return tasks.reduce((total, task) => {
    const [ns = '0'] = readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ');
    return total + Number(ns);
  }, 0);
}

/** @returns perf samples by stage */
async function readPerf(file: string, pid: number): Promise<Stages> {
  const stages: Stages = new Map();
  const script = spawn('perf', ['script', '-i', file, '--pid', String(pid), '-F', 'pid,tid,ip,sym,dso'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let head = '';
  let frames: string[] = [];
  for await (const line of createInterface({ input: script.stdout })) {
    if (/^\s+[0-9a-f]+ /.test(line)) frames.push(line);
    else if (line.trim() !== '') head = line;
    else if (frames.length > 0) {
      const [, process, thread] = /(\d+)\/(\d+)/.exec(head) ?? [];
      add(stages, stageOfFrames(frames, process === thread), 1);
      frames = [];
    }
  }
  return stages;
}

/** @returns microseconds of JavaScript by stage */
function readProfile(file: string): Stages {
  const stages: Stages = new Map();
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const [us = '', stage] = line.split('\t');
    if (stage !== undefined) add(stages, stage, Number(us));
  }
  return stages;
}

function sumOf(stages: Stages): number {
  return [...stages.values()].reduce((total, value) => total + value, 0);
}

async function main(selectors: readonly string[], count: number): Promise<void> {
  const dir = (): string => mkdtempSync(join(tmpdir(), 'tsyslogd-where-'));
  const samples = join(dir(), 'perf.data');

  const perfRun = await start(dir(), selectors, ['--perf-basic-prof']);
  const beforeNs = cpuNs(perfRun.pid);
  const perf = [
    'perf',
    'record',
    '-q',
    '-a',
    '-g',
    '-e',
    'cpu-clock',
    '-F',
    String(SAMPLES_PER_SEC),
    '-o',
    samples,
    '--',
  ];
  send(perfRun.socket, count, perf);
  const perMessage = (cpuNs(perfRun.pid) - beforeNs) / count;
  const stages = await readPerf(samples, perfRun.pid);
  await stop(perfRun);

  const run = await start(dir(), selectors, ['--import', join(HERE, 'profile-on-signal.js')]);
  run.daemon.kill('SIGWINCH');
  await sleep(POLL_MS);
  send(run.socket, count, []);
  run.daemon.kill('SIGPWR');
  await until('the profile', () => existsSync(join(run.dir, 'profile')));
  const script = readProfile(join(run.dir, 'profile'));
  await stop(run);
  rmSync(dirname(samples), { recursive: true, force: true });

  const total = sumOf(stages);
  const javascript = stages.get(JAVASCRIPT) ?? 0;
  stages.delete(JAVASCRIPT);
  for (const [stage, value] of script) add(stages, stage, (value / sumOf(script)) * javascript);
  console.log(`${count} messages, ${perMessage.toFixed(0)} ns of CPU each\n`);
  for (const [stage, value] of [...stages].toSorted((a, b) => b[1] - a[1])) {
    const share = value / total;
    console.log(
      `${stage.padEnd(48)} ${(share * perMessage).toFixed(0).padStart(6)} ns ${(share * 100).toFixed(1).padStart(5)} %`,
    );
  }
}

const { values } = parseArgs({ options: { rules: { type: 'string' }, count: { type: 'string' } } });
await main(RULES[values.rules ?? 'one'] ?? [], Number(values.count ?? 2_000_000));
