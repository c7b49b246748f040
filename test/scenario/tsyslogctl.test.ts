/**
 * tsyslogctl and the real daemon: every command, as root and as an ordinary user, without a daemon, with one that
 * hangs, and two commands at once.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fakeServer, type Ran, runControl, type RunOptions } from '../support/ctl-program.ts';
import { cleanUp, type DaemonOptions, TestDaemon } from '../support/daemon.ts';
import { builtPath } from '../support/project.ts';
import { sendLocal } from '../support/send.ts';
import { until } from '../support/until.ts';

const NOBODY = 65_534;
const ROOT_ONLY = { skip: process.getuid?.() === 0 ? false : 'needs root' };
const CONF = 'user.* DIR/a\nmail.* DIR/b ;rotate=1M:2\nmark.* DIR/m';

/** A daemon, and tsyslogctl for it. */
async function startWithControl(
  t: TestContext,
  options: Partial<DaemonOptions> = {},
): Promise<{ daemon: TestDaemon; ctl: (args: readonly string[], options?: RunOptions) => Promise<Ran> }> {
  const dir = TestDaemon.folder(t);
  if (options.uid !== undefined) chownSync(dir, options.uid, options.uid);
  const daemon = await TestDaemon.start(t, { conf: CONF, ...options }, dir);
  const { uid } = options;
  return {
    daemon,
    ctl: (args, more = {}) =>
      runControl(['-P', daemon.pidFile, ...args], { ...(uid === undefined ? {} : { uid }), ...more }),
  };
}

/** Ends whatever runs behind a pid file when the test ends. */
function endWith(t: TestContext, pidFile: string): void {
  cleanUp(t, async () => {
    const pid = pidIn(pidFile);
    if (pid === 0 || isGone(pid)) return;
    process.kill(pid, 'SIGKILL');
    await until('the daemon is gone', () => isGone(pid));
  });
}

function pidIn(pidFile: string): number {
  return existsSync(pidFile) ? Number(readFileSync(pidFile, 'latin1')) : 0;
}

function isGone(pid: number): boolean {
  try {
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return true;
  }
}

for (const uid of [undefined, NOBODY]) {
  const who = uid === undefined ? 'this user' : 'nobody, with a daemon of its own';
  const only = uid === undefined ? {} : ROOT_ONLY;
  const as = uid === undefined ? {} : { uid };

  test(`${who}: status, text and JSON`, only, async (t) => {
    const { daemon, ctl } = await startWithControl(t, as);
    await sendLocal(daemon.socket, ['<13>t: hello']);
    await daemon.line('a', /hello/);
    const text = await ctl(['status']);
    assert.deepEqual([text.status, text.stderr], [0, '']);
    assert.match(text.stdout, new RegExp(`^tsyslogd \\S+ is running, pid ${daemon.child.pid ?? 0}, for `));
    assert.match(text.stdout, new RegExp(`^configuration  ${daemon.confFile}, number 1, 4 rules, loaded 2`, 'm'));
    assert.match(text.stdout, /\/a +file +open +1 /);
    const json = await ctl(['status', '--json']);
    assert.equal(json.status, 0);
    const document: unknown = JSON.parse(json.stdout);
    assert.ok(typeof document === 'object' && document !== null && 'status' in document);
  });

  test(`${who}: reload is done when it returns, and prints the errors of a bad configuration`, only, async (t) => {
    const { daemon, ctl } = await startWithControl(t, as);
    daemon.configure('user.* DIR/new\nsyslog.* -DIR/self\n');
    assert.deepEqual(await ctl(['reload']), {
      status: 0,
      stdout: `reloaded ${daemon.confFile}, configuration 2\n`,
      stderr: '',
    });
    await sendLocal(daemon.socket, ['<13>t: after']);
    await daemon.line('new', /after/);
    daemon.configure('maul.* DIR/x\nuser.* DIR/y ;rotat=1\nsyslog.* -DIR/self\n');
    const { status, stdout, stderr } = await ctl(['reload']);
    assert.deepEqual([status, stdout], [3, '']);
    const lines = stderr.split('\n');
    assert.match(lines[0] ?? '', new RegExp(`^${daemon.confFile}:1:1: unknown facility .maul.: expected `));
    assert.match(lines[1] ?? '', new RegExp(`^${daemon.confFile}:2:\\d+: `));
    assert.deepEqual(lines.slice(2), ['tsyslogctl: configuration not changed: 2 errors', '']);
    assert.ok(!existsSync(daemon.path('y')));
  });

  test(`${who}: reopen, rotate, mark`, only, async (t) => {
    const { daemon, ctl } = await startWithControl(t, as);
    await sendLocal(daemon.socket, ['<19>t: to be rotated']);
    await daemon.line('b', /to be rotated/);
    assert.equal((await ctl(['reopen'])).stdout, 'reopened\n');
    assert.equal((await ctl(['rotate'])).stdout, 'rotated 1 file\n');
    await until('the file is rotated', () => existsSync(daemon.path('b.0')) || existsSync(daemon.path('b.1')));
    assert.equal((await ctl(['mark'])).stdout, 'marked\n');
    await daemon.line('m', /-- MARK --$/);
  });

  test(`${who}: stop returns when the daemon is gone and everything is written`, only, async (t) => {
    const { daemon, ctl } = await startWithControl(t, as);
    await sendLocal(
      daemon.socket,
      Array.from({ length: 5000 }, (_, i) => `<13>t: message ${i}`),
    );
    const { status, stdout } = await ctl(['stop']);
    assert.deepEqual([status, stdout], [0, `tsyslogd, pid ${daemon.child.pid ?? 0}, exited\n`]);
    assert.deepEqual(await daemon.exited, { code: 0, signal: null });
    assert.ok(!existsSync(daemon.pidFile));
    assert.equal(daemon.lines('a').length, 5000);
    assert.match((await ctl(['stop'])).stdout, /^tsyslogd is not running/);
  });
}

test('a daemon of somebody else: one line says who may', ROOT_ONLY, async (t) => {
  const { daemon } = await startWithControl(t);
  const strangers = { uid: NOBODY };
  chmodSync(daemon.dir, 0o755);
  for (const [command, wanted] of [
    ['status', 4],
    ['reload', 1],
    ['stop', 1],
    ['restart', 1],
  ] as const) {
    const { status, stdout, stderr } = await runControl(['-P', daemon.pidFile, command], strangers);
    assert.deepEqual([command, status, stdout], [command, wanted, '']);
    assert.equal(stderr, `tsyslogctl: permission denied: only root may use control socket ${daemon.pidFile}.ctl\n`);
  }
  const kill = await runControl(['-P', daemon.pidFile, '--control', 'none', 'stop'], strangers);
  assert.equal(kill.status, 1);
  assert.match(kill.stderr, /^tsyslogctl: permission denied: tsyslogd is running, pid \d+, only root [^\n]+\n$/);
  assert.equal(daemon.child.exitCode, null);
});

test('a daemon without control socket: it is said, and stop ends it by signal', async (t) => {
  const { daemon, ctl } = await startWithControl(t, { args: ['--control', 'none'] });
  const pid = daemon.child.pid ?? 0;
  for (const [command, wanted] of [
    ['status', 4],
    ['reload', 1],
    ['restart', 1],
  ] as const) {
    const { status, stderr } = await ctl([command]);
    assert.equal(status, wanted);
    assert.match(
      stderr,
      new RegExp(`^tsyslogctl: tsyslogd is running, pid ${pid}, but cannot be queried \\([^\n]+\\)\n$`),
    );
  }
  assert.deepEqual(await ctl(['stop']), {
    status: 0,
    stdout: `tsyslogd, pid ${pid}, exited on SIGTERM\n`,
    stderr: '',
  });
  assert.deepEqual(await daemon.exited, { code: 0, signal: null });
});

test('a daemon that hangs: every command says so within its time', async (t) => {
  const { daemon, ctl } = await startWithControl(t);
  const pid = daemon.child.pid ?? 0;
  daemon.child.kill('SIGSTOP');
  for (const [command, wanted] of [
    ['status', 4],
    ['reload', 1],
    ['restart', 1],
  ] as const) {
    const { status, stdout, stderr } = await ctl(['--timeout', '0.5', command]);
    assert.deepEqual([status, stdout], [wanted, '']);
    assert.match(
      stderr,
      new RegExp(`^tsyslogctl: tsyslogd, pid ${pid}, holds the lock on pid file [^\n]+ but does not answer [^\n]+\n$`),
    );
  }
  const stop = await ctl(['--timeout', '3', 'stop']);
  assert.equal(stop.status, 1);
  assert.match(stop.stderr, new RegExp(`^tsyslogctl: tsyslogd, pid ${pid}, did not exit in time: [^\n]+\n$`));
  // The signal is there when it goes on.
  daemon.child.kill('SIGCONT');
  assert.deepEqual(await daemon.exited, { code: 0, signal: null });
});

test('commands at once: all are answered', async (t) => {
  const { daemon, ctl } = await startWithControl(t);
  const commands = ['status', 'reload', 'reload', 'status', 'reopen', 'mark', 'rotate', 'status'];
  const ran = await Promise.all(commands.map((command) => ctl([command])));
  assert.deepEqual(
    ran.map(({ status, stderr }) => [status, stderr]),
    commands.map(() => [0, '']),
  );
  const stops = await Promise.all([ctl(['stop']), ctl(['stop'])]);
  assert.deepEqual(
    stops.map(({ status, stderr }) => [status, stderr]),
    [
      [0, ''],
      [0, ''],
    ],
  );
  assert.deepEqual(await daemon.exited, { code: 0, signal: null });
});

/** A folder for a daemon that tsyslogctl starts. */
function prepare(t: TestContext, conf = 'user.* ./a\nsyslog.* ./self\n'): { dir: string; options: readonly string[] } {
  const dir = TestDaemon.folder(t);
  writeFileSync(join(dir, 'conf'), conf);
  endWith(t, join(dir, 'pid'));
  return { dir, options: ['-K', '-n', '-ss', '-f', join(dir, 'conf'), '-p', join(dir, 'log')] };
}

test('start, start again, restart, stop', async (t) => {
  const { dir, options } = prepare(t);
  const ctl = (...args: string[]): Promise<Ran> => runControl(['-P', join(dir, 'pid'), ...args], { cwd: dir });
  const first = await ctl('start', '--', ...options);
  const pid = pidIn(join(dir, 'pid'));
  assert.deepEqual(first, { status: 0, stdout: `tsyslogd is running, pid ${pid}\n`, stderr: '' });
  assert.deepEqual(await ctl('start', '--', ...options), {
    status: 0,
    stdout: `tsyslogd is already running, pid ${pid}\n`,
    stderr: '',
  });
  const changed = await ctl('restart', '--', '-8');
  assert.equal(changed.status, 1);
  assert.match(changed.stderr, /^tsyslogctl: tsyslogd is running, pid \d+: a restart keeps its options; [^\n]+\n$/);
  const restarted = await ctl('restart');
  assert.equal(restarted.stderr, '');
  assert.match(restarted.stdout, new RegExp(`^tsyslogd \\S+ is running, pid (?!${pid},)\\d+, replacing pid ${pid}\n$`));
  await sendLocal(join(dir, 'log'), ['<13>t: to the new one']);
  await until('the line is there', () => readFileSync(join(dir, 'a'), 'utf8').includes('to the new one'));
  await until('the pid file names the new one', () => ![0, pid].includes(pidIn(join(dir, 'pid'))));
  const second = pidIn(join(dir, 'pid'));
  assert.equal((await ctl('stop')).status, 0);
  assert.ok(isGone(pid) && isGone(second));
  assert.equal((await ctl('status')).status, 3);
});

test('restart starts a daemon that does not run, with the options given', async (t) => {
  const { dir, options } = prepare(t);
  const { status, stdout } = await runControl(['-P', join(dir, 'pid'), 'restart', '--', ...options]);
  assert.deepEqual([status, stdout], [0, `tsyslogd is running, pid ${pidIn(join(dir, 'pid'))}\n`]);
  assert.ok(existsSync(join(dir, 'log')));
});

test('start: what the daemon complains about is seen, and its status is returned', async (t) => {
  const { dir, options } = prepare(t);
  const args = ['-P', join(dir, 'pid'), 'start', '--', ...options, '-f', '/nonexistent'];
  const { status, stdout, stderr } = await runControl(args);
  assert.deepEqual([status, stdout], [1, '']);
  assert.match(stderr, /^tsyslogd: [^\n]*\/nonexistent[^\n]*no such file or directory\n$/);
});

for (const args of [['--nonsense'], ['-F'], ['--check'], ['-vv']])
  test(`start -- ${args.join(' ')} is a usage error, and starts nothing`, async (t) => {
    const { dir, options } = prepare(t);
    const { status, stderr } = await runControl(['-P', join(dir, 'pid'), 'start', '--', ...options, ...args]);
    assert.equal(status, 2);
    assert.match(stderr, /^tsyslogctl: [^\n]+\ntry tsyslogctl --help\n$/);
    assert.ok(!existsSync(join(dir, 'pid')));
  });

test('two starts at once: one daemon, and both are content', async (t) => {
  const { dir, options } = prepare(t);
  const start = (): Promise<Ran> => runControl(['-P', join(dir, 'pid'), 'start', '--', ...options]);
  const ran = await Promise.all([start(), start()]);
  assert.deepEqual(
    ran.map(({ status }) => status),
    [0, 0],
    JSON.stringify(ran),
  );
  const pid = pidIn(join(dir, 'pid'));
  assert.ok(pid > 0 && !isGone(pid));
  assert.equal(readFileSync(join(dir, 'self'), 'utf8').match(/: start \(/g)?.length, 1);
});

test('run: the daemon is in the foreground, gets the signals, and its status is ours', async (t) => {
  const { dir, options } = prepare(t);
  const ctl = spawn(
    process.execPath,
    [builtPath('src', 'cli', 'tsyslogctl.cjs'), '-P', join(dir, 'pid'), 'run', '--', ...options],
    { stdio: 'ignore' },
  );
  const exited = new Promise<number | null>((resolve) => ctl.on('exit', resolve));
  cleanUp(t, () => ctl.kill('SIGKILL'));
  const self = (): string => (existsSync(join(dir, 'self')) ? readFileSync(join(dir, 'self'), 'utf8') : '');
  await until('it has started', () => self().includes(': start ('));
  assert.match(readFileSync(`/proc/${pidIn(join(dir, 'pid'))}/stat`, 'latin1'), new RegExp(`\\) \\S ${ctl.pid ?? 0} `));
  ctl.kill('SIGHUP');
  await until('it has reloaded', () => self().includes(': reloaded '));
  ctl.kill('SIGTERM');
  assert.equal(await exited, 0);
  assert.match(self(), /exiting on signal SIGTERM\n$/);
  assert.ok(!existsSync(join(dir, 'pid')));
});

test('restart: a daemon whose lock nobody holds for a moment is asked all the same, and no other is started', async (t) => {
  const dir = TestDaemon.folder(t);
  const asked: string[] = [];
  const control = await fakeServer(t, (socket, command) => {
    asked.push(command);
    const more = command === 'status' ? { status: { pid: 1 } } : { pid: 2, version: '1.2.3' };
    socket.end(`${JSON.stringify({ ok: true, command, ...more })}\n`);
  });
  // A daemon that were started all the same could not make its pid file there, and would touch nothing.
  const ran = await runControl(['-P', join(dir, 'missing', 'pid'), '--control', control, 'restart']);
  assert.deepEqual(ran, { status: 0, stdout: 'tsyslogd 1.2.3 is running, pid 2, replacing pid 1\n', stderr: '' });
  assert.deepEqual(asked, ['status', 'restart']);
});
