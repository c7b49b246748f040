/**
 * A daemon that is replaced by new processes: the one the test started ends at the first restart.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { type TestContext } from 'node:test';
import { ask, at } from './control-client.ts';
import { cleanUp, type DaemonOptions, TestDaemon } from './daemon.ts';
import { until } from './until.ts';

export class RestartingDaemon {
  readonly dir: string;
  readonly #daemon: TestDaemon | null;
  readonly #context: TestContext;

  private constructor(context: TestContext, dir: string, daemon: TestDaemon | null) {
    this.#context = context;
    this.dir = dir;
    this.#daemon = daemon;
  }

  static async start(
    context: TestContext,
    options: DaemonOptions,
    dir = TestDaemon.folder(context),
  ): Promise<RestartingDaemon> {
    const daemon = await TestDaemon.start(context, options, dir);
    // Runs before the wait for the first process: its output ends with the last process that has it.
    return RestartingDaemon.at(context, dir, daemon);
  }

  /** The daemon whose pid file is in a folder; it ends with the test. */
  static at(context: TestContext, dir: string, daemon: TestDaemon | null = null): RestartingDaemon {
    cleanUp(context, async () => {
      for (const pid of processesIn(dir)) killQuietly(pid);
      await until('no process is left', () => processesIn(dir).length === 0);
    });
    return new RestartingDaemon(context, dir, daemon);
  }

  /** The process that the test started. */
  get daemon(): TestDaemon {
    assert.ok(this.#daemon !== null);
    return this.#daemon;
  }

  /** Pid of the process that holds the pid file. */
  get pid(): number {
    return Number(readFileSync(`${this.dir}/pid`, 'latin1'));
  }

  get controlPath(): string {
    return `${this.dir}/pid.ctl`;
  }

  /** @returns the answer, whatever it is */
  tryRestart(): Promise<unknown> {
    return ask(this.#context, this.controlPath, 'restart');
  }

  /** Restarts, which must succeed. @returns the new pid, once that process has the pid file and the old one is gone */
  async restart(): Promise<number> {
    const before = this.pid;
    const answer = await this.tryRestart();
    assert.equal(at(answer, 'ok'), true, JSON.stringify(answer));
    await until('the old process is gone', () => !isAlive(before));
    assert.equal(at(answer, 'pid'), this.pid);
    return this.pid;
  }

  /** Waits for the child that is to take over. @returns its pid */
  async successor(of = this.pid): Promise<number> {
    // A command about to be executed also looks like the daemon, and the shell between the two like both.
    const isSuccessor = (pid: number): boolean =>
      isDaemon(pid, this.dir) && readText(`/proc/${pid}/environ`).includes('TSYSLOGD_LAUNCHER=');
    return await until('the new process is there', () => childrenOf(of).flatMap(childrenOf).find(isSuccessor));
  }

  /** All its processes, in pid order. */
  processes(): readonly number[] {
    return processesIn(this.dir).toSorted((one, other) => one - other);
  }

  /** Ends whichever process is the daemon by now. */
  async stop(): Promise<void> {
    const { pid } = this;
    process.kill(pid, 'SIGTERM');
    await until('the daemon has ended', () => !isAlive(pid));
  }
}

export function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && statOf(pid)[0] !== 'Z';
}

/** Whether it waits for an event. */
export function isAsleep(pid: number): boolean {
  return statOf(pid)[0] === 'S';
}

/** Descriptors above the standard ones, as what they lead to. */
export function descriptorsOf(pid: number): readonly string[] {
  return readdirSync(`/proc/${pid}/fd`)
    .filter((fd) => Number(fd) > 2)
    .flatMap((fd) => targetOf(`/proc/${pid}/fd/${fd}`));
}

/** @returns nothing for one that was closed meanwhile */
function targetOf(link: string): readonly string[] {
  try {
    return [readlinkSync(link)];
  } catch {
    return [];
  }
}

/** Resident memory, bytes. */
export function memoryOf(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]) * 1024;
}

export function childrenOf(pid: number): readonly number[] {
  return processes().filter((child) => Number(statOf(child)[1]) === pid && statOf(child)[0] !== 'Z');
}

/** Children that have ended but have not been waited for. */
export function zombiesOf(pid: number): readonly number[] {
  return processes().filter((child) => Number(statOf(child)[1]) === pid && statOf(child)[0] === 'Z');
}

export function parentOf(pid: number): number {
  return Number(statOf(pid)[1]);
}

function processesIn(dir: string): readonly number[] {
  return processes().filter((pid) => isDaemon(pid, dir) && isAlive(pid));
}

function isDaemon(pid: number, dir: string): boolean {
  const line = readText(`/proc/${pid}/cmdline`);
  // As it was started, and as it names itself.
  return (line.includes('tsyslogd.cjs') || line.startsWith('tsyslogd ')) && line.includes(dir);
}

function processes(): readonly number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 1);
}

/** Fields of proc_pid_stat(5) after the name: state, ppid. */
function statOf(pid: number): readonly string[] {
  return readText(`/proc/${pid}/stat`)
    .replace(/^.*\) /s, '')
    .split(' ');
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
