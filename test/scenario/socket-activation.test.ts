/**
 * Sockets that the service manager has bound are used instead of own ones, and left alone at the end.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { activated } from '../support/activation.ts';
import { type DaemonOptions, skipFor, TestDaemon } from '../support/daemon.ts';
import { freeUdpPort } from '../support/ports.ts';
import { builtPath } from '../support/project.ts';
import { RestartingDaemon } from '../support/restarting.ts';
import { sendLocal, sendUdp } from '../support/send.ts';
import { until } from '../support/until.ts';

const JSON_LINES = 'user.* -DIR/all ;JSON';
/** Never bound, since a UDP socket is passed; the tests' daemons would open no network socket at all without it. */
const NETWORK = ['-b', '127.0.0.1:5514'];

test('passed sockets of both kinds are used, with credentials, and stay; a UDP socket instead of -b', async (t) => {
  const dir = TestDaemon.folder(t);
  const [passed, own] = [await freeUdpPort(), await freeUdpPort()];
  const daemon = await TestDaemon.start(
    t,
    { conf: JSON_LINES, args: ['-b', `127.0.0.1:${own}`], wrapper: activated(`unix:${dir}/passed`, `udp:${passed}`) },
    dir,
  );
  await sendLocal(`${dir}/passed`, ['<13>t: local']);
  await sendUdp(passed, ['<13>t: network']);
  const local = await daemon.line('all', /local/);
  assert.match(local, new RegExp(`"_PID":"?${process.pid}\\b`));
  await daemon.line('all', /network/);
  const bound = readFileSync('/proc/net/udp', 'latin1');
  assert.equal(bound.includes(`:${own.toString(16).toUpperCase().padStart(4, '0')} 00000000`), false);
  await daemon.stop();
  assert.ok(existsSync(`${dir}/passed`), 'the manager removes what it made');
});

test('log sockets of -p are made beside passed ones, but for the same path; -b is not replaced by them', async (t) => {
  const dir = TestDaemon.folder(t);
  const port = await freeUdpPort();
  symlinkSync('passed', `${dir}/link`);
  const daemon = await TestDaemon.start(
    t,
    {
      conf: JSON_LINES,
      // By one of two names.
      args: ['-b', `127.0.0.1:${port}`, '-p', `${dir}/passed`, '-p', `${dir}/link`],
      wrapper: activated(`unix:${dir}/passed`),
    },
    dir,
  );
  await sendUdp(port, ['<13>t: network']);
  await daemon.line('all', /network/);
  await sendLocal(`${dir}/passed`, ['<13>t: passed']);
  await daemon.line('all', /passed/);
  await sendLocal(daemon.socket, ['<13>t: beside']);
  await daemon.line('all', /beside/);
  assert.doesNotMatch(daemon.stderr, /log socket/);
  await daemon.stop();
  assert.deepEqual(
    ['log', 'passed', 'link'].map((name) => existsSync(`${dir}/${name}`)),
    [false, true, true],
    'the daemon removes its own',
  );
});

test('what was sent before the daemon started is received', async (t) => {
  const dir = TestDaemon.folder(t);
  const port = await freeUdpPort();
  const early = ['sh', '-c', `printf '<13>t: early' > /dev/udp/127.0.0.1/${port}; exec "$@"`, 'sh'];
  const wrapper = [...activated(`udp:${port}`), 'bash', ...early.slice(1)];
  const daemon = await TestDaemon.start(t, { conf: JSON_LINES, args: NETWORK, wrapper }, dir);
  await daemon.line('all', /early/);
});

test('sockets that are no use are named, each once, and closed', async (t) => {
  const dir = TestDaemon.folder(t);
  const port = await freeUdpPort();
  const wrapper = activated(`stream:${dir}/stream`, `unix:${dir}/passed`, `tcp:${port}`);
  const daemon = await TestDaemon.start(t, { conf: JSON_LINES, wrapper }, dir);
  await daemon.line('self', /ignoring descriptor 3 \("stream-socket"\) from the service manager: a Unix stream socket/);
  await daemon.line('self', /ignoring descriptor 5 \("tcp-socket"\) from the service manager: a TCP socket/);
  await sendLocal(`${dir}/passed`, ['<13>t: works']);
  await daemon.line('all', /works/);
  assert.equal(daemon.lines('self').filter((line) => line.includes('ignoring descriptor')).length, 2);
});

test('sockets that are meant for another process are ignored', async (t) => {
  const dir = TestDaemon.folder(t);
  const options: DaemonOptions = {
    conf: JSON_LINES,
    wrapper: activated(`unix:${dir}/passed`),
    env: { OTHER_PID: '1' },
  };
  const daemon = await TestDaemon.start(t, options, dir);
  await sendLocal(daemon.socket, ['<13>t: own']);
  await daemon.line('all', /own/);
});

test('commands inherit neither the variables nor the sockets', async (t) => {
  const dir = TestDaemon.folder(t);
  const conf = `user.* |env > DIR/env; ls -l /proc/self/fd > DIR/fds; echo end > DIR/end`;
  const daemon = await TestDaemon.start(t, { conf, wrapper: activated(`unix:${dir}/passed`) }, dir);
  await sendLocal(`${dir}/passed`, ['<13>t: start']);
  await daemon.line('end', /end/);
  assert.doesNotMatch(readFileSync(`${dir}/env`, 'utf8'), /LISTEN_/);
  assert.doesNotMatch(readFileSync(`${dir}/fds`, 'utf8'), /socket:/);
});

test('-s leaves passed UDP sockets alone, and says so', async (t) => {
  const dir = TestDaemon.folder(t);
  const port = await freeUdpPort();
  const daemon = await TestDaemon.start(t, { conf: JSON_LINES, args: ['-s'], wrapper: activated(`udp:${port}`) }, dir);
  await daemon.line(
    'self',
    new RegExp(`not listening on UDP 127.0.0.1:${port} from the service manager: forbidden by '-s'`),
  );
});

test('the portable receiver takes a passed UDP socket', { skip: skipFor('portable') }, async (t) => {
  const dir = TestDaemon.folder(t);
  const port = await freeUdpPort();
  const wrapper = activated(`udp:${port}`);
  const daemon = await TestDaemon.start(t, { conf: JSON_LINES, args: NETWORK, receiver: 'portable', wrapper }, dir);
  await sendUdp(port, ['<13>t: network']);
  await daemon.line('all', /network/);
});

test('the portable receiver refuses a passed log socket, and names the batch receiver', async (t) => {
  const dir = TestDaemon.folder(t);
  const wrapper = activated(`unix:${dir}/passed`);
  const daemon = TestDaemon.spawn(t, { conf: JSON_LINES, receiver: 'portable', wrapper }, dir);
  assert.equal((await daemon.exited).code, 1);
  assert.match(daemon.stderr, /cannot use log socket ".*passed" .*`--receiver batch`/);
  assert.ok(existsSync(`${dir}/passed`));
});

test('a daemon that detaches keeps the passed sockets', async (t) => {
  const dir = TestDaemon.folder(t);
  const port = await freeUdpPort();
  writeFileSync(`${dir}/conf`, 'user.* ./all\nsyslog.* ./self\n');
  const command = [process.execPath, builtPath('src', 'cli', 'tsyslogd.cjs')];
  const own = ['-K', '-n', '-f', 'conf', '-p', 'log', '-P', 'pid'];
  const [program = '', ...args] = [...activated(`unix:${dir}/passed`, `udp:${port}`), ...command, ...own];
  execFileSync(program, args, { cwd: dir });
  const daemon = RestartingDaemon.at(t, dir);
  await sendLocal(`${dir}/passed`, ['<13>t: local']);
  await sendUdp(port, ['<13>t: network']);
  const read = (): string => readFileSync(`${dir}/all`, 'utf8');
  await until('both are there', () => read().includes('local') && read().includes('network'));
  assert.doesNotMatch(readFileSync(`/proc/${daemon.pid}/environ`, 'utf8'), /^LISTEN_PID=/m);
  await daemon.stop();
  assert.equal(existsSync(`${dir}/log`), false);
});

test('passed sockets and those made beside them go through any number of restarts; only the former stay', async (t) => {
  const dir = TestDaemon.folder(t);
  const port = await freeUdpPort();
  const wrapper = activated(`unix:${dir}/passed`, `udp:${port}`);
  const daemon = await RestartingDaemon.start(t, { conf: JSON_LINES, args: NETWORK, wrapper }, dir);
  for (let i = 0; i < 3; i++) await daemon.restart();
  await sendLocal(`${dir}/passed`, ['<13>t: local']);
  await sendUdp(port, ['<13>t: network']);
  await sendLocal(`${dir}/log`, ['<13>t: beside']);
  await daemon.daemon.line('all', /local/);
  await daemon.daemon.line('all', /beside/);
  await daemon.daemon.line('all', /network/);
  await daemon.stop();
  assert.ok(readdirSync(dir).includes('passed'));
  assert.equal(readdirSync(dir).includes('log'), false);
});
