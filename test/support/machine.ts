/**
 * A machine with systemd: a container of systemd-nspawn(1) on a disposable layer above the Debian of debian-base.ts,
 * with its own network, which has only `lo`. The project is at /opt/tsyslogd, read-only.
 *
 * Everything is in the namespaces of a process that dies with the test: nothing is registered, mounted or left behind
 * on the machine that runs the tests.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import type { TestContext } from 'node:test';
import { makeCgroup, removeCgroup } from './cgroup.ts';
import { cleanUp } from './daemon.ts';
import { debianBase } from './debian-base.ts';
import { projectPath } from './project.ts';
import { PATIENCE_MS, until } from './until.ts';

/** Arguments: base, name, Node.js, project, folders of the control group. Runs as process 1 of its own namespace. */
const SCRIPT = `
set -e
base=$1 name=$2 node=$3 project=$4
shift 4
for group; do echo 0 > "$group/cgroup.procs"; done
mount --make-rprivate /
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/nspawn /run/upper /run/work /run/root
mount -t overlay overlay -o "lowerdir=$base,upperdir=/run/upper,workdir=/run/work" /run/root
# Its exit status says that the machine wants to boot anew.
status=133
while [ "$status" = 133 ]; do
status=0
systemd-nspawn -q -b -D /run/root -M "$name" --private-network --register=no --keep-unit \\
  --console=read-only --bind-ro="$node:/usr/bin/node" --bind-ro="$project:/opt/tsyslogd" || status=$?
done
exit "$status"
`;

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Why there can be no machine here, or false. Creates the Debian that machines need. */
export function machineMissing(patienceMs?: number): string | false {
  if (process.getuid?.() !== 0) return 'needs root to boot a container';
  for (const program of ['systemd-nspawn', 'unshare', 'nsenter', 'setpriv'])
    if (spawnSync(program, ['--version']).error !== undefined) return `${program} is not installed`;
  const tried = spawnSync('unshare', ['-m', '-p', '-f', '--mount-proc', 'true'], { encoding: 'utf8' });
  if (tried.status !== 0) return `unshare does not work here: ${tried.stderr.trim()}`;
  const base = debianBase(patienceMs);
  return 'missing' in base ? base.missing : false;
}

export class Machine {
  readonly name: string;
  /** The process that holds the namespaces. */
  readonly #child: ChildProcess;
  #console = '';
  /** Process 1 of the machine, as the tests see it. */
  #init = 0;

  private constructor(name: string, base: string, groups: readonly string[]) {
    this.name = name;
    const script = [SCRIPT, 'machine', base, name, process.execPath, projectPath(), ...groups];
    const isolated = ['unshare', '-m', '-p', '-f', '--kill-child=SIGKILL', '--mount-proc', 'bash', '-c', ...script];
    this.#child = spawn('setpriv', ['--pdeathsig', 'KILL', ...isolated], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.#console += text));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#console += text));
  }

  /** Boots a machine; it is gone when the test ends. */
  static async boot(context: TestContext): Promise<Machine> {
    const base = debianBase();
    assert.ok('path' in base);
    const name = `t${randomBytes(4).toString('hex')}`;
    const groups = makeCgroup(`tsyslogd-test-${name}`);
    cleanUp(context, () => removeCgroup(groups));
    const machine = new Machine(name, base.path, groups);
    const closed = new Promise((resolve) => machine.#child.once('close', resolve));
    cleanUp(context, async () => {
      machine.#child.kill('SIGKILL');
      await closed;
    });
    await machine.#up(0);
    return machine;
  }

  /** Everything written to its console. */
  get console(): string {
    return this.#console;
  }

  /** Reboots it from inside; its disk stays as it is. */
  async reboot(): Promise<void> {
    const before = this.#init;
    await this.run('systemctl', 'reboot');
    await this.#up(before);
  }

  /** Runs a program in it to its end. */
  async run(program: string, ...args: readonly string[]): Promise<Ran> {
    return await this.#finish(this.spawn(program, ...args));
  }

  /** Runs a program that must succeed. @returns its output, without the last newline */
  async must(program: string, ...args: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await this.run(program, ...args);
    assert.equal(status, 0, `${[program, ...args].join(' ')}: ${stdout}${stderr}`);
    return stdout.replace(/\n$/, '');
  }

  /** Runs a shell script that must succeed. */
  shell(script: string): Promise<string> {
    return this.must('sh', '-ec', script);
  }

  /** Starts a program in it; it ends with the machine at the latest. */
  spawn(program: string, ...args: readonly string[]): ChildProcessByStdio<Writable, Readable, Readable> {
    const enter = ['-t', String(this.#init), '-a', '--wdns=/', 'env', '-i', `PATH=${PATH}`, 'LANG=C.UTF-8'];
    const child = spawn('nsenter', [...enter, program, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
    child.stdin.on('error', () => undefined);
    return child;
  }

  /** A path in it, as the tests see it; without absolute symbolic links, which would lead elsewhere. */
  path(inside: string): string {
    return `/proc/${this.#init}/root${inside}`;
  }

  write(inside: string, text: string | Uint8Array, mode = 0o644): void {
    mkdirSync(dirname(this.path(inside)), { recursive: true });
    writeFileSync(this.path(inside), text, { mode });
  }

  /** @returns an empty text if there is no such file */
  read(inside: string): string {
    const path = this.path(inside);
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }

  /** @returns the whole lines of a file */
  lines(inside: string): readonly string[] {
    return this.read(inside).split('\n').slice(0, -1);
  }

  /** Waits for a line of a file. */
  line(inside: string, pattern: RegExp): Promise<string> {
    return until(
      `${inside} has a line like ${pattern}`,
      () => this.lines(inside).find((line) => pattern.test(line)),
      PATIENCE_MS,
      () => this.read(inside).slice(-2000),
    );
  }

  /** A property of a unit, from systemd. */
  show(unit: string, property: string): Promise<string> {
    return this.must('systemctl', 'show', '--value', '-p', property, unit);
  }

  /** Waits until systemd is up, in a process other than `before`. */
  async #up(before: number): Promise<void> {
    const found = (): string => this.#console.slice(-4000);
    const alive = (): void => {
      if (this.#child.exitCode !== null || this.#child.signalCode !== null)
        throw new Error(`the machine is not there: ${found()}`);
    };
    this.#init = await until(
      'process 1 of the machine is there',
      () => {
        alive();
        return initBelow(this.#child.pid ?? 0, before);
      },
      PATIENCE_MS,
      found,
    );
    await until(
      'the machine is up',
      async () => {
        alive();
        const { stdout } = await this.run('systemctl', 'is-system-running');
        return /^(?:running|degraded)$/m.test(stdout);
      },
      PATIENCE_MS,
      found,
    );
  }

  async #finish(child: ChildProcessByStdio<Writable, Readable, Readable>): Promise<Ran> {
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.stdin.end();
    const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
    return { status, stdout, stderr };
  }
}

/** Looks for process 1 of a namespace within that of `ancestor`'s child. */
function initBelow(ancestor: number, other: number): number | undefined {
  for (const child of childrenOf(ancestor)) {
    const numbersOf = /^NSpid:\t(.*)$/m.exec(readText(`/proc/${child}/status`))?.[1]?.split('\t') ?? [];
    const isSystemd = readText(`/proc/${child}/comm`) === 'systemd\n';
    if (numbersOf.length > 2 && numbersOf.at(-1) === '1' && isSystemd && child !== other) return child;
    const found = initBelow(child, other);
    if (found !== undefined) return found;
  }
  return undefined;
}

function childrenOf(pid: number): readonly number[] {
  return readText(`/proc/${pid}/task/${pid}/children`)
    .split(' ')
    .filter((text) => text !== '')
    .map(Number);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
