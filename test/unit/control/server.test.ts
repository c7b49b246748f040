/**
 * The control server by itself: times, handing over, what it leaves at its path.
 */
import assert from 'node:assert/strict';
import { closeSync, existsSync, lstatSync, mkdtempSync, rmSync, unlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { ControlServer, type ControlServerOptions } from '../../../src/control/server.ts';
import { bindUnixStream } from '../../../src/sys/socket/listen-socket.ts';
import { native } from '../../../src/sys/call/native.ts';
import { PathWatcher } from '../../../src/sys/file/path-watch.ts';
import { at, ControlClient } from '../../support/control-client.ts';
import { cleanUp } from '../../support/daemon.ts';
import { until } from '../../support/until.ts';

/** Source: fcntl(2). */
const F_DUPFD_CLOEXEC = 1030;

function dup(fd: number): number {
  return native().libc.fcntlInt(fd, F_DUPFD_CLOEXEC, 'int', 0);
}

interface Rig {
  readonly path: string;
  readonly reports: string[];
  readonly serve: (options?: Partial<ControlServerOptions>) => Promise<ControlServer>;
}

function rig(t: TestContext): Rig {
  const dir = mkdtempSync(join(tmpdir(), 'tsyslogd-control-'));
  cleanUp(t, () => rmSync(dir, { recursive: true }));
  const path = join(dir, 'ctl');
  const reports: string[] = [];
  const watcher = new PathWatcher();
  cleanUp(t, () => watcher.close());
  return {
    path,
    reports,
    serve: async (options = {}) => {
      const server = new ControlServer({
        path,
        inheritedFd: null,
        handle: (command) => Promise.resolve({ answer: { ok: false, command, error: 'test' } }),
        report: (_severity, text) => reports.push(text),
        watcher,
        ...options,
      });
      await server.open();
      cleanUp(t, () => server.close());
      return server;
    },
  };
}

test('who says nothing, or half of something, is cut off after the idle time', async (t) => {
  const { path, serve } = rig(t);
  await serve({ idleMs: 100 });
  const silent = await ControlClient.open(t, path);
  const half = await ControlClient.open(t, path);
  half.say('{"comm');
  await silent.end();
  await half.end();
  assert.deepEqual([silent.text, half.text], ['', '']);
});

test('a request at work is no idle time', async (t) => {
  const { path, serve } = rig(t);
  let finish = (): void => undefined;
  const late = new Promise<void>((resolve) => (finish = resolve));
  await serve({
    idleMs: 1000,
    handle: async (command) => {
      await late;
      return { answer: { ok: false, command, error: 'late' } };
    },
  });
  const idle = await ControlClient.open(t, path);
  const client = await ControlClient.open(t, path);
  client.ask('reload');
  // By the time that one is cut off the other has waited as long.
  await idle.end();
  finish();
  assert.equal(at(await client.line(0), 'error'), 'late');
});

test('handing over: the descriptor serves on, the path stays where it is, no client waits in vain', async (t) => {
  const { path, serve, reports } = rig(t);
  const first = await serve();
  const { ino } = lstatSync(path);
  assert.ok(first.fd !== null);
  // As another process would get it: a descriptor of its own for the same socket.
  const second = await serve({
    inheritedFd: dup(first.fd),
    handle: (command) => Promise.resolve({ answer: { ok: false, command, error: 'second' } }),
  });
  const between = await ControlClient.open(t, path);
  first.abandon();
  const after = await ControlClient.open(t, path);
  for (const client of [between, after]) client.ask('mark');
  assert.equal(at(await after.line(0), 'error'), 'second');
  assert.equal(lstatSync(path).ino, ino);
  await until('the one that came between is answered by either, or its daemon is gone', () => {
    return between.text !== '' || between.closed;
  });
  second.close();
  assert.equal(existsSync(path), false);
  assert.deepEqual(reports, []);
});

test('an inherited socket whose path is gone is made again', async (t) => {
  const { path, serve, reports } = rig(t);
  const fd = bindUnixStream(path, 0o600);
  unlinkSync(path);
  await serve({ inheritedFd: fd });
  await until('it is back', () => reports.some((text) => /disappeared and was recreated/.test(text)));
  const client = await ControlClient.open(t, path);
  client.ask('status');
  assert.equal(at(await client.line(0), 'error'), 'test');
});

test('what answers at the path, or is no socket, is told, and nothing is served', async (t) => {
  const { path, serve, reports } = rig(t);
  const other = createServer();
  cleanUp(t, () => other.close());
  await new Promise<void>((resolve) => other.listen(path, resolve));
  const server = await serve();
  assert.equal(server.fd, null);
  assert.deepEqual(reports, [`running without control socket "${path}": another program is listening on it`]);
});

test('a path that is too long is told, and nothing is served', async (t) => {
  const { serve, reports } = rig(t);
  await serve({ path: `/tmp/${'x'.repeat(120)}` });
  assert.match(reports.join(), /running without control socket ".*": name too long/);
});

test('bindUnixStream: the mode is right from the first moment, whatever the umask', (t) => {
  const { path } = rig(t);
  const before = process.umask(0);
  try {
    const fd = bindUnixStream(path, 0o600);
    assert.equal(lstatSync(path).mode & 0o7777, 0o600);
    closeSync(fd);
  } finally {
    process.umask(before);
  }
});

test('close: who asked for the end has been told, others are let go', async (t) => {
  const { path, serve } = rig(t);
  const server = await serve({
    handle: () => Promise.resolve({ answer: { ok: true, command: 'stop', pid: 1 }, untilEnd: true }),
  });
  const stopper = await ControlClient.open(t, path);
  const other = await ControlClient.open(t, path);
  stopper.ask('stop');
  await stopper.line(0);
  server.ended(4);
  server.close();
  assert.deepEqual(await stopper.line(1), { ended: true, status: 4 });
  await stopper.end();
  await other.end();
  assert.equal(existsSync(path), false);
});
