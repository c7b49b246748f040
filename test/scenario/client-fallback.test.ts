/**
 * The client where packages are missing: which way it takes, and that messages arrive.
 */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { test } from 'node:test';
import { clientModule, runProgram, startProgram, treeWith } from '../support/client-program.ts';
import { portableMissing, TestDaemon } from '../support/daemon.ts';
import { LogReceiver, openStreamReceiver, textOf } from '../support/log-receiver.ts';
import { freeUdpPort } from '../support/ports.ts';
import { until } from '../support/until.ts';

const UNIX_DGRAM = ['unix-dgram', 'bindings', 'file-uri-to-path', 'nan'];
const COUNT = 300;
const EXPECTED = Array.from({ length: COUNT }, (_, i) => `number ${i}`);

function program(tree: string, path: string, end = '', options = ''): string {
  return `
import { SyslogClient } from ${clientModule('index', tree)};
const client = new SyslogClient({ path: ${JSON.stringify(path)}, exitMs: 60_000, ${options} });
const sent = client.info('number 0');
process.stdout.write(client.transport + ' ' + sent + '\\n');
for (let i = 1; i < ${COUNT}; i++) client.info('number ' + i);
${end}
`;
}

test('without koffi: by unix-dgram', { skip: portableMissing() }, async (t) => {
  const dir = TestDaemon.folder(t);
  const receiver = LogReceiver.open(t, `${dir}/log`);
  const tree = treeWith(dir, UNIX_DGRAM);
  const running = startProgram(t, dir, program(tree, receiver.path));
  const found = await receiver.readUntil('all are there', (all) => all.length === COUNT);
  assert.deepEqual(found.map(textOf), EXPECTED);
  assert.deepEqual(await running.ended, { code: 0, signal: null, stdout: 'datagram true\n', stderr: '' });
});

test('without koffi: a daemon that goes and comes back, at its leisure', { skip: portableMissing() }, async (t) => {
  const dir = TestDaemon.folder(t);
  const first = LogReceiver.open(t, `${dir}/log`);
  const tree = treeWith(dir, UNIX_DGRAM);
  const end = `
setInterval(() => undefined, 1000);
process.stdin.on('data', () => {
  client.info('while it is gone');
  process.stdout.write(client.transport + '\\n');
});
process.stdin.on('end', () => process.exit(0));`;
  const running = startProgram(t, dir, program(tree, first.path, end));
  await first.readUntil('all are there', (all) => all.length === COUNT);
  first.close();
  running.child.stdin?.write('.');
  await until('it has logged', () => running.stdout().endsWith('none\n'));
  const second = LogReceiver.open(t, first.path);
  const found = await second.readUntil('it is there', (all) => all.length === 1);
  assert.deepEqual(found.map(textOf), ['while it is gone']);
  running.child.stdin?.end();
  assert.deepEqual(await running.ended, { code: 0, signal: null, stdout: 'datagram true\nnone\n', stderr: '' });
});

test('without both: a stream socket', async (t) => {
  const dir = TestDaemon.folder(t);
  const receiver = await openStreamReceiver(t, `${dir}/log`);
  const tree = treeWith(dir, []);
  const ended = await runProgram(t, dir, program(tree, `${dir}/log`));
  assert.deepEqual(ended, { code: 0, signal: null, stdout: 'stream true\n', stderr: '' });
  await until('all are there', () => receiver.text().split('\0').length === COUNT + 1);
  assert.deepEqual(receiver.text().split('\0').slice(0, -1).map(textOf), EXPECTED);
});

for (const [name, isHidden] of [
  ['a socket for datagrams', false],
  ['a socket for datagrams in another mount namespace', true],
] as const)
  test(`without both, and ${name}: UDP`, async (t) => {
    const dir = TestDaemon.folder(t);
    // Its path in /proc/net/unix is another one than the program uses.
    LogReceiver.open(t, isHidden ? `${dir}/./log` : `${dir}/log`);
    const udp = createSocket('udp4');
    t.after(() => udp.close());
    const port = await freeUdpPort();
    udp.bind(port, '127.0.0.1');
    await once(udp, 'listening');
    const texts: string[] = [];
    udp.on('message', (bytes: Buffer) => texts.push(textOf(bytes.toString())));
    const tree = treeWith(dir, []);
    const ended = await runProgram(
      t,
      dir,
      program(tree, `${dir}/log`, 'await client.flush(60_000);', `udpPort: ${port}`),
    );
    assert.deepEqual([ended.code, ended.stderr], [0, '']);
    if (!isHidden) assert.equal(ended.stdout, 'udp true\n');
    await until('all are there', () => texts.length === COUNT);
    assert.deepEqual(texts, EXPECTED);
  });

test('without both, and nobody at the path: messages wait, and are lost in the end with a word', async (t) => {
  const dir = TestDaemon.folder(t);
  const tree = treeWith(dir, []);
  const text = program(tree, `${dir}/log`, '', "ident: 'app'").replace('60_000', '50');
  const ended = await runProgram(t, dir, text);
  assert.equal(ended.code, 0);
  assert.equal(ended.stderr, `app: ${COUNT} messages not sent to ${dir}/log\n`);
});

test('in a worker thread, where unix-dgram cannot be loaded: a stream socket', {
  skip: portableMissing(),
}, async (t) => {
  const dir = TestDaemon.folder(t);
  const receiver = await openStreamReceiver(t, `${dir}/log`);
  const tree = treeWith(dir, UNIX_DGRAM);
  const text = `
import { isMainThread, Worker } from 'node:worker_threads';
import { fileURLToPath } from 'node:url';
import { SyslogClient } from ${clientModule('index', tree)};
const client = new SyslogClient({ path: ${JSON.stringify(`${dir}/log`)}, exitMs: 60_000 });
client.info(isMainThread ? 'main' : 'worker');
process.stdout.write(client.transport + '\\n');
if (isMainThread) new Worker(fileURLToPath(import.meta.url));`;
  const ended = await runProgram(t, dir, text);
  assert.deepEqual([ended.code, ended.stderr], [0, '']);
  assert.equal(ended.stdout, 'stream\nstream\n');
  await until('both are there', () => receiver.text().split('\0').length === 3);
});
