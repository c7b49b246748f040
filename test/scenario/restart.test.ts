/**
 * `restart`: a new process takes over all sockets, and no message is lost, doubled or out of order.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { cleanUp, TestDaemon } from '../support/daemon.ts';
import { FifoReader } from '../support/fifo-reader.ts';
import { assertComplete, NumberedSender } from '../support/numbered-sender.ts';
import { freeUdpPort } from '../support/ports.ts';
import { builtPath } from '../support/project.ts';
import { childrenOf, descriptorsOf, isAlive, memoryOf, RestartingDaemon } from '../support/restarting.ts';
import { sendLocal, sendUdp } from '../support/send.ts';
import { until } from '../support/until.ts';

const RESTARTS = 10;
const RATE = 3000;

test('ten restarts under load on two log sockets and UDP lose, double and reorder nothing', async (t) => {
  const port = await freeUdpPort();
  const daemon = await RestartingDaemon.start(t, {
    conf: 'user.* -DIR/all',
    args: ['-cc', '-b', `127.0.0.1:${port}`, '-p', './second'],
  });
  const senders = [
    await NumberedSender.start(t, 'local', daemon.daemon.socket, 'one', RATE),
    await NumberedSender.start(t, 'local', `${daemon.dir}/second`, 'two', RATE / 10),
    await NumberedSender.start(t, 'udp', String(port), 'net', RATE),
  ];
  const pids = [daemon.pid];
  for (let i = 0; i < RESTARTS; i++) pids.push(await daemon.restart());
  assert.equal(new Set(pids).size, RESTARTS + 1);
  const sent = await Promise.all(senders.map((sender) => sender.stop()));
  await daemon.stop();
  const lines = daemon.daemon.lines('all');
  for (const [idx, sender] of senders.entries()) assertComplete(lines, sender.tag, sent[idx] ?? 0);
  assert.equal(existsSync(daemon.daemon.socket) || existsSync(`${daemon.dir}/second`), false);
  assert.equal(existsSync(daemon.daemon.pidFile) || existsSync(daemon.controlPath), false);
  assert.doesNotMatch(readFileSync(`${daemon.dir}/self`, 'utf8'), /dropp|losing|refus|restart failed/);
});

test('fifty restarts leave no descriptor, no memory and no process behind', async (t) => {
  const port = await freeUdpPort();
  const daemon = await RestartingDaemon.start(t, {
    conf: 'user.* -DIR/all\nlocal0.* |DIR/fifo\nlocal1.* |cat > DIR/command\n',
    args: ['-b', `127.0.0.1:${port}`],
  });
  await daemon.restart();
  const kinds = (): readonly string[] =>
    descriptorsOf(daemon.pid)
      .map((target) => target.replace(/\[\d+\]/, ''))
      .toSorted();
  // The channel to the old process is closed a moment after that has ended: log socket, UDP and control socket stay.
  const settled = (): Promise<boolean> =>
    until('the channel is closed', () => kinds().filter((kind) => kind === 'socket:').length === 3);
  await settled();
  const fds = kinds();
  const bytes = memoryOf(daemon.pid);
  for (let i = 1; i < 50; i++) await daemon.restart();
  await settled();
  assert.deepEqual(kinds(), fds);
  assert.deepEqual(childrenOf(daemon.pid), []);
  assert.ok(memoryOf(daemon.pid) < bytes * 1.2, `${memoryOf(daemon.pid)} bytes after ${bytes}`);
  await sendLocal(daemon.daemon.socket, ['<13>t: still there']);
  await daemon.daemon.line('all', /still there/);
  await daemon.stop();
  assert.equal(existsSync(`${daemon.dir}/fifo`), false, 'a FIFO made by the first process is removed by the last');
});

test('the reader of a FIFO sees no end, and each message once', async (t) => {
  const daemon = await RestartingDaemon.start(t, { conf: 'user.* |DIR/fifo', args: ['-cc'] });
  const reader = FifoReader.open(t, daemon.daemon.path('fifo'));
  const sender = await NumberedSender.start(t, 'local', daemon.daemon.socket, 'one', 1000);
  await daemon.restart();
  await daemon.restart();
  const sent = await sender.stop();
  assert.equal(reader.ended, false);
  await daemon.stop();
  await reader.end();
  assertComplete(reader.text.split('\n').slice(0, -1), 'one', sent);
});

test('a new configuration holds from the restart on: sockets that it no longer names are emptied and closed', async (t) => {
  const [first, second] = [await freeUdpPort(), await freeUdpPort()];
  const daemon = await RestartingDaemon.start(t, { conf: `listen 127.0.0.1:${first}\nuser.* -DIR/all` });
  daemon.daemon.configure(`listen 127.0.0.1:${second}\nuser.* -DIR/new\nsyslog.* -DIR/self\n`);
  await sendUdp(first, ['<13>t: to the old address']);
  await daemon.restart();
  await sendUdp(second, ['<13>t: to the new address']);
  await daemon.daemon.line('new', /to the new address/);
  assert.equal(daemon.daemon.lines('all').length, 1);
  const row = `:${first.toString(16).toUpperCase().padStart(4, '0')} 00000000`;
  // The last threads of the old process may outlive its first one, and hold what it had open, for a moment.
  await until('the old address is free', () => !readFileSync('/proc/net/udp', 'latin1').includes(row));
});

test('a UDP socket bound for a host name is never without a process that reads it', async (t) => {
  const port = await freeUdpPort();
  const daemon = await RestartingDaemon.start(t, {
    conf: 'user.* -DIR/all',
    args: ['-4', '-cc', '-b', `localhost:${port}`],
  });
  await daemon.daemon.line('self', new RegExp(`receiving from the network on UDP 127.0.0.1:${port}$`));
  const sender = await NumberedSender.start(t, 'udp', String(port), 'net', RATE);
  for (let i = 0; i < 3; i++) await daemon.restart();
  const sent = await sender.stop();
  await daemon.stop();
  assertComplete(daemon.daemon.lines('all'), 'net', sent);
  assert.doesNotMatch(readFileSync(`${daemon.dir}/self`, 'utf8'), /cannot listen|dropp|losing/);
});

test('a log socket that disappears is made again by the process that took it over', async (t) => {
  const daemon = await RestartingDaemon.start(t, { conf: 'user.* -DIR/all' });
  await daemon.restart();
  execFileSync('rm', [daemon.daemon.socket]);
  await until('the socket is back', () => existsSync(daemon.daemon.socket));
  await sendLocal(daemon.daemon.socket, ['<13>t: hello']);
  await daemon.daemon.line('all', /hello/);
});

test('a detached daemon is replaced by a detached one; relative paths stay those of where it was started', async (t) => {
  const dir = TestDaemon.folder(t);
  const command = builtPath('src', 'cli', 'tsyslogd.cjs');
  writeFileSync(`${dir}/conf`, 'user.* ./all\nsyslog.* ./self\n');
  execFileSync(process.execPath, [command, '-K', '-n', '-ss', '-f', 'conf', '-p', 'log', '-P', 'pid'], { cwd: dir });
  const daemon = RestartingDaemon.at(t, dir);
  const session = (): string => execFileSync('ps', ['-o', 'sid=', '-p', String(daemon.pid)], { encoding: 'utf8' });
  const before = session();
  await daemon.restart();
  assert.equal(session(), before);
  assert.notEqual(Number(before), daemon.pid);
  assert.equal(readlinkSync(`/proc/${daemon.pid}/cwd`), '/');
  assert.equal(readlinkSync(`/proc/${daemon.pid}/fd/0`), '/dev/null');
  await daemon.restart();
  await sendLocal(`${dir}/log`, ['<13>t: hello']);
  await until('the line is there', () => readFileSync(`${dir}/all`, 'utf8').includes('hello'));
  await daemon.stop();
  assert.equal(existsSync(`${dir}/log`) || existsSync(`${dir}/pid`), false);
});

test('a daemon that has given up its privileges is replaced by one that has none, and keeps what only root could bind', async (t) => {
  const dir = TestDaemon.folder(t);
  chmodSync(dir, 0o755);
  const port = await freeUdpPort();
  const daemon = await RestartingDaemon.start(
    t,
    { conf: 'user.* -DIR/all', args: ['--user', 'nobody', '-b', `127.0.0.1:${port}`] },
    dir,
  );
  await daemon.restart();
  const pid = await daemon.restart();
  assert.match(readFileSync(`/proc/${pid}/status`, 'latin1'), /^Uid:\t65534\t65534\t65534\t65534$/m);
  await sendLocal(daemon.daemon.socket, ['<13>t: local']);
  await sendUdp(port, ['<13>t: network']);
  await daemon.daemon.line('all', /local/);
  await daemon.daemon.line('all', /network/);
  await daemon.stop();
});

test('the service manager is told by the old process who the new one is, and hears from that afterwards', async (t) => {
  const manager = await TestDaemon.start(t, { conf: 'user.* DIR/told', args: ['-cc'] });
  const daemon = await RestartingDaemon.start(t, {
    conf: 'user.* -DIR/all',
    env: { NOTIFY_SOCKET: manager.socket, WATCHDOG_USEC: '200000' },
  });
  const pids = [daemon.pid];
  for (let i = 0; i < 2; i++) {
    const pid = await daemon.restart();
    pids.push(pid);
    await manager.line('told', new RegExp(`READY=1 .*MAINPID=${pid}$`, 'm'));
  }
  await daemon.stop();
  await manager.line('told', /STOPPING=1/);
  const told = manager.lines('told').flatMap((line) => /(READY=1|STOPPING=1|MAINPID=\d+$)/g.exec(line)?.[0] ?? []);
  const [first, second, third] = pids.map((pid) => `MAINPID=${pid}`);
  assert.ok(first !== undefined);
  assert.deepEqual(told, ['READY=1', second, 'READY=1', third, 'READY=1', 'STOPPING=1']);
  const ready = manager.lines('told').filter((line) => line.includes('READY=1'));
  for (const [idx, pid] of pids.entries()) assert.match(ready[idx] ?? '', new RegExp(`MAINPID=${pid}$`));
});

test('the program that is on the disk by then is started', async (t) => {
  const dir = TestDaemon.folder(t);
  const link = `${dir}/tsyslogd.cjs`;
  writeFileSync(link, `require(${JSON.stringify(builtPath('src', 'cli', 'tsyslogd.cjs'))});\n`);
  writeFileSync(`${dir}/conf`, 'syslog.* ./self\n');
  const args = [link, '-F', '-K', '-n', '-ss', '-f', `${dir}/conf`, '-p', `${dir}/log`, '-P', `${dir}/pid`];
  const child = spawn(process.execPath, args, { stdio: 'ignore' });
  cleanUp(t, () => child.kill('SIGKILL'));
  const daemon = RestartingDaemon.at(t, dir);
  await until('it is ready', () => TestDaemon.starts(`${dir}/self`) > 0);
  writeFileSync(link, `require('node:fs').writeFileSync(${JSON.stringify(`${dir}/new`)}, '');\nprocess.exit(7);\n`);
  const answer = JSON.stringify(await daemon.tryRestart());
  assert.match(answer, /the new process exited with status 7 before it was ready/);
  assert.ok(existsSync(`${dir}/new`));
  assert.ok(isAlive(daemon.pid));
});
