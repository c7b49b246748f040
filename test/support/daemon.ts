/**
 * A whole daemon in its own folder, for scenarios: its sockets, files and pid file are there, so that it never meets a
 * syslog daemon of the machine.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { killMarked } from './marked-processes.ts';
import { builtPath } from './project.ts';
import { PATIENCE_MS, until } from './until.ts';

/** In the environment of a daemon and everything it starts. */
const FOLDER_VARIABLE = 'TSYSLOGD_TEST_FOLDER';

export type ReceiverName = 'batch' | 'portable';

export interface DaemonOptions {
  /** Text of the configuration; `DIR` stands for the folder. */
  readonly conf: string;
  readonly args?: readonly string[];
  readonly receiver?: ReceiverName;
  /** Program and arguments that start the daemon's command line, e.g. `unshare`. */
  readonly wrapper?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Without `-n`. */
  readonly resolveNames?: boolean;
  /** It listens at its default place: only in its own network. */
  readonly ownPort514?: boolean;
  /** Uid to run as. */
  readonly uid?: number;
}

/** Why the portable receiver cannot run on this Node.js, or false if it can. */
export function portableMissing(): string | false {
  try {
    createRequire(import.meta.url)('unix-dgram');
    return false;
  } catch {
    return `unix-dgram is not compiled for Node.js ${process.version}`;
  }
}

export const RECEIVERS: readonly ReceiverName[] = ['batch', 'portable'];

/** Why a scenario about receiving must be skipped for a receiver, or false. */
export function skipFor(receiver: ReceiverName): string | false {
  return receiver === 'portable' ? portableMissing() : false;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const cleanUps = new WeakMap<TestContext, (() => unknown)[]>();

/** Calls `task` when the test ends, last registered first, unlike `context.after`. */
export function cleanUp(context: TestContext, task: () => unknown): void {
  const known = cleanUps.get(context);
  if (known !== undefined) {
    known.push(task);
    return;
  }
  const tasks = [task];
  cleanUps.set(context, tasks);
  context.after(async () => {
    for (const next of tasks.toReversed()) await next();
  });
}

export class TestDaemon {
  readonly dir: string;
  readonly socket: string;
  readonly confFile: string;
  readonly pidFile: string;
  readonly child: ChildProcess;
  readonly exited: Promise<Exit>;
  stdout = '';
  stderr = '';

  private constructor(dir: string, options: DaemonOptions) {
    this.dir = dir;
    this.socket = join(dir, 'log');
    this.confFile = join(dir, 'conf');
    this.pidFile = join(dir, 'pid');
    this.configure(options.conf);
    const receiver = options.receiver === undefined ? [] : ['--receiver', options.receiver];
    const names = options.resolveNames === true ? [] : ['-n'];
    const own = ['-F', '-K', ...names, '-f', this.confFile, '-p', this.socket, '-P', this.pidFile, ...receiver];
    const listens =
      options.ownPort514 === true ||
      /^listen /m.test(options.conf) ||
      options.args?.some((arg) => arg === '-b' || arg.startsWith('-s')) === true;
    const [program = process.execPath, ...rest] = [
      ...(options.wrapper ?? []),
      process.execPath,
      builtPath('src', 'cli', 'tsyslogd.cjs'),
      ...own,
      ...(listens ? [] : ['-ss']),
      ...(options.args ?? []),
    ];
    this.child = spawn(program, rest, {
      cwd: dir,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, [FOLDER_VARIABLE]: dir, ...options.env },
      ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
    });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.exited = new Promise((resolve) => this.child.on('close', (code, signal) => resolve({ code, signal })));
  }

  /** A fresh folder, removed when the test ends. */
  static folder(context: TestContext): string {
    const dir = mkdtempSync(join(tmpdir(), 'tsyslogd-'));
    cleanUp(context, () => rmSync(dir, { recursive: true, force: true }));
    return dir;
  }

  /** Starts a daemon without waiting for anything; it ends with the test. */
  static spawn(context: TestContext, options: DaemonOptions, dir = TestDaemon.folder(context)): TestDaemon {
    const daemon = new TestDaemon(dir, options);
    cleanUp(context, async () => {
      daemon.child.kill('SIGKILL');
      // Its commands, which have their own sessions.
      killMarked({ name: FOLDER_VARIABLE, value: dir });
      await daemon.exited;
    });
    return daemon;
  }

  /** Starts a daemon and waits until it is ready: until the line about its start is in the file `self`. */
  static async start(
    context: TestContext,
    options: DaemonOptions,
    dir = TestDaemon.folder(context),
  ): Promise<TestDaemon> {
    const before = TestDaemon.starts(join(dir, 'self'));
    const daemon = TestDaemon.spawn(context, { ...options, conf: `${options.conf}\nsyslog.* -DIR/self\n` }, dir);
    await until(
      'the daemon is ready',
      () => {
        if (daemon.child.exitCode !== null)
          throw new Error(`the daemon ended with ${daemon.child.exitCode}: ${daemon.stderr}`);
        return TestDaemon.starts(join(dir, 'self')) > before;
      },
      PATIENCE_MS,
      () => daemon.stderr,
    );
    return daemon;
  }

  static starts(path: string): number {
    return existsSync(path) ? readFileSync(path, 'latin1').split(': start').length - 1 : 0;
  }

  /** Rewrites the configuration; `DIR` stands for the folder. */
  configure(conf: string): void {
    writeFileSync(this.confFile, conf.replaceAll('DIR', this.dir));
  }

  path(name: string): string {
    return join(this.dir, name);
  }

  /**
   * @returns the whole lines of a file, without their newlines; none if it is missing. While the daemon runs, a reader
   *   may see only part of the last line; afterwards it must be whole.
   */
  lines(name: string): string[] {
    const path = this.path(name);
    const hasEnded = this.child.exitCode !== null || this.child.signalCode !== null;
    if (!existsSync(path)) return [];
    const text = readFileSync(path, 'utf8');
    if (hasEnded) assert.ok(text === '' || text.endsWith('\n'), `${name} ends in a whole line`);
    return text.split('\n').slice(0, -1);
  }

  /** Waits until a line of a file matches. @returns that line */
  line(name: string, pattern: RegExp): Promise<string> {
    const path = this.path(name);
    const read = (): string => (existsSync(path) ? readFileSync(path, 'utf8') : '');
    return until(
      `${name} has a line like ${pattern}`,
      () =>
        read()
          .split('\n')
          .find((line) => pattern.test(line)),
      PATIENCE_MS,
      () => `${read().slice(-2000)}\n${this.stderr}`,
    );
  }

  /** Sends SIGHUP and waits for the line about the reload. */
  async reload(): Promise<void> {
    // The daemon may be writing: the last line may be incomplete.
    const count = (): number =>
      readFileSync(this.path('self'), 'latin1').match(/: reloaded .*\n|: configuration not changed.*\n/g)?.length ?? 0;
    const before = count();
    this.child.kill('SIGHUP');
    await until('the daemon has reloaded', () => count() > before);
  }

  /** Ends the daemon with SIGTERM. */
  async stop(): Promise<Exit> {
    this.child.kill('SIGTERM');
    return await this.exited;
  }
}
