/**
 * Becoming a daemon: the command returns when the daemon is ready or says why it is not; the daemon keeps nothing
 * of where it was started.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { cleanUp, TestDaemon } from '../support/daemon.ts';
import { builtPath } from '../support/project.ts';
import { sendLocal } from '../support/send.ts';
import { until } from '../support/until.ts';

interface Started {
  readonly dir: string;
  readonly status: number | null;
  readonly stderr: string;
  readonly pid: number;
}

/** Runs the command without -F from a shell with two descriptors too many. */
function start(t: TestContext, conf = 'user.* ./a\nsyslog.* ./self\n', args: readonly string[] = []): Started {
  const dir = TestDaemon.folder(t);
  writeFileSync(`${dir}/conf`, conf);
  const command = [process.execPath, builtPath('src', 'cli', 'tsyslogd.cjs'), '-K', '-n', '-ss'];
  const own = ['-f', 'conf', '-p', 'log', '-P', 'pid', ...args];
  const script = 'umask 077; exec 5</dev/zero 200</etc/passwd; "$@"; exit $?';
  const { status, stderr } = spawnSync('bash', ['-c', script, 'bash', ...command, ...own], {
    cwd: dir,
    encoding: 'utf8',
    timeout: 60_000,
  });
  const pid = existsSync(`${dir}/pid`) ? Number(readFileSync(`${dir}/pid`, 'latin1')) : 0;
  cleanUp(t, async () => {
    if (pid === 0 || isGone(pid)) return;
    process.kill(pid, 'SIGKILL');
    await until('the daemon is gone', () => isGone(pid));
  });
  return { dir, status, stderr, pid };
}

/** Ended, whether init has taken note of it or not. */
function isGone(pid: number): boolean {
  return !existsSync(`/proc/${pid}`) || stat(pid)[0] === 'Z';
}

/** Fields of proc_pid_stat(5) behind the name: state, ppid, pgrp, session, tty_nr. */
function stat(pid: number): readonly string[] {
  return readFileSync(`/proc/${pid}/stat`, 'latin1')
    .replace(/^.*\) /s, '')
    .split(' ');
}

test('the command returns 0 when the daemon is ready, and says nothing', (t) => {
  const { dir, status, stderr, pid } = start(t);
  assert.equal(status, 0);
  assert.equal(stderr, '');
  assert.ok(pid > 0 && existsSync(`/proc/${pid}`));
  assert.ok(existsSync(`${dir}/log`), 'the socket is bound');
  assert.ok(existsSync(`${dir}/a`), 'the rules are loaded');
});

test('a daemon has a session of its own, is not its leader, and has no terminal', (t) => {
  const { pid } = start(t);
  const [, , , session, terminal] = stat(pid);
  assert.notEqual(Number(session), pid);
  assert.notEqual(Number(session), Number(stat(process.pid)[3]));
  assert.equal(Number(terminal), 0);
});

test('a daemon keeps no directory, no umask and no descriptor of its starter', (t) => {
  const { pid } = start(t);
  assert.equal(readlinkSync(`/proc/${pid}/cwd`), '/');
  assert.match(readFileSync(`/proc/${pid}/status`, 'latin1'), /^Umask:\t0022$/m);
  for (const fd of [0, 1, 2]) assert.equal(readlinkSync(`/proc/${pid}/fd/${fd}`), '/dev/null');
  const fds = readdirSync(`/proc/${pid}/fd`);
  assert.equal(fds.includes('200'), false);
  assert.equal(fds.includes('3'), false);
  const targets = fds.map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
  assert.equal(targets.includes('/dev/zero') || targets.includes('/etc/passwd'), false);
  for (const fd of fds.filter((name) => Number(name) > 2)) {
    const flags = /^flags:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'latin1'))?.[1] ?? '';
    assert.notEqual(Number.parseInt(flags, 8) & 0o2000000, 0, `descriptor ${fd} is close-on-exec`);
  }
});

test('a daemon works, reloads with paths that were relative, and ends', async (t) => {
  const { dir, pid } = start(t);
  await sendLocal(`${dir}/log`, ['<13>t: hello']);
  await until('the line is there', () => readFileSync(`${dir}/a`, 'utf8').includes('hello'));
  process.kill(pid, 'SIGHUP');
  await until('it has reloaded', () => /: reloaded /.test(readFileSync(`${dir}/self`, 'utf8')));
  process.kill(pid, 'SIGTERM');
  await until('it has ended', () => isGone(pid));
  assert.deepEqual(readdirSync(dir).toSorted(), ['a', 'conf', 'self']);
});

test('the command prints why the daemon is not ready, and returns 1', (t) => {
  const { status, stderr, pid } = start(t, '', ['-p', 'none/log']);
  assert.equal(status, 1);
  assert.match(stderr, /^tsyslogd: .*none\/log.*no such file or directory.*\n$/);
  assert.equal(pid, 0);
});

test('errors in the configuration reach the terminal, and the daemon runs', (t) => {
  const { status, stderr, pid } = start(t, 'maul.* ./a\nuser.* ./b\n');
  assert.equal(status, 0);
  assert.match(stderr, /^tsyslogd: .*conf:1:1: .*maul.*\n$/);
  assert.ok(pid > 0);
});

test('a second start is refused', (t) => {
  const { dir, pid } = start(t);
  const { status, stderr } = spawnSync(
    process.execPath,
    [builtPath('src', 'cli', 'tsyslogd.cjs'), '-K', '-ss', '-f', `${dir}/conf`, '-p', `${dir}/log`, '-P', `${dir}/pid`],
    { encoding: 'utf8' },
  );
  assert.equal(status, 1);
  assert.equal(stderr, `tsyslogd: already running, pid ${pid}\n`);
});
