/**
 * tlogger --wait, and tlogger where things go wrong: full queues, daemons that are stopped, gone or replaced, signals,
 * packages that are missing.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync, readSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { watchReadable } from '../../src/sys/call/readiness.ts';
import { bindUnix, closeSocket, createUnixSocket } from '../../src/sys/socket/sockets.ts';
import { cleanUp, portableMissing, TestDaemon } from '../support/daemon.ts';
import {
  commandOf,
  openTarget,
  type ProgramOptions,
  type ProgramRun,
  runProgram,
  TARGET_NAMES,
} from '../support/logger-programs.ts';
import { builtPath } from '../support/project.ts';
import { until } from '../support/until.ts';

const tlogger = (args: readonly string[], options: ProgramOptions = {}): Promise<ProgramRun> =>
  runProgram('tlogger', args, options);

/** A queue that nobody reads unless the test does. */
class Queue {
  readonly path: string;
  readonly fd: number;

  constructor(t: TestContext, path = join(TestDaemon.folder(t), 'log')) {
    this.path = path;
    this.fd = createUnixSocket();
    bindUnix(this.fd, path);
    cleanUp(t, () => this.close());
  }

  #closed = false;

  close(): void {
    if (!this.#closed) closeSocket(this.fd);
    this.#closed = true;
  }

  read(): string {
    const buffer = Buffer.alloc(65_536);
    return buffer.toString('latin1', 0, readSync(this.fd, buffer));
  }

  /** A message lies in it. */
  async filled(): Promise<void> {
    await new Promise<void>((resolve) => {
      const readiness = watchReadable(this.fd, () => {
        readiness.close();
        resolve();
      });
    });
  }
}

function said(run: ProgramRun): readonly [number | null, string] {
  return [run.status, run.stderr];
}

test('--wait: what the daemon has read is taken, and is in its file', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: '*.* DIR/all' });
  const text = 'taken by the daemon';
  assert.deepEqual(said(await tlogger(['--wait', '-u', daemon.socket, text])), [0, '']);
  await until('it is written', () => readFileSync(join(daemon.dir, 'all'), 'utf8').includes(text));
});

for (const name of TARGET_NAMES)
  test(`--wait: ${name}, a receiver that reads`, async (t) => {
    const target = await openTarget(t, name);
    assert.deepEqual(said(await tlogger(['--wait', ...target.args, 'one'])), [0, '']);
    assert.equal((await target.take()).length, 1);
  });

test('--wait: nobody listens', async (t) => {
  const path = join(TestDaemon.folder(t), 'none');
  const expected = `tlogger: socket ${path}: No such file or directory\n`;
  assert.deepEqual(said(await tlogger(['--wait', '--socket-errors=off', '-u', path, 'x'])), [1, expected]);
});

test('--wait: a daemon that does not read has not taken it', async (t) => {
  const { path } = new Queue(t);
  const expected = 'tlogger: messages not taken: not read within 0.3 s\n';
  assert.deepEqual(said(await tlogger(['--wait=0.3', '-u', path, 'x'])), [1, expected]);
});

test('--wait: a daemon that ends before it has read it has not taken it', async (t) => {
  const queue = new Queue(t);
  const running = tlogger(['--wait=60', '-u', queue.path, 'x']);
  await queue.filled();
  queue.close();
  assert.deepEqual(said(await running), [1, 'tlogger: messages not taken: Connection refused\n']);
});

test('--wait: a daemon in the place of another one has not taken it', async (t) => {
  const queue = new Queue(t);
  const running = tlogger(['--wait=60', '-u', queue.path, 'x']);
  await queue.filled();
  rmSync(queue.path);
  const other = new Queue(t, queue.path);
  queue.close();
  assert.deepEqual(said(await running), [1, 'tlogger: messages not taken: the socket was made anew meanwhile\n']);
  other.close();
});

/** More than any queue of datagrams holds. */
const MANY = Array.from({ length: 5000 }, (_, i) => `line ${i}`);

test('--wait: a full queue is waited for, with a limit', async (t) => {
  const { path } = new Queue(t);
  const { status, stderr } = await tlogger(['--wait=0.05', '-u', path], { input: MANY.slice(0, 600).join('\n') });
  assert.equal(status, 1);
  assert.match(stderr, /^(?:tlogger: send message failed: Resource temporarily unavailable\n)+/);
  assert.match(stderr, /\ntlogger: messages not taken: \d+ could not be sent\n$/);
});

for (const wait of [[], ['--wait=60']])
  test(`thousands of lines for a slow daemon all arrive, in order ${wait.join('')}`, async (t) => {
    const queue = new Queue(t);
    const lines: string[] = [];
    const running = tlogger([...wait, '-t', 't', '-u', queue.path], { input: MANY.join('\n') });
    await queue.filled();
    const readiness = watchReadable(queue.fd, () => lines.push(queue.read().replace(/^.*: /, '')));
    cleanUp(t, () => readiness.close());
    assert.deepEqual(said(await running), [0, '']);
    await until('all are read', () => lines.length === MANY.length);
    assert.deepEqual(lines, MANY);
  });

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  test(`${signal} ends it where it waits for a full queue`, async (t) => {
    const queue = new Queue(t);
    const [program = '', ...args] = commandOf('tlogger');
    const child = spawn(program, [...args, '-u', queue.path], { stdio: ['pipe', 'ignore', 'inherit'] });
    child.stdin.on('error', () => undefined);
    child.stdin.write(`${MANY.join('\n')}\n`);
    await queue.filled();
    child.kill(signal);
    assert.deepEqual(await once(child, 'exit'), [null, signal]);
  });

test('SIGPIPE ends it where nobody reads standard error, as it ends logger', async (t) => {
  const target = await openTarget(t, 'datagram');
  const [program = '', ...args] = commandOf('tlogger');
  const child = spawn(program, [...args, ...target.args, '-s', '-t', 't'], { stdio: ['pipe', 'ignore', 'pipe'] });
  child.stderr.destroy();
  await once(child.stderr, 'close');
  child.stdin.on('error', () => undefined);
  child.stdin.end('one\ntwo\n');
  assert.deepEqual(await once(child, 'exit'), [null, 'SIGPIPE']);
});

/** A server that does with each connection what the test wants. */
async function listen(t: TestContext, at: string | number, take: (socket: Socket) => void): Promise<number> {
  const sockets: Socket[] = [];
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    take(socket);
  });
  server.listen(typeof at === 'string' ? { path: at } : { port: at, host: '127.0.0.1' });
  await once(server, 'listening');
  cleanUp(t, () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

test('--wait: a stream that is not read', async (t) => {
  const path = join(TestDaemon.folder(t), 'stream');
  await listen(t, path, () => undefined);
  const expected = 'tlogger: messages not taken: not read within 0.3 s\n';
  assert.deepEqual(said(await tlogger(['--wait=0.3', '-u', path, 'x'])), [1, expected]);
});

test('--wait: a stream that is closed before it is read', async (t) => {
  const path = join(TestDaemon.folder(t), 'stream');
  await listen(t, path, (socket) => socket.destroy());
  const { status, stderr } = await tlogger(['--wait=60', '-u', path, 'x']);
  assert.equal(status, 1);
  assert.match(
    stderr,
    /^tlogger: (?:messages not taken: Connection reset by peer|socket .*|send message failed: .*)\n/,
  );
});

test('--wait: TCP, the kernel of the other side has it', async (t) => {
  const port = await listen(t, 0, () => undefined);
  assert.deepEqual(said(await tlogger(['--wait', '-n', '127.0.0.1', '-T', '-P', String(port), 'x'])), [0, '']);
});

test('--wait: UDP, refused', async () => {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  const run = await tlogger(['--wait', '-n', '127.0.0.1', '-d', '-P', String(port), 'x']);
  assert.deepEqual(said(run), [1, 'tlogger: messages not taken: Connection refused\n']);
});

test('--wait: an input that cannot be read', async (t) => {
  const target = await openTarget(t, 'datagram');
  const run = await tlogger(['--wait', ...target.args, '-f', '/']);
  assert.deepEqual(said(run), [1, 'tlogger: read error: Is a directory\n']);
});

test('standard input is closed: there are no lines', async (t) => {
  const target = await openTarget(t, 'datagram');
  assert.deepEqual(said(await tlogger([...target.args], { redirect: '<&-' })), [0, '']);
  assert.deepEqual(await target.take(), []);
});

test('standard error is closed: a message is sent once', async (t) => {
  const target = await openTarget(t, 'datagram');
  assert.deepEqual(said(await tlogger([...target.args, '-s', 'x'], { redirect: '2>&-' })), [0, '']);
  assert.equal((await target.take()).length, 1);
});

test('-S 0 makes an empty message of a line', async (t) => {
  const target = await openTarget(t, 'datagram');
  const run = await tlogger([...target.args, '-t', 't', '-S', '0', '-s'], { input: 'one\ntwo' });
  assert.equal(run.status, 0);
  assert.deepEqual(
    (await target.take()).map((text) => text.slice(-3)),
    ['t: ', 't: '],
  );
});

test('a prefix of endless zeros is text', async (t) => {
  const target = await openTarget(t, 'datagram');
  const run = await tlogger([...target.args, '--prio-prefix', '-S', '4K'], { input: `<${'0'.repeat(2000)}3>x` });
  assert.equal(run.status, 0);
  assert.match((await target.take()).join(), /^<13>.*: <0{2000}3>x$/);
});

const ROOT_ONLY = { skip: process.getuid?.() === 0 ? false : 'needs root' };

test('--id: root sends in the name of a process that there is', ROOT_ONLY, async (t) => {
  const daemon = await TestDaemon.start(t, { conf: '*.* DIR/all ;json' });
  const run = await tlogger(['--wait', '-u', daemon.socket, `--id=${process.pid}`, '-t', 'named', 'x']);
  assert.deepEqual(said(run), [0, '']);
  const line = await until(
    'it is written',
    () => /^.*named.*$/m.exec(readFileSync(join(daemon.dir, 'all'), 'utf8'))?.[0],
  );
  assert.match(line, new RegExp(`\\b${process.pid}\\b`));
});

test('a program called test_logger has the time, the host and the pid of the tests of util-linux', async (t) => {
  const target = await openTarget(t, 'stream');
  const dir = TestDaemon.folder(t);
  const link = join(dir, 'test_logger');
  symlinkSync(builtPath('src', 'cli', 'tlogger.cjs'), link);
  const env = {
    ...process.env,
    ...{ LOGGER_TEST_TIMEOFDAY: '1234567890.123456', LOGGER_TEST_HOSTNAME: 'test-hostname', TZ: 'GMT' },
    LOGGER_TEST_GETPID: '98765',
  };
  const child = spawn(process.execPath, [link, ...target.args, '-s', '-i', '-t', 'x', '--rfc5424', 'm'], { env });
  const stderr: Buffer[] = [];
  child.stderr.on('data', (bytes: Buffer) => stderr.push(bytes));
  await once(child, 'close');
  const line =
    '<13>1 2009-02-13T23:31:30.123456+00:00 test-hostname x 98765 - [timeQuality tzKnown="1" isSynced="0"] m\n';
  assert.deepEqual([Buffer.concat(stderr).toString(), await target.take()], [line, [line]]);
});

/** Makes packages impossible to find. @returns options of Node.js */
function without(t: TestContext, ...packages: readonly string[]): readonly string[] {
  const file = join(TestDaemon.folder(t), 'hide.cjs');
  writeFileSync(
    file,
    `const Module = require('node:module');
const load = Module._load;
Module._load = function (name, ...rest) {
  if (${JSON.stringify(packages)}.includes(name)) throw new Error('hidden');
  return load.call(this, name, ...rest);
};`,
  );
  return ['-r', file];
}

for (const name of TARGET_NAMES) {
  const skip = name === 'datagram' ? portableMissing() : false;
  test(`without koffi: ${name}`, { skip }, async (t) => {
    const target = await openTarget(t, name);
    const nodeOptions = without(t, 'koffi');
    const run = await tlogger([...target.args, '-t', 't'], { nodeOptions, input: 'one\ntwo\n' });
    assert.deepEqual(said(run), [0, '']);
    assert.match((await target.take()).join('|'), /\bt\b.* one(?:\n|\|)<13>.*\bt\b.* two\n?$/);
  });
}

test('without koffi: a full queue is waited for', { skip: portableMissing() }, async (t) => {
  const queue = new Queue(t);
  const lines: string[] = [];
  const running = tlogger(['-t', 't', '-u', queue.path], { nodeOptions: without(t, 'koffi'), input: MANY.join('\n') });
  await queue.filled();
  const readiness = watchReadable(queue.fd, () => lines.push(queue.read().replace(/^.*: /, '')));
  cleanUp(t, () => readiness.close());
  assert.deepEqual(said(await running), [0, '']);
  await until('all are read', () => lines.length === MANY.length);
  assert.deepEqual(lines, MANY);
});

test('without koffi and unix-dgram: a stream', async (t) => {
  const target = await openTarget(t, 'stream');
  const run = await tlogger([...target.args, 'x'], { nodeOptions: without(t, 'koffi', 'unix-dgram') });
  assert.deepEqual(said(run), [0, '']);
  assert.equal((await target.take()).length, 1);
});

test('without koffi: complaints are the same, and --wait fails', async (t) => {
  const nodeOptions = without(t, 'koffi');
  const run = (args: readonly string[]): Promise<ProgramRun> => tlogger(args, { nodeOptions });
  const dir = TestDaemon.folder(t);
  const none = `tlogger: socket ${dir}/none: No such file or directory\n`;
  assert.deepEqual(said(await run(['-s', '-u', `${dir}/none`, 'x'])), [1, none]);
  assert.deepEqual(said(await run(['-n', '127.0.0.1', '-T', '-P', '1', 'x'])), [
    1,
    'tlogger: failed to connect to 127.0.0.1 port 1\n',
  ]);
  assert.deepEqual(said(await run(['-n', 'no.such.host.invalid', '-P', '514', 'x'])), [
    1,
    'tlogger: failed to resolve name no.such.host.invalid port 514: Name or service not known\n',
  ]);
  const target = await openTarget(t, 'tcp');
  const expected = 'tlogger: messages not taken: that cannot be seen without koffi\n';
  assert.deepEqual(said(await run(['--wait', ...target.args, 'x'])), [1, expected]);
});
