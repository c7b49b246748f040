/**
 * The control socket of a whole daemon: where it is, who may use it, and what each command does.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { ask, at, ControlClient, named } from '../support/control-client.ts';
import { cleanUp, RECEIVERS, skipFor, TestDaemon } from '../support/daemon.ts';
import { sendLocal } from '../support/send.ts';
import { until } from '../support/until.ts';

const CONF = '*.*;syslog.none -DIR/all';

function selfLines(daemon: TestDaemon, pattern: RegExp): string[] {
  return daemon.lines('self').filter((line) => pattern.test(line));
}

for (const receiver of RECEIVERS) {
  test(`${receiver}: status tells who, what, where, and how much`, { skip: skipFor(receiver) }, async (t) => {
    const daemon = await TestDaemon.start(t, { conf: CONF, receiver });
    await sendLocal(daemon.socket, ['<13>a: one', '<13>b: two', '<13>c: three']);
    await daemon.line('all', /three/);
    const answer = await ask(t, daemon.path('pid.ctl'), 'status');
    assert.equal(at(answer, 'ok'), true);
    assert.equal(at(answer, 'command'), 'status');
    const status = at(answer, 'status');
    assert.equal(at(status, 'pid'), daemon.child.pid);
    assert.equal(at(status, 'state'), 'running');
    assert.equal(at(status, 'receiver'), receiver);
    assert.deepEqual(
      [
        at(status, 'configuration', 'file'),
        at(status, 'configuration', 'number'),
        at(status, 'configuration', 'rules'),
      ],
      [daemon.confFile, 1, 2],
    );
    assert.equal(at(status, 'totals', 'received'), 3);
    const input = named(at(status, 'inputs'), '/log');
    assert.deepEqual([at(input, 'kind'), at(input, 'state'), at(input, 'received')], ['log socket', 'open', 3]);
    const output = named(at(status, 'outputs'), '/all');
    assert.deepEqual([at(output, 'kind'), at(output, 'state'), at(output, 'written')], ['file', 'open', 3]);
    assert.ok(Number(at(status, 'totals', 'perSecond')) > 0);
    assert.ok(Number(at(status, 'memory', 'rssBytes')) > 1e6);
    assert.ok(!Number.isNaN(Date.parse(String(at(status, 'startedAt')))));
  });
}

test('the socket: for its owner only, whatever the umask, and gone after the end', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: CONF, args: ['--umask', '0'] });
  assert.equal(lstatSync(daemon.path('pid.ctl')).mode & 0o777, 0o600);
  await daemon.stop();
  assert.equal(existsSync(daemon.path('pid.ctl')), false);
});

test('the socket: none with --control none; elsewhere with --control PATH', async (t) => {
  const none = await TestDaemon.start(t, { conf: CONF, args: ['--control', 'none'] });
  assert.deepEqual([existsSync(none.path('pid.ctl')), existsSync(none.path('none'))], [false, false]);
  const dir = TestDaemon.folder(t);
  const other = await TestDaemon.start(t, { conf: CONF, args: ['--control', `${dir}/other`] }, dir);
  assert.equal(at(await ask(t, other.path('other'), 'status'), 'ok'), true);
  assert.equal(existsSync(other.path('pid.ctl')), false);
});

test('the socket: what a killed daemon left is replaced', async (t) => {
  const dir = TestDaemon.folder(t);
  const first = await TestDaemon.start(t, { conf: CONF }, dir);
  first.child.kill('SIGKILL');
  await first.exited;
  assert.ok(existsSync(first.path('pid.ctl')));
  const second = await TestDaemon.start(t, { conf: CONF }, dir);
  const answer = await ask(t, second.path('pid.ctl'), 'status');
  assert.equal(at(answer, 'status', 'pid'), second.child.pid);
});

test('the socket: what is something else stays, and the daemon runs without it', async (t) => {
  const dir = TestDaemon.folder(t);
  writeFileSync(`${dir}/pid.ctl`, 'mine');
  const daemon = await TestDaemon.start(t, { conf: CONF }, dir);
  await daemon.line('self', /running without control socket ".*pid\.ctl": a regular file is in the way/);
  await sendLocal(daemon.socket, ['<13>a: logged']);
  await daemon.line('all', /logged/);
  await daemon.stop();
  assert.equal(readFileSync(`${dir}/pid.ctl`, 'utf8'), 'mine');
});

test('the socket: one that another program answers stays its own', async (t) => {
  const dir = TestDaemon.folder(t);
  const server = createServer((socket) => socket.on('error', () => undefined).end('other\n'));
  cleanUp(t, () => server.close());
  await new Promise<void>((resolve) => server.listen(`${dir}/pid.ctl`, resolve));
  const daemon = await TestDaemon.start(t, { conf: CONF }, dir);
  await daemon.line('self', /running without control socket ".*": another program is listening on it/);
  const client = await ControlClient.open(t, `${dir}/pid.ctl`);
  await until('the other one still answers', () => client.text === 'other\n');
});

test('the socket: removed while the daemon runs it is made again, and removed at the end', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: CONF });
  const path = daemon.path('pid.ctl');
  const before = lstatSync(path).ino;
  unlinkSync(path);
  await daemon.line('self', /control socket ".*" disappeared and was recreated/);
  assert.equal(lstatSync(path).mode & 0o777, 0o600);
  assert.equal(at(await ask(t, path, 'status'), 'ok'), true, `${before}`);
  await daemon.stop();
  assert.equal(existsSync(path), false);
});

test('the socket: what somebody else has put in its place stays at the end', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: CONF });
  const path = daemon.path('pid.ctl');
  writeFileSync(daemon.path('other'), 'mine');
  renameSync(daemon.path('other'), path);
  await daemon.line('self', /control socket ".*" disappeared: a regular file is in the way: retrying/);
  await daemon.stop();
  assert.equal(readFileSync(path, 'utf8'), 'mine');
});

test('reload: the answer comes when all is done, and has the errors', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: CONF });
  const path = daemon.path('pid.ctl');
  daemon.configure(`*.* -DIR/new\nsyslog.* -DIR/self\n`);
  const done = await ask(t, path, 'reload');
  assert.deepEqual(done, { ok: true, command: 'reload', file: daemon.confFile, configuration: 2 });
  assert.ok(existsSync(daemon.path('new')), 'the new file is open when the answer comes');
  daemon.configure('*.nonsense -DIR/new\nkern.* @\n');
  const failed = await ask(t, path, 'reload');
  assert.deepEqual([at(failed, 'ok'), at(failed, 'error')], [false, 'configuration not changed: 2 errors']);
  assert.match(String(at(failed, 'problems', 0)), /conf:1:3: .*nonsense/);
  assert.match(String(at(failed, 'problems', 1)), /conf:2:/);
  assert.equal(at(await ask(t, path, 'status'), 'status', 'configuration', 'number'), 2);
});

test('reload: one asked for during another sees what was written after that began', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: CONF });
  const clients = await Promise.all([1, 2, 3].map(() => ControlClient.open(t, daemon.path('pid.ctl'))));
  daemon.configure('*.* -DIR/one\nsyslog.* -DIR/self\n');
  for (const client of clients) client.ask('reload');
  const answers = await Promise.all(clients.map((client) => client.line(0)));
  assert.ok(answers.every((answer) => at(answer, 'ok') === true));
  const numbers = answers.map((answer) => Number(at(answer, 'configuration')));
  assert.ok(Math.max(...numbers) > Math.min(...numbers), 'those that came during the first share a later one');
  assert.equal(
    at(await ask(t, daemon.path('pid.ctl'), 'status'), 'status', 'configuration', 'number'),
    Math.max(...numbers),
  );
});

test('reopen: a file that was renamed is made again, without a reload', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: CONF });
  await sendLocal(daemon.socket, ['<13>a: before']);
  await daemon.line('all', /before/);
  renameSync(daemon.path('all'), daemon.path('all.1'));
  assert.deepEqual(await ask(t, daemon.path('pid.ctl'), 'reopen'), { ok: true, command: 'reopen' });
  await until('the file is back', () => existsSync(daemon.path('all')));
  await sendLocal(daemon.socket, ['<13>a: after']);
  await daemon.line('all', /after/);
  await daemon.line('self', /: reopened renamed and removed files/);
  assert.deepEqual(daemon.lines('all.1').length, 1);
  assert.equal(selfLines(daemon, /reloaded/).length, 0);
});

test('rotate: tells how many files have rotation, and rotates them', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: '*.*;syslog.none -DIR/all ;rotate=1M:3\nkern.* -DIR/kern' });
  await sendLocal(daemon.socket, ['<13>a: before']);
  await daemon.line('all', /before/);
  assert.deepEqual(await ask(t, daemon.path('pid.ctl'), 'rotate'), { ok: true, command: 'rotate', rotated: 1 });
  await until('the old file is put away', () => existsSync(daemon.path('all.0')) || existsSync(daemon.path('all.1')));
});

test('mark: to all that select marks, silent or not, as often as asked', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: 'mark.info;user.* -DIR/all\nuser.* -DIR/user', args: ['-m', '0'] });
  await sendLocal(daemon.socket, ['<13>a: not silent']);
  await daemon.line('all', /not silent/);
  for (let i = 0; i < 3; i++)
    assert.deepEqual(await ask(t, daemon.path('pid.ctl'), 'mark'), { ok: true, command: 'mark' });
  await until(
    'three marks are there',
    () => daemon.lines('all').filter((line) => /-- MARK --/.test(line)).length === 3,
  );
  assert.equal(daemon.lines('user').filter((line) => /MARK/.test(line)).length, 0);
});

test('stop: the pid at once, the status when all is written, then the end', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: CONF });
  const messages = Array.from({ length: 5000 }, (_, i) => `<13>a: message ${i}`);
  await sendLocal(daemon.socket, messages);
  const client = await ControlClient.open(t, daemon.path('pid.ctl'));
  client.ask('stop');
  assert.deepEqual(await client.line(0), { ok: true, command: 'stop', pid: daemon.child.pid });
  assert.deepEqual(await client.line(1), { ended: true, status: 0 });
  await client.end();
  assert.deepEqual(await daemon.exited, { code: 0, signal: null });
  assert.equal(daemon.lines('all').length, messages.length);
  assert.match(daemon.lines('self').at(-1) ?? '', /exiting on command stop$/);
  assert.equal(existsSync(daemon.path('pid.ctl')), false);
});

test('stop: asked for while the daemon ends already, it is answered all the same', async (t) => {
  // A command that does not read holds up the end.
  const daemon = await TestDaemon.start(t, { conf: `${CONF}\nuser.* |exec sleep 60` });
  await sendLocal(
    daemon.socket,
    Array.from({ length: 3000 }, (_, i) => `<13>a: message ${i} ${'x'.repeat(100)}`),
  );
  await daemon.line('all', /message 2999/);
  const [first, second, third] = await Promise.all([1, 2, 3].map(() => ControlClient.open(t, daemon.path('pid.ctl'))));
  assert.ok(first !== undefined && second !== undefined && third !== undefined);
  first.ask('stop');
  await first.line(0);
  second.ask('status');
  assert.equal(at(await second.line(0), 'status', 'state'), 'ending');
  second.ask('reload');
  assert.deepEqual(await second.line(1), { ok: false, command: 'reload', error: 'the daemon is exiting' });
  third.ask('stop');
  assert.equal(at(await third.line(0), 'ok'), true);
  for (const client of [first, third]) assert.deepEqual(await client.line(1), { ended: true, status: 4 });
  assert.deepEqual(await daemon.exited, { code: 4, signal: null });
});

test('stop: the client that asked for it may die, and the daemon still ends', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: CONF });
  const client = await ControlClient.open(t, daemon.path('pid.ctl'));
  client.ask('stop');
  await new Promise<void>((resolve) => client.socket.end(() => resolve()));
  client.socket.destroy();
  assert.deepEqual(await daemon.exited, { code: 0, signal: null });
});

test('a client that has said all and closed its side gets its answers', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: CONF });
  const client = await ControlClient.open(t, daemon.path('pid.ctl'));
  client.socket.end('{"command":"mark"}\n{"command":"reload"}\n{"command":"mark"}');
  assert.deepEqual(
    [at(await client.line(0), 'command'), at(await client.line(1), 'command'), at(await client.line(2), 'command')],
    ['mark', 'reload', 'mark'],
  );
  await client.end();
});

test('another user cannot connect', { skip: process.getuid?.() === 0 ? false : 'needs root' }, async (t) => {
  const daemon = await TestDaemon.start(t, { conf: CONF });
  execFileSync('chmod', ['755', daemon.dir]);
  const script = `require('node:net').connect(${JSON.stringify(daemon.path('pid.ctl'))})
    .on('connect', () => process.exit(0)).on('error', (error) => { console.log(error.code); process.exit(9); });`;
  assert.throws(
    () => execFileSync(process.execPath, ['-e', script], { uid: 65534, gid: 65534, cwd: '/', encoding: 'utf8' }),
    (error: unknown) => error instanceof Error && 'stdout' in error && String(error.stdout).trim() === 'EACCES',
  );
});

test('without native calls: the same socket, mode and end', async (t) => {
  const dir = TestDaemon.folder(t);
  const broken = `${dir}/preload.cjs`;
  writeFileSync(
    broken,
    `const Module = require('node:module');const load = Module._load;
     Module._load = (name, ...rest) => { if (name === 'koffi') throw new Error('no koffi'); return load(name, ...rest); };`,
  );
  if (skipFor('portable') !== false) return;
  const daemon = await TestDaemon.start(
    t,
    { conf: CONF, env: { NODE_OPTIONS: `--require ${broken}` }, args: ['--umask', '0'] },
    dir,
  );
  const path = daemon.path('pid.ctl');
  assert.equal(lstatSync(path).mode & 0o777, 0o600);
  assert.equal(existsSync(`${path}.new`), false);
  assert.equal(at(await ask(t, path, 'status'), 'status', 'receiver'), 'portable');
  rmSync(path);
  writeFileSync(path, 'mine');
  await daemon.stop();
  assert.equal(readFileSync(path, 'utf8'), 'mine');
});
