/**
 * tsyslogctl against servers that answer as the daemon does, and against hostile, hung and dying ones: one clear line
 * and the right exit status, whatever happens.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { answering, fakeServer, type Reply, runControl } from '../../../support/ctl-program.ts';
import { cleanUp, TestDaemon } from '../../../support/daemon.ts';
import { STATUS } from '../../../support/control-status.ts';
import { isAlive } from '../../../support/restarting.ts';
import { until } from '../../../support/until.ts';

const STATUS_ANSWER = { ok: true, command: 'status', status: STATUS };

test('status: what is wrong comes on top, inputs and outputs are tables', async (t) => {
  const control = await fakeServer(t, answering(STATUS_ANSWER));
  const { status, stdout, stderr } = await runControl(['--control', control, 'status'], { env: { TZ: 'UTC' } });
  assert.deepEqual([status, stderr], [0, '']);
  const lines = stdout.split('\n');
  assert.equal(lines[0], 'tsyslogd 0.1.0 is running, pid 4711, for 1 d 2 h, since 2026-11-20 03:00:00');
  assert.equal(lines[1], '1 input is failing, 2 outputs are failing, 120 messages dropped');
  assert.ok(
    lines.some((line) => /^UDP \*:514 +udp +RETRYING +234,567 +0\/s +0 +2 +1$/.test(line)),
    stdout,
  );
  assert.ok(
    lines.some((line) => /^file "\/var\/log\/a" +file +RETRYING +0 +0\/s +120 +121 KiB +12$/.test(line)),
    stdout,
  );
  assert.ok(!stdout.includes('\x1b'), 'no colours but on a terminal, and no control bytes of the daemon');
});

test('status --json: the answer as it came, on one line, with escapes for what a terminal acts upon', async (t) => {
  const answer = { ...STATUS_ANSWER, new: ['\u001b\u009b\u0085\u007f\u202e\u{e0041}é'] };
  const control = await fakeServer(t, answering(answer));
  const { status, stdout } = await runControl(['--control', control, 'status', '--json']);
  assert.equal(status, 0);
  assert.deepEqual(JSON.parse(stdout), answer);
  assert.equal(stdout.indexOf('\n'), stdout.length - 1);
  assert.match(stdout, /"new":\["\\u001b\\u009b\\u0085\\u007f\\u202e\\udb40\\udc41é"\]/);
});

test('status -q: nothing but the exit status', async (t) => {
  const control = await fakeServer(t, answering(STATUS_ANSWER));
  assert.deepEqual(await runControl(['--control', control, '-q', 'status']), { status: 0, stdout: '', stderr: '' });
});

test('status: an answer of another version is shown as far as it is known', async (t) => {
  const control = await fakeServer(
    t,
    answering({ ok: true, status: { pid: 12, outputs: [{ name: 7 }, null], inputs: 3 } }),
  );
  const { status, stdout } = await runControl(['--control', control, 'status']);
  assert.equal(status, 0);
  assert.match(stdout, /pid 12/);
});

const DONE: readonly (readonly [string, object, string])[] = [
  ['reload', { file: '/etc/x.conf', configuration: 4 }, 'reloaded /etc/x.conf, configuration 4\n'],
  ['reopen', {}, 'reopened\n'],
  ['rotate', { rotated: 2 }, 'rotated 2 files\n'],
  ['rotate', { rotated: 0 }, 'nothing to rotate: no file has rotation set\n'],
  ['mark', {}, 'marked\n'],
];

for (const [command, members, line] of DONE)
  test(`${command}: says ${line.trim()}, and nothing with -q`, async (t) => {
    const asked: string[] = [];
    const control = await fakeServer(t, (socket, request) => {
      asked.push(request);
      answering({ ok: true, command, ...members })(socket, request);
    });
    assert.deepEqual(await runControl(['--control', control, command]), { status: 0, stdout: line, stderr: '' });
    assert.deepEqual(await runControl(['--control', control, '-q', command]), { status: 0, stdout: '', stderr: '' });
    assert.deepEqual(asked, [command, command]);
  });

test('reload: the errors are lines of their own, made safe, and the status is 3', async (t) => {
  const problems = ['/etc/x.conf:1:2: bad: expected good', 'x:1:1: \u001b[31m', 3];
  const answer = { ok: false, command: 'reload', error: 'configuration not changed: 2 errors', problems };
  const control = await fakeServer(t, answering(answer));
  assert.deepEqual(await runControl(['--control', control, 'reload']), {
    status: 3,
    stdout: '',
    stderr: `${problems[0]}\nx:1:1: \\x1b[31m\ntsyslogctl: configuration not changed: 2 errors\n`,
  });
});

test('a refusal is one line, and the status is 1', async (t) => {
  const control = await fakeServer(t, answering({ ok: false, command: 'reload', error: 'the daemon is exiting' }));
  for (const command of ['reload', 'mark', 'stop'])
    assert.deepEqual(await runControl(['--control', control, command]), {
      status: 1,
      stdout: '',
      stderr: 'tsyslogctl: the daemon is exiting\n',
    });
});

/** Servers that are none, by name, and what is said of them. */
const HOSTILE: readonly (readonly [string, Reply, RegExp])[] = [
  ['says nothing', () => undefined, /no answer within 0.3 seconds/],
  ['hangs up', (socket) => socket.destroy(), /closed the connection without answering/],
  ['hangs up within its answer', (socket) => socket.end('{"ok":tr'), /closed the connection without answering/],
  ['never ends its line', (socket) => socket.write('{"ok":'), /no answer within 0.3 seconds/],
  ['answers no JSON', (socket) => socket.write('ok\n'), /its answer is not JSON/],
  ['answers bytes', (socket) => socket.write(Buffer.from([0xff, 0x00, 0x0a])), /its answer is not JSON/],
  ['answers an array', (socket) => socket.write('[]\n'), /its answer is not an object/],
  ['answers null', (socket) => socket.write('null\n'), /its answer is not an object/],
];

for (const [name, reply, said] of HOSTILE)
  test(`a server that ${name}: one line, status 4 for status and 1 for the others`, async (t) => {
    const control = await fakeServer(t, reply);
    for (const [command, wanted] of [
      ['status', 4],
      ['reload', 1],
    ] as const) {
      const args = ['--control', control, '-P', `${control}.pid`, '--timeout', '0.3', command];
      const { status, stdout, stderr } = await runControl(args);
      assert.deepEqual([status, stdout], [wanted, '']);
      assert.match(stderr, said);
      assert.match(stderr, /^tsyslogctl: [^\n]+\n$/);
    }
  });

test('an answer without end is given up before memory is', async (t) => {
  const piece = 'x'.repeat(1024 * 1024);
  const control = await fakeServer(t, (socket) => {
    const pour = (): void => {
      while (!socket.destroyed && socket.write(piece));
    };
    socket.on('drain', pour);
    pour();
  });
  const { status, stderr } = await runControl(['--control', control, 'status']);
  assert.equal(status, 4);
  assert.match(stderr, /its answer is too long/);
});

test('an answer without status is no status', async (t) => {
  const control = await fakeServer(t, answering({ ok: true, command: 'status' }));
  assert.deepEqual(await runControl(['--control', control, 'status']), {
    status: 4,
    stdout: '',
    stderr: 'tsyslogctl: the answer has no status\n',
  });
});

const NOT_THERE: readonly (readonly [string, number])[] = [
  ['status', 3],
  ['reload', 7],
  ['reopen', 7],
  ['rotate', 7],
  ['mark', 7],
];

for (const [command, wanted] of NOT_THERE)
  test(`${command} without a daemon: says what was tried, status ${wanted}`, async (t) => {
    const dir = TestDaemon.folder(t);
    assert.deepEqual(await runControl(['-P', join(dir, 'x.pid'), command]), {
      status: wanted,
      stdout: '',
      stderr:
        `tsyslogctl: tsyslogd is not running (control socket ${dir}/x.ctl: no such file or directory; ` +
        `pid file ${dir}/x.pid: not locked)\n`,
    });
  });

test('a socket that was left behind is no daemon', async (t) => {
  const path = join(TestDaemon.folder(t), 'ctl');
  const server = spawn(process.execPath, [
    '-e',
    `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`,
  ]);
  cleanUp(t, () => server.kill('SIGKILL'));
  await once(server, 'exit');
  assert.ok(existsSync(path));
  const { status, stderr } = await runControl(['--control', path, '-P', `${path}.pid`, 'status']);
  assert.equal(status, 3);
  assert.match(stderr, /not running .*connection refused/);
});

test('stop without a daemon is done, and says so', async (t) => {
  const dir = TestDaemon.folder(t);
  assert.deepEqual(await runControl(['-P', join(dir, 'x.pid'), 'stop']), {
    status: 0,
    stdout: `tsyslogd is not running: pid file ${dir}/x.pid is not locked, nothing answers at ${dir}/x.ctl\n`,
    stderr: '',
  });
});

/** A process to be waited for, and its end. */
function startSleeper(t: Parameters<typeof cleanUp>[0]): ChildProcess & { readonly pid: number } {
  const child = spawn('sleep', ['1000']);
  cleanUp(t, () => child.kill('SIGKILL'));
  const { pid } = child;
  assert.ok(pid !== undefined);
  return Object.assign(child, { pid });
}

test('stop: waits until the process is gone, not only until it says so', async (t) => {
  const sleeper = startSleeper(t);
  let told = false;
  const control = await fakeServer(t, (socket) => {
    answering({ ok: true, command: 'stop', pid: sleeper.pid }, { ended: true, status: 0 })(socket, '');
    socket.end(() => {
      told = true;
      // The process outlives its word; a stop that does not wait for it would come back first.
      setTimeout(() => sleeper.kill('SIGKILL'), 300);
    });
  });
  const ran = await runControl(['--control', control, 'stop']);
  assert.deepEqual(ran, { status: 0, stdout: `tsyslogd, pid ${sleeper.pid}, exited\n`, stderr: '' });
  // Ended, if perhaps not yet noticed here: signalCode may come a turn later.
  assert.ok(told && !isAlive(sleeper.pid));
});

const ENDS: readonly (readonly [string, readonly object[], number, RegExp])[] = [
  ['data was left', [{ ended: true, status: 4 }], 4, /exited with data unwritten/],
  ['it dies instead', [], 1, /exited without saying whether everything was written/],
  ['it says something else', [{ ended: 'yes' }], 1, /exited without saying whether everything was written/],
];

for (const [name, documents, wanted, said] of ENDS)
  test(`stop: ${name}`, async (t) => {
    const sleeper = startSleeper(t);
    const control = await fakeServer(t, (socket) => {
      answering({ ok: true, command: 'stop', pid: sleeper.pid }, ...documents)(socket, '');
      sleeper.kill('SIGKILL');
      socket.end();
    });
    const { status, stderr } = await runControl(['--control', control, 'stop']);
    assert.equal(status, wanted);
    assert.match(stderr, said);
  });

test('stop: a daemon that does not end is told of, within the time limit', async (t) => {
  const sleeper = startSleeper(t);
  const control = await fakeServer(t, answering({ ok: true, command: 'stop', pid: sleeper.pid }));
  const { status, stderr } = await runControl(['--control', control, '--timeout', '0.5', 'stop']);
  assert.equal(status, 1);
  assert.match(stderr, new RegExp(`^tsyslogctl: tsyslogd, pid ${sleeper.pid}, did not exit in time: kill -KILL .*\n$`));
});

test('a server that takes no connections any more is silent, not absent', async (t) => {
  const path = join(TestDaemon.folder(t), 'ctl');
  // A process that stands still takes none: the queue of one is filled by the first clients.
  const script = `require('node:net').createServer().listen({path: ${JSON.stringify(path)}, backlog: 1}, () => process.kill(process.pid, 'SIGSTOP'))`;
  const server = spawn(process.execPath, ['-e', script]);
  cleanUp(t, () => server.kill('SIGKILL'));
  const args = ['--control', path, '-P', `${path}.pid`, '--timeout', '0.5', 'status'];
  const state = (): string => readFileSync(`/proc/${server.pid}/stat`, 'latin1').replace(/^.*\) /s, '');
  await until('the server listens, and stands still', () => state().startsWith('T'));
  const runs = await Promise.all(Array.from({ length: 4 }, () => runControl(args)));
  for (const { status, stderr } of runs) {
    assert.equal(status, 4);
    assert.match(stderr, /^tsyslogctl: no answer \(control socket [^\n]+\n$/);
  }
});
