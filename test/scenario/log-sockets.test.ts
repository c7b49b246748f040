/**
 * Log sockets at which somebody else listens are left to him; of several that are asked for, those are used that can be
 * made, and the others as soon as they can.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { test } from 'node:test';
import { RECEIVERS, skipFor, TestDaemon } from '../support/daemon.ts';
import { ownDev, ownDevMissing } from '../support/own-dev.ts';
import { builtPath } from '../support/project.ts';
import { RestartingDaemon } from '../support/restarting.ts';
import { sendLocal } from '../support/send.ts';
import { until } from '../support/until.ts';

const isRoot = process.getuid?.() === 0;
const PROGRAM = builtPath('src', 'cli', 'tsyslogd.cjs');

/** Starts a daemon that must fail. @returns what it said */
function refused(dir: string, args: readonly string[], wrapper: readonly string[] = []): string {
  writeFileSync(`${dir}/conf`, `user.* ${dir}/other\n`);
  const own = ['-F', '-K', '-n', '-ss', '-f', `${dir}/conf`, '-P', `${dir}/other.pid`, '--control', 'none', ...args];
  const [program = '', ...rest] = [...wrapper, process.execPath, PROGRAM, ...own];
  const { status, stderr } = spawnSync(program, rest, { encoding: 'utf8', timeout: 60_000, killSignal: 'SIGKILL' });
  assert.equal(status, 1, stderr);
  assert.equal(existsSync(`${dir}/other.pid`), false);
  return stderr;
}

for (const receiver of RECEIVERS) {
  const skip = skipFor(receiver);

  test(`${receiver}: the log socket of a living daemon is not taken, by any of its names`, { skip }, async (t) => {
    const daemon = await TestDaemon.start(t, { conf: 'user.* -DIR/all', receiver });
    const { ino } = statSync(daemon.socket);
    const other = TestDaemon.folder(t);
    symlinkSync(daemon.socket, `${other}/link`);
    for (const path of [daemon.socket, `${other}/link`])
      assert.equal(
        refused(other, ['-p', path, '--receiver', receiver]).replace(/\S+, pid /, 'NAME, pid '),
        `tsyslogd: cannot create log socket "${path}": NAME, pid ${daemon.child.pid}, is listening on it: stop it, or choose another path with -p\n`,
      );
    assert.equal(statSync(daemon.socket).ino, ino);
    await sendLocal(daemon.socket, ['<13>t: undisturbed']);
    await daemon.line('all', /undisturbed/);
  });

  test(`${receiver}: one that a dead daemon left is replaced`, { skip }, async (t) => {
    const first = await TestDaemon.start(t, { conf: 'user.* -DIR/all', receiver });
    first.child.kill('SIGKILL');
    await first.exited;
    assert.ok(existsSync(first.socket));
    const second = await TestDaemon.start(t, { conf: 'user.* -DIR/all', receiver }, first.dir);
    await sendLocal(second.socket, ['<13>t: second']);
    await second.line('all', /second/);
  });

  test(`${receiver}: of two log sockets one waits for its folder`, { skip }, async (t) => {
    const dir = TestDaemon.folder(t);
    const args = ['-p', `${dir}/run/log`];
    const daemon = await TestDaemon.start(t, { conf: 'user.* -DIR/all', args, receiver }, dir);
    const complaint = `cannot create log socket "${dir}/run/log": no such file or directory: retrying`;
    assert.equal(daemon.stderr, `tsyslogd: ${complaint}\n`);
    assert.equal(daemon.lines('self').filter((line) => line.endsWith(complaint)).length, 1);
    await sendLocal(daemon.socket, ['<13>t: meanwhile']);
    await daemon.line('all', /meanwhile/);
    await daemon.reload();
    mkdirSync(`${dir}/run`);
    await daemon.line('self', /log socket .*\/run\/log was created$/);
    await sendLocal(`${dir}/run/log`, ['<13>t: there']);
    await daemon.line('all', /there/);
    await daemon.stop();
    assert.equal(existsSync(`${dir}/run/log`) || existsSync(daemon.socket), false);
  });
}

test('a stream socket at which somebody listens is not taken either', async (t) => {
  const dir = TestDaemon.folder(t);
  const server = createServer().listen(`${dir}/stream`);
  await once(server, 'listening');
  t.after(() => server.close());
  assert.match(refused(dir, ['-p', `${dir}/stream`]), /: .*, pid \d+, is listening on it: /);
  assert.ok(existsSync(`${dir}/stream`));
});

test('where none of several can be made, there is no daemon', (t) => {
  const dir = TestDaemon.folder(t);
  const said = refused(dir, ['-p', `${dir}/no/log`, '-p', `${dir}/none/log`]);
  assert.equal(said, `tsyslogd: cannot create log socket "${dir}/no/log": no such file or directory\n`);
});

test('a socket that another daemon has is used when that ends, and removed at the end', async (t) => {
  const first = await TestDaemon.start(t, { conf: 'user.* -DIR/all' });
  const second = await TestDaemon.start(t, { conf: 'user.* -DIR/all', args: ['-p', first.socket] });
  await second.line('self', /cannot create log socket .*, is listening on it: .*: retrying/);
  await first.stop();
  await second.line('self', new RegExp(`log socket ${first.socket} was created$`));
  await sendLocal(first.socket, ['<13>t: now here']);
  await second.line('all', /now here/);
  await second.stop();
  assert.equal(existsSync(first.socket), false);
});

test('a log socket that waits is made by the process that takes over, too', async (t) => {
  const dir = TestDaemon.folder(t);
  const daemon = await RestartingDaemon.start(t, { conf: 'user.* -DIR/all', args: ['-p', `${dir}/run/log`] }, dir);
  await daemon.restart();
  mkdirSync(`${dir}/run`);
  await until('it is made', () => existsSync(`${dir}/run/log`));
  await sendLocal(`${dir}/run/log`, ['<13>t: there']);
  await daemon.daemon.line('all', /there/);
  await daemon.restart();
  await sendLocal(`${dir}/run/log`, ['<13>t: still']);
  await daemon.daemon.line('all', /still/);
  // In one step: the daemon makes the socket again as long as there is the folder.
  renameSync(`${dir}/run`, `${dir}/gone`);
  await daemon.daemon.line('self', /cannot create log socket ".*\/run\/log": .*: retrying$/);
  await daemon.stop();
});

/** Two lines, then the daemon: a socket as systemd-journald has it. */
const JOURNAL = `mkdir -p /run/systemd/journal
perl -MSocket -e 'socket(S, AF_UNIX, SOCK_DGRAM, 0); bind(S, pack_sockaddr_un("/run/systemd/journal/dev-log")); print "up\\n"; close STDOUT; sleep 60' > /run/up &
until [ -s /run/up ]; do sleep 0.01; done
ln -s /run/systemd/journal/dev-log /dev/log
"$@"; status=$?
kill $!
exit $status`;

test('behind systemd-journald it says what to do there', { skip: ownDevMissing() }, (t) => {
  assert.ok(isRoot);
  const dir = TestDaemon.folder(t);
  const said = refused(dir, [], [...ownDev(dir), 'sh', '-c', JOURNAL, 'sh']);
  assert.match(
    said,
    /^tsyslogd: cannot create log socket "\/dev\/log": perl, pid \d+, is listening on it: run tsyslogd as a unit, etc\/systemd\/tsyslogd.service, which gets messages from journald\n$/,
  );
});
