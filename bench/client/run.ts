/**
 * What logging costs and loses: the client beside other packages for Node.js and syslog(3) in C, to the same daemon,
 * interleaved in one run. `node build/bench/client/run.js [ROUNDS [PART-OF-NAME…]]`.
 *
 * It runs in a /dev of its own, for which it needs root and unshare(1): syslog(3) knows only /dev/log.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ownDev, ownDevMissing } from '../../test/support/own-dev.ts';
import { run, Running } from '../compare/command.ts';
import { outPath, sourcePath } from '../compare/places.ts';
import { median } from '../compare/statistics.ts';
import { short, table, thousands } from '../compare/table.ts';
import { LOGGERS } from './loggers.ts';

const INSIDE = 'TSYSLOGD_BENCH_INSIDE';
const SOCKET = '/dev/log';
const PORT = 39_514;
const C = 'C, syslog(3)';
const PACKAGES = {
  pino: '10.4.0',
  'pino-socket': '8.0.0',
  'pino-syslog': '4.0.0',
  winston: '3.9.0',
  'winston-syslog': '2.7.1',
};
const COUNTS = { burst: 24_000, flood: 50_000, exit: 500, restart: 8000, full: 4000 } as const;
type Scenario = keyof typeof COUNTS;
const SCENARIOS: readonly Scenario[] = ['burst', 'flood', 'exit', 'restart', 'full'];
const QUIET_MS = 700;
const DOWN_MS = 400;
const STOPPED_MS = 1500;

interface Told {
  readonly callUs: number;
  readonly elapsedMs: number;
  readonly blockMs: number;
  /** Without what the machine did meanwhile; 0 for C. */
  readonly blockCpuMs: number;
}

interface Run extends Told {
  readonly lost: number;
  readonly endMs: number;
}

function isTold(value: unknown): value is Told {
  return (
    typeof value === 'object' && value !== null && 'callUs' in value && 'elapsedMs' in value && 'blockCpuMs' in value
  );
}

async function fetchPackages(): Promise<string> {
  const folder = outPath('bench', 'client-packages');
  if (existsSync(join(folder, 'node_modules', 'winston-syslog'))) return folder;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies: PACKAGES }));
  const { ok, stderr } = await run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder });
  if (!ok) throw new Error(`npm install failed: ${stderr.trim().split('\n').at(-1)}`);
  // Compiled with the project.
  for (const name of ['unix-dgram', 'bindings', 'file-uri-to-path'])
    spawnSync('cp', ['-rT', sourcePath('node_modules', name), join(folder, 'node_modules', name)]);
  return folder;
}

class Bench {
  readonly #dir = mkdtempSync(join(tmpdir(), 'tsyslogd-bench-client-'));
  readonly #packages: string;
  readonly #program: string;
  #daemon: Running | null = null;
  #runs = 0;

  constructor(packages: string, program: string) {
    this.#packages = packages;
    this.#program = program;
    writeFileSync(join(this.#dir, 'conf'), `*.*\t-${this.#dir}/all\n`);
  }

  async startDaemon(): Promise<void> {
    const args = ['-F', '-K', '-n', '-m', '0', '-f', `${this.#dir}/conf`, '-p', SOCKET, '-P', `${this.#dir}/pid`];
    const program = outPath('src', 'cli', 'tsyslogd.cjs');
    this.#daemon = await Running.start(
      { program: process.execPath, args: [program, ...args, '-b', `127.0.0.1:${PORT}`] },
      this.#dir,
    );
    while (!existsSync(SOCKET) || !existsSync(`${this.#dir}/pid`)) await delay(10);
    await delay(200);
  }

  async close(): Promise<void> {
    await this.#daemon?.end();
    rmSync(this.#dir, { recursive: true, force: true });
  }

  async measure(name: string, scenario: Scenario): Promise<Run> {
    const id = `r${++this.#runs}r`;
    const mode = scenario === 'restart' || scenario === 'full' ? 'paced' : scenario;
    const count = COUNTS[scenario];
    const [program = '', ...args] =
      name === C
        ? [this.#program, mode, id, String(count)]
        : [
            process.execPath,
            outPath('bench', 'client', 'sender.js'),
            name,
            mode,
            id,
            String(count),
            this.#packages,
            SOCKET,
            String(PORT),
          ];
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    let out = '';
    let toldMs = 0;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      toldMs = performance.now();
    });
    const closed = new Promise((resolve) => child.once('close', resolve));
    await this.#disturb(scenario, id);
    await closed;
    const endMs = performance.now() - toldMs;
    const told: unknown =
      out === ''
        ? { callUs: Number.NaN, elapsedMs: Number.NaN, blockMs: Number.NaN, blockCpuMs: Number.NaN }
        : JSON.parse(out);
    if (!isTold(told)) throw new Error(`${name} said ${out}`);
    return { ...told, lost: count - (await this.#kept(id)), endMs };
  }

  /** What happens to the daemon meanwhile. */
  async #disturb(scenario: Scenario, id: string): Promise<void> {
    if (scenario !== 'restart' && scenario !== 'full') return;
    const begun = performance.now();
    while (!this.#text().includes(`run ${id} message 200 `) && performance.now() - begun < 10_000) await delay(5);
    if (scenario === 'full') {
      this.#daemon?.signal('SIGSTOP');
      await delay(STOPPED_MS);
      this.#daemon?.signal('SIGCONT');
      return;
    }
    await this.#daemon?.end();
    await delay(DOWN_MS);
    await this.startDaemon();
  }

  #text(): string {
    return existsSync(`${this.#dir}/all`) ? readFileSync(`${this.#dir}/all`, 'latin1') : '';
  }

  /** Once nothing more is written. */
  async #kept(id: string): Promise<number> {
    const size = (): number => (existsSync(`${this.#dir}/all`) ? statSync(`${this.#dir}/all`).size : 0);
    for (let before = -1; before !== size(); ) {
      before = size();
      await delay(QUIET_MS);
    }
    const found = this.#text().matchAll(new RegExp(`run ${id} message (\\d+) `, 'g'));
    const kept = new Set([...found].map(([, number]) => number)).size;
    writeFileSync(`${this.#dir}/all`, '');
    return kept;
  }
}

function range(values: readonly number[], format: (value: number) => string): string {
  const known = values.filter((value) => !Number.isNaN(value));
  if (known.length === 0) return '–';
  return `${format(median(known))} (${format(Math.min(...known))}–${format(Math.max(...known))})`;
}

function report(names: readonly string[], runs: ReadonlyMap<string, readonly Run[]>): string {
  const of = (name: string, scenario: Scenario, value: (run: Run) => number, format = short): string =>
    range((runs.get(`${name} ${scenario}`) ?? []).map(value), format);
  const rows = names.map((name) => [
    name,
    of(name, 'burst', ({ callUs }) => callUs),
    of(name, 'flood', ({ elapsedMs }) => (COUNTS.flood * 1000) / elapsedMs, thousands),
    ...(['flood', 'exit', 'restart', 'full'] as const).map((scenario) =>
      of(name, scenario, ({ lost }) => lost, thousands),
    ),
    of(name, 'full', ({ blockMs }) => blockMs),
    of(name, 'full', ({ blockCpuMs }) => blockCpuMs),
    of(name, 'exit', ({ endMs }) => endMs),
  ]);
  const header = [
    '',
    'µs a call',
    'messages/s',
    'lost: flood',
    'exit()',
    'restart',
    'stopped',
    'longest turn, ms',
    'of it processor, ms',
    'end after exit(), ms',
  ];
  const counts = SCENARIOS.map((scenario) => `${scenario} ${thousands(COUNTS[scenario])}`).join(', ');
  return `Medians (ranges), Node.js ${process.version}, ${availableParallelism()} processors; messages a run: ${counts}\n\n${table(header, rows)}`;
}

async function main(rounds: number, parts: readonly string[]): Promise<void> {
  const program = outPath('bench', 'client', 'sender-c');
  const compiled = await run('cc', ['-O2', '-o', program, sourcePath('bench', 'client', 'sender.c')]);
  const all = compiled.ok ? [C, ...LOGGERS] : LOGGERS;
  const names = all.filter((name) => parts.length === 0 || parts.some((part) => name.includes(part)));
  const bench = new Bench(await fetchPackages(), program);
  const runs = new Map<string, Run[]>();
  try {
    await bench.startDaemon();
    for (let round = 0; round < rounds; round++)
      for (const scenario of SCENARIOS)
        for (const name of names) {
          const result = await bench.measure(name, scenario);
          runs.set(`${name} ${scenario}`, [...(runs.get(`${name} ${scenario}`) ?? []), result]);
          process.stderr.write(`${round + 1} ${scenario} ${name}: ${JSON.stringify(result)}\n`);
        }
  } finally {
    await bench.close();
  }
  process.stdout.write(report(names, runs));
}

const [rounds = '5', ...parts] = process.argv.slice(2);
const missing = ownDevMissing();
if (missing !== false) {
  process.stderr.write(`bench/client: ${missing}\n`);
  process.exitCode = 2;
} else if (process.env[INSIDE] === undefined) {
  await fetchPackages();
  const dir = mkdtempSync(join(tmpdir(), 'tsyslogd-bench-dev-'));
  const [unshare = '', ...args] = ownDev(dir);
  const inside = [...args, process.execPath, ...process.argv.slice(1)];
  const { status } = spawnSync(unshare, inside, { stdio: 'inherit', env: { ...process.env, [INSIDE]: '1' } });
  rmSync(dir, { recursive: true, force: true });
  process.exitCode = status ?? 1;
} else await main(Number(rounds), parts);
