/**
 * The life of the daemon in the foreground: pid file and lock, second instance, signals, what is left behind.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { RECEIVERS, skipFor, TestDaemon } from '../support/daemon.ts';
import { builtPath } from '../support/project.ts';
import { sendLocal } from '../support/send.ts';
import { until } from '../support/until.ts';

const CONF = 'user.* DIR/a';

/** F_GETLK from another process. @returns the pid that holds a lock on the file, 0 for none. */
function lockHolder(path: string): number {
  const script = [
    'import fcntl, struct, sys',
    'f = open(sys.argv[1], "r+")',
    'r = fcntl.fcntl(f, fcntl.F_GETLK, struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0))',
    't, w, s, l, pid = struct.unpack("hhqqi4x", r)',
    'print(0 if t == fcntl.F_UNLCK else pid, s, l)',
  ].join('\n');
  const { stdout } = spawnSync('python3', ['-c', script, path], { encoding: 'utf8' });
  const [pid, start, length] = stdout.trim().split(' ').map(Number);
  if (pid !== 0) assert.deepEqual([start, length], [0, 0], 'the lock covers the whole file');
  return pid ?? -1;
}

test('the pid file holds the pid and a newline, under a write lock', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: CONF });
  assert.equal(readFileSync(daemon.pidFile, 'latin1'), `${daemon.child.pid}\n`);
  assert.equal(lockHolder(daemon.pidFile), daemon.child.pid);
  await daemon.reload();
  assert.equal(lockHolder(daemon.pidFile), daemon.child.pid, 'also after a reload');
});

test('a second instance is refused and touches nothing', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: CONF });
  const inode = statSync(daemon.socket).ino;
  const second = spawnSync(process.execPath, [
    ...[builtPath('src', 'cli', 'tsyslogd.cjs'), '-F', '-f', daemon.confFile, '-p', daemon.socket],
    ...['-P', daemon.pidFile, '-ss'],
  ]);
  assert.equal(second.status, 1);
  assert.equal(second.stderr.toString(), `tsyslogd: already running, pid ${daemon.child.pid}\n`);
  assert.equal(statSync(daemon.socket).ino, inode);
  assert.equal(lockHolder(daemon.pidFile), daemon.child.pid);
  await sendLocal(daemon.socket, ['<13>t: still here']);
  await daemon.line('a', /still here/);
});

test('what a crash left behind is no obstacle', async (t) => {
  const dir = TestDaemon.folder(t);
  const first = await TestDaemon.start(t, { conf: CONF }, dir);
  first.child.kill('SIGKILL');
  await first.exited;
  assert.ok(existsSync(first.pidFile) && existsSync(first.socket));
  const second = await TestDaemon.start(t, { conf: CONF }, dir);
  assert.equal(readFileSync(second.pidFile, 'latin1'), `${second.child.pid}\n`);
  await sendLocal(second.socket, ['<13>t: works']);
  await second.line('a', /works/);
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`${signal}: writes what was received, says so, removes socket and pid file, exits 0`, async (t) => {
    const daemon = await TestDaemon.start(t, { conf: CONF });
    await sendLocal(
      daemon.socket,
      Array.from({ length: 5000 }, (_, i) => `<13>t: ${i}`),
    );
    daemon.child.kill(signal);
    assert.deepEqual(await daemon.exited, { code: 0, signal: null });
    assert.equal(daemon.lines('a').length, 5000);
    assert.match(
      daemon.lines('self').at(-1) ?? '',
      new RegExp(`tsyslogd\\[${daemon.child.pid}\\]: exiting on signal ${signal}$`),
    );
    assert.equal(existsSync(daemon.socket), false);
    assert.equal(existsSync(daemon.pidFile), false);
    assert.equal(daemon.stderr, '');
  });
}

test('SIGUSR1 switches debug output on and off', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: CONF });
  daemon.child.kill('SIGUSR1');
  await until('debug output appears', async () => {
    await sendLocal(daemon.socket, ['<13>tag[7]: seen']);
    return daemon.stderr.includes('seen');
  });
  assert.match(
    daemon.stderr,
    /debug: \d+ bytes, user\.notice, host "", tag "tag", pid "7", text "seen", flags \[\], to file ".*a"/,
  );
  daemon.child.kill('SIGUSR1');
  await until('debug output ends', async () => {
    const before = daemon.stderr.length;
    await sendLocal(daemon.socket, ['<13>tag[8]: more', `<13>t: mark ${before}`]);
    await daemon.line('a', new RegExp(`mark ${before}$`, 'm'));
    return daemon.stderr.length === before;
  });
});

for (const receiver of RECEIVERS) {
  test(`${receiver}: an unlinked log socket is made again`, { skip: skipFor(receiver) }, async (t) => {
    const daemon = await TestDaemon.start(t, { conf: CONF, receiver });
    unlinkSync(daemon.socket);
    // It is made, and then everybody may send to it.
    await until(
      'the socket is back, for everybody',
      () => ((statSync(daemon.socket, { throwIfNoEntry: false })?.mode ?? 0) & 0o777) === 0o666,
    );
    await sendLocal(daemon.socket, ['<13>t: after']);
    await daemon.line('a', /after/);
  });
}

test('a log socket whose directory disappears is made again when the directory is back', async (t) => {
  const dir = TestDaemon.folder(t);
  mkdirSync(`${dir}/run`);
  const daemon = await TestDaemon.start(t, { conf: CONF, args: ['-p', `${dir}/run/log`] }, dir);
  await until('both sockets are there', () => existsSync(`${dir}/run/log`));
  rmSync(`${dir}/run`, { recursive: true });
  mkdirSync(`${dir}/run`);
  await until('the socket is back', () => existsSync(`${dir}/run/log`));
  await sendLocal(`${dir}/run/log`, ['<13>t: after']);
  await daemon.line('a', /after/);
});

test('a file in place of the log socket that is not ours any more is not removed at exit', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: CONF });
  daemon.child.kill('SIGSTOP');
  unlinkSync(daemon.socket);
  writeFileSync(daemon.socket, 'mine');
  daemon.child.kill('SIGTERM');
  daemon.child.kill('SIGCONT');
  assert.equal((await daemon.exited).code, 0);
  assert.equal(readFileSync(daemon.socket, 'utf8'), 'mine');
});

test('an ordinary user can run it', {
  skip: process.getuid?.() === 0 ? false : 'needs root to become another user',
}, async (t) => {
  const dir = TestDaemon.folder(t);
  spawnSync('chmod', ['777', dir]);
  const daemon = await TestDaemon.start(t, { conf: CONF, uid: 65_534 }, dir);
  await sendLocal(daemon.socket, ['<13>t: hello']);
  await daemon.line('a', /hello/);
  assert.equal((await daemon.stop()).code, 0);
});
