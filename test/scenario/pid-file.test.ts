/**
 * The pid file: there when the daemon is ready, as long as it lives, with the time of the last reload.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, statSync, unlinkSync, utimesSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { TestDaemon } from '../support/daemon.ts';
import { builtPath } from '../support/project.ts';
import { RestartingDaemon } from '../support/restarting.ts';
import { until } from '../support/until.ts';

function pidIn(path: string): number {
  return existsSync(path) ? Number(readFileSync(path, 'latin1')) : 0;
}

function startSecond(daemon: TestDaemon): string {
  const args = ['-F', '-K', '-ss', '-f', daemon.confFile, '-p', `${daemon.dir}/second`, '-P', daemon.pidFile];
  const { status, stderr } = spawnSync(process.execPath, [builtPath('src', 'cli', 'tsyslogd.cjs'), ...args], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  assert.equal(status, 1, stderr);
  return stderr;
}

test('the pid comes when everything is open; before that a second start is refused all the same', async (t) => {
  const dir = TestDaemon.folder(t);
  const daemon = TestDaemon.spawn(t, { conf: 'user.* DIR/all\nsyslog.* -DIR/self\n' }, dir);
  const lock = new RegExp(`POSIX .* WRITE ${daemon.child.pid} `);
  await until('the file is locked', () => lock.test(readFileSync('/proc/locks', 'latin1')));
  assert.match(startSecond(daemon), new RegExp(`^tsyslogd: already running, pid ${daemon.child.pid}$`, 'm'));
  await until('the pid is there', () => pidIn(daemon.pidFile) === daemon.child.pid);
  assert.ok(existsSync(daemon.socket) && existsSync(`${dir}/all`), 'sockets and files are open');
});

test('SIGHUP gives it a new time; removed, it is made and locked again', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: 'user.* -DIR/all' });
  utimesSync(daemon.pidFile, 1, 1);
  await daemon.reload();
  assert.ok(statSync(daemon.pidFile).mtimeMs > 1000);
  unlinkSync(daemon.pidFile);
  await daemon.line('self', /pid file ".*\/pid" was missing and was created$/);
  assert.equal(pidIn(daemon.pidFile), daemon.child.pid);
  assert.equal(startSecond(daemon), `tsyslogd: already running, pid ${daemon.child.pid}\n`);
  await daemon.stop();
  assert.equal(existsSync(daemon.pidFile), false);
});

test('a pid file in a missing folder is told, and made when the folder appears', async (t) => {
  const dir = TestDaemon.folder(t);
  const daemon = await TestDaemon.start(t, { conf: 'user.* -DIR/all', args: ['-P', `${dir}/run/pid`] }, dir);
  const complaint = `cannot create pid file "${dir}/run/pid": its directory is missing: retrying`;
  assert.ok(daemon.stderr.startsWith(`tsyslogd: ${complaint}\n`), daemon.stderr);
  await daemon.line('self', /its directory is missing: retrying$/);
  mkdirSync(`${dir}/run`);
  await daemon.line('self', /pid file ".*\/run\/pid" was missing and was created$/);
  assert.equal(pidIn(`${dir}/run/pid`), daemon.child.pid);
  await daemon.stop();
  assert.equal(existsSync(`${dir}/run/pid`), false);
});

test('a new process that fails leaves the pid file to the old one', async (t) => {
  const daemon = await RestartingDaemon.start(t, { conf: 'user.* -DIR/all' });
  const { pid } = daemon;
  const { ino } = statSync(daemon.daemon.pidFile);
  daemon.daemon.configure('maul.* DIR/b\nsyslog.* -DIR/self\n');
  await daemon.tryRestart();
  assert.equal(daemon.pid, pid);
  assert.equal(statSync(daemon.daemon.pidFile).ino, ino);
  daemon.daemon.configure('user.* -DIR/all\nsyslog.* -DIR/self\n');
  const next = await daemon.restart();
  unlinkSync(daemon.daemon.pidFile);
  await until('the new process makes it again', () => pidIn(daemon.daemon.pidFile) === next);
});
