/**
 * Few descriptors: 64, as `ulimit -n 64` allows, are enough to start, reload, restart and end; with fewer whatever is
 * missing is said in one line each.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { loadingOrder } from '../../src/cli/command-line/load-one-by-one.ts';
import { runControl } from '../support/ctl-program.ts';
import { TestDaemon } from '../support/daemon.ts';
import { builtPath } from '../support/project.ts';
import { RestartingDaemon } from '../support/restarting.ts';
import { sendLocal } from '../support/send.ts';
import { until } from '../support/until.ts';

function limitedTo(count: number): readonly string[] {
  return ['sh', '-c', `ulimit -n ${count}; exec "$@"`, 'sh'];
}

/** One of each kind. */
const CONF = 'user.* DIR/a\nuser.* |DIR/fifo\nuser.* |cat > DIR/b\nuser.* @192.0.2.1\nuser.* someone';

test('64 descriptors: starts, reloads, restarts, ends', async (t) => {
  const daemon = await RestartingDaemon.start(t, { conf: CONF, wrapper: limitedTo(64), args: ['-s'] });
  const { daemon: first } = daemon;
  assert.match(readFileSync(`/proc/${daemon.pid}/limits`, 'latin1'), /^Max open files\s+64 /m);
  await first.reload();
  await sendLocal(first.socket, ['<13>t: one']);
  await first.line('a', /t: one$/);
  await first.line('b', /t: one$/);
  await daemon.restart();
  await sendLocal(first.socket, ['<13>t: two']);
  await first.line('a', /t: two$/);
  await daemon.stop();
  assert.equal(first.stderr, '');
});

test('64 descriptors: becomes a daemon, and tsyslogctl works', async (t) => {
  const dir = TestDaemon.folder(t);
  RestartingDaemon.at(t, dir);
  writeFileSync(`${dir}/conf`, 'user.* ./a\nsyslog.* ./self\n');
  const [program = '', ...args] = limitedTo(64);
  const options = ['-K', '-n', '-ss', '-f', 'conf', '-p', 'log', '-P', 'pid'];
  const command = [...args, process.execPath, builtPath('src', 'cli', 'tsyslogd.cjs'), ...options];
  const { status, stderr } = spawnSync(program, command, { cwd: dir, encoding: 'utf8' });
  assert.deepEqual([status, stderr], [0, '']);
  const ctl = [...args, process.execPath, builtPath('src', 'cli', 'tsyslogctl.cjs'), '-P', `${dir}/pid`, 'status'];
  assert.equal(spawnSync(program, ctl).status, 0);
  assert.equal((await runControl(['-P', `${dir}/pid`, 'stop'])).status, 0);
});

test('as many files as there is room for are opened, however many at once', async (t) => {
  const names = Array.from({ length: 150 }, (_, i) => `many${i}`);
  const conf = names.map((name) => `*.* -DIR/${name}`).join('\n');
  const daemon = await TestDaemon.start(t, { conf, wrapper: limitedTo(256) });
  await sendLocal(daemon.socket, ['<13>t: hello']);
  await Promise.all(names.map((name) => daemon.line(name, /t: hello$/)));
  assert.equal(daemon.stderr, '');
});

test('fewer than the rules need: it runs, and says what cannot be opened', async (t) => {
  const names = Array.from({ length: 60 }, (_, i) => `many${i}`);
  const conf = names.map((name) => `*.* -DIR/${name}`).join('\n');
  const daemon = TestDaemon.spawn(t, { conf, wrapper: limitedTo(64) });
  // Which of them it can open is not known beforehand.
  const written = (): number =>
    names.filter((name) => daemon.lines(name).some((line) => line.endsWith(': hello'))).length;
  await until('some files have the message', async () => {
    if (existsSync(daemon.socket)) await sendLocal(daemon.socket, ['<13>t: hello']);
    return written() > 0;
  });
  const said = daemon.stderr.match(/^tsyslogd: cannot open file ".*": too many open files$/gm) ?? [];
  assert.ok(said.length > 0, daemon.stderr);
  assert.equal(daemon.child.exitCode, null);
});

test('each file of the program is loaded behind those that it imports', () => {
  const order = loadingOrder(builtPath('src', 'cli', 'tsyslogd', 'run-daemon.js'));
  assert.equal(order.at(-1), builtPath('src', 'cli', 'tsyslogd', 'run-daemon.js'));
  const at = (name: string): number => order.findIndex((path) => path.endsWith(`/${name}`));
  assert.ok(order.length > 100, `${order.length}`);
  for (const [before, behind] of [
    ['daemon/daemon.js', 'cli/tsyslogd/run-daemon.js'],
    ['daemon/state.js', 'daemon/daemon.js'],
    ['sys/call/native.js', 'sys/socket/sockets.js'],
  ] as const)
    assert.ok(at(before) !== -1 && at(before) < at(behind), `${before}, ${behind}`);
});
