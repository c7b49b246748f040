/**
 * How messages get to the daemon: queue, losses, reconnecting, streams; with sockets that the test reads when it wants.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { test } from 'node:test';
import { SyslogClient } from '../../../src/client/index.ts';
import { MessageBuffer } from '../../../src/client/message/message-buffer.ts';
import { Sender } from '../../../src/client/send/sender.ts';
import { ERRNO } from '../../../src/sys/call/errors.ts';
import { type Link, pause } from '../../../src/sys/link/link.ts';
import { TestDaemon } from '../../support/daemon.ts';
import { LogReceiver, openStreamReceiver, textOf } from '../../support/log-receiver.ts';
import { until } from '../../support/until.ts';

const LONG_MS = 60_000;

function numbers(count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, i) => `number ${from + i}`);
}

test('what does not fit into the socket waits, in order, and is sent when there is room', async (t) => {
  const receiver = LogReceiver.open(t, `${TestDaemon.folder(t)}/log`);
  const client = new SyslogClient({ path: receiver.path });
  const results = numbers(500).map((text) => client.info(text));
  assert.equal(results[0], true);
  assert.equal(results.at(-1), false);
  const waiting = client.counters.queued;
  assert.equal(waiting, 500 - results.filter((sent) => sent).length);
  assert.equal(client.transport, 'datagram');
  const found = await receiver.readUntil('all are there', (all) => all.length === 500);
  assert.deepEqual(found.map(textOf), numbers(500));
  await until('it knows', () => client.counters.queued === 0);
  assert.deepEqual(client.counters, { sent: 500, queued: 0, dropped: 0, cut: 0, reconnects: 0 });
  assert.equal(client.info('direct'), true);
});

test('beyond the bound the newest is dropped, counted, and told in the log when there is room', async (t) => {
  const receiver = LogReceiver.open(t, `${TestDaemon.folder(t)}/log`);
  const told: [number, string][] = [];
  const client = new SyslogClient({
    path: receiver.path,
    facility: 'daemon',
    ident: 'app',
    pid: 7,
    queueBytes: 4000,
    onLoss: (dropped, reason) => told.push([dropped, reason]),
  });
  for (const text of numbers(500)) client.info(text);
  const { sent, queued, dropped } = client.counters;
  assert.ok(queued > 50 && dropped > 300, JSON.stringify(client.counters));
  assert.equal(sent + queued + dropped, 500);
  await turn();
  assert.deepEqual(told, [[dropped, 'queue full']]);
  const found = await receiver.readUntil('the notice is there', (all) => all.some((one) => one.includes('dropped')));
  assert.deepEqual(found.slice(0, -1).map(textOf), numbers(500 - dropped));
  assert.match(
    found.at(-1) ?? '',
    new RegExp(`^<28>\\w{3} [ \\d]\\d [\\d:]{8} app\\[7\\]: dropped ${dropped} messages: queue full$`),
  );
  assert.equal(client.info('later'), true);
  assert.deepEqual(receiver.readAll().map(textOf), ['later']);
  await turn();
  assert.equal(told.length, 1);
});

/** A link whose room the test decides about. */
class OwnLink implements Link {
  readonly kind = 'datagram';
  /** Messages that it still takes. */
  room = 0;
  /** What it makes of a wait. */
  roomAfterWait = 0;
  /** Milliseconds that somebody wanted to wait for. */
  readonly waits: number[] = [];

  send(_bytes: Buffer, _off: number, len: number): number {
    return this.room-- > 0 ? len : ERRNO.EAGAIN;
  }

  waitForRoom(maxMs: number): void {
    this.waits.push(maxMs);
    this.room = this.roomAfterWait;
    if (this.room === 0) pause(maxMs);
  }

  watch(): void {}
  unwatch(): void {}
  close(): void {}
}

function senderOver(link: Link): { readonly sender: Sender; readonly message: MessageBuffer } {
  const message = new MessageBuffer();
  message.begin('<13>', 'app: ');
  message.add('x'.repeat(91), 'kept');
  const sender = new Sender({
    ...{ path: '/nowhere', udpPort: 1, consolePath: '/dev/null', name: 'app', onLoss: null, exitMs: 0 },
    queueBytes: 1090,
    makeNotice: () => message,
    opener: { open: () => link },
  });
  // What is left at its end goes there, and not to standard error.
  sender.cons = true;
  return { sender, message };
}

test('a full queue waits for room: a loop that logs without a pause loses nothing to a daemon that reads', () => {
  const link = new OwnLink();
  link.roomAfterWait = 11;
  const { sender, message } = senderOver(link);
  for (let i = 0; i < 1000; i++) sender.send(message);
  assert.equal(sender.losses.total, 0);
  assert.equal(sender.sent + sender.queued, 1000);
  assert.ok(link.waits.length > 50);
  sender.close();
});

test('a daemon that has stopped makes nobody wait for more than 3 ms', () => {
  const link = new OwnLink();
  const { sender, message } = senderOver(link);
  for (let i = 0; i < 1000; i++) sender.send(message);
  assert.equal(sender.queued, 10);
  assert.equal(sender.losses.total, 990);
  assert.ok(link.waits.length > 0 && link.waits.reduce((sum, ms) => sum + ms) <= 3, String(link.waits));
  sender.close();
});

test('a daemon that comes back on a new socket gets what came meanwhile, in order', async (t) => {
  const path = `${TestDaemon.folder(t)}/log`;
  const first = LogReceiver.open(t, path);
  const client = new SyslogClient({ path });
  client.info('one');
  assert.deepEqual(first.readAll().map(textOf), ['one']);
  first.close();
  assert.equal(client.info('two'), false);
  assert.equal(client.transport, 'none');
  assert.equal(client.info('three'), false);
  const second = LogReceiver.open(t, path);
  const found = await second.readUntil('both are there', (all) => all.length === 2);
  assert.deepEqual(found.map(textOf), ['two', 'three']);
  await until('it knows', () => client.counters.queued === 0);
  assert.equal(client.counters.reconnects, 1);
});

test('a daemon that was replaced is reached with the next message', (t) => {
  const path = `${TestDaemon.folder(t)}/log`;
  const first = LogReceiver.open(t, path);
  const client = new SyslogClient({ path });
  client.info('one');
  first.close();
  const second = LogReceiver.open(t, path);
  assert.equal(client.info('two'), true);
  assert.deepEqual(second.readAll().map(textOf), ['two']);
});

test('a full queue whose daemon goes is sent to the next one', async (t) => {
  const path = `${TestDaemon.folder(t)}/log`;
  const first = LogReceiver.open(t, path);
  const client = new SyslogClient({ path });
  for (const text of numbers(100)) client.info(text);
  const before = first.readAll().map(textOf);
  first.close();
  const second = LogReceiver.open(t, path);
  const found = await second.readUntil('the rest is there', (all) => all.length === 100 - before.length);
  assert.deepEqual([...before, ...found.map(textOf)], numbers(100));
});

test('the path is removed, the socket alive: it goes on', (t) => {
  const receiver = LogReceiver.open(t, `${TestDaemon.folder(t)}/log`);
  const client = new SyslogClient({ path: receiver.path });
  client.info('one');
  rmSync(receiver.path);
  assert.equal(client.info('two'), true);
  assert.deepEqual(receiver.readAll().map(textOf), ['one', 'two']);
});

const NOWHERE: readonly (readonly [string, (dir: string) => string])[] = [
  ['no such file', (dir) => `${dir}/log`],
  ['a file', (dir) => (writeFileSync(`${dir}/log`, ''), `${dir}/log`)],
  ['a directory', (dir) => (mkdirSync(`${dir}/log`), `${dir}/log`)],
  ['a link to itself', (dir) => (symlinkSync('log', `${dir}/log`), `${dir}/log`)],
  ['a folder that is none', () => '/dev/null/log'],
  ['a path that is too long', (dir) => `${dir}/${'x'.repeat(200)}`],
];

for (const [name, make] of NOWHERE)
  test(`nobody at the path, ${name}: messages wait`, async (t) => {
    const client = new SyslogClient({ path: make(TestDaemon.folder(t)) });
    assert.equal(client.info('one'), false);
    assert.equal(client.info('two'), false);
    assert.deepEqual(client.counters, { sent: 0, queued: 2, dropped: 0, cut: 0, reconnects: 0 });
    assert.equal(client.transport, 'none');
    assert.equal(await client.flush(1), false);
    assert.equal(client.flushSync(1), false);
    assert.equal(client.counters.queued, 2);
  });

test('a message that is too long for the socket is dropped, and that is told at once', (t) => {
  const receiver = LogReceiver.open(t, `${TestDaemon.folder(t)}/log`);
  const client = new SyslogClient({ path: receiver.path, maxBytes: 1_000_000 });
  assert.equal(client.info('x'.repeat(60_000)), true);
  assert.equal(client.info('x'.repeat(900_000)), false);
  assert.equal(client.info('after'), true);
  const texts = receiver.readAll().map(textOf);
  assert.deepEqual(texts, ['x'.repeat(60_000), 'dropped 1 message: too long', 'after']);
  assert.equal(client.counters.dropped, 1);
});

test('too long, found in the queue: the others go on', async (t) => {
  const receiver = LogReceiver.open(t, `${TestDaemon.folder(t)}/log`);
  const client = new SyslogClient({ path: receiver.path, maxBytes: 1_000_000 });
  for (const text of numbers(50)) client.info(text);
  client.info('x'.repeat(300_000));
  client.info('after');
  const found = await receiver.readUntil('the notice is there', (all) => all.some((one) => one.includes('dropped')));
  assert.deepEqual(found.map(textOf).slice(0, 51), [...numbers(50), 'after']);
  assert.equal(textOf(found[51] ?? ''), 'dropped 1 message: too long');
});

test('a stream: every message ends in NUL, whatever the socket takes at a time', async (t) => {
  const path = `${TestDaemon.folder(t)}/log`;
  const receiver = await openStreamReceiver(t, path);
  receiver.pause();
  const client = new SyslogClient({ path, queueBytes: 8 * 1024 ** 2 });
  const texts = numbers(400).map((text, i) => `${text} ${'x'.repeat((i * 37) % 7000)}`);
  for (const text of texts) client.info(text);
  assert.equal(client.transport, 'stream');
  assert.ok(client.counters.queued > 0, 'the socket is full');
  assert.equal(client.counters.dropped, 0);
  receiver.resume();
  assert.equal(await client.flush(LONG_MS), true);
  await until('all are there', () => receiver.text().split('\0').length === 401);
  assert.deepEqual(receiver.text().split('\0').slice(0, -1).map(textOf), texts);
});

test('flush and close send what waits', async (t) => {
  const receiver = LogReceiver.open(t, `${TestDaemon.folder(t)}/log`);
  const client = new SyslogClient({ path: receiver.path, exitMs: LONG_MS });
  assert.equal(await client.flush(0), true);
  assert.equal(client.flushSync(0), true);
  for (const text of numbers(100)) client.info(text);
  const closed = client.close();
  const found = await receiver.readUntil('all are there', (all) => all.length === 100);
  await closed;
  assert.deepEqual(found.map(textOf), numbers(100));
  assert.equal(client.info('late'), false);
  assert.equal(client.counters.dropped, 1);
  assert.deepEqual(receiver.readAll(), []);
  await client.close();
});

test('no descriptor is left open', async (t) => {
  const receiver = LogReceiver.open(t, `${TestDaemon.folder(t)}/log`);
  const count = (): number => readdirSync('/proc/self/fd').length;
  const before = count();
  const client = new SyslogClient({ path: receiver.path });
  for (const text of numbers(100)) client.info(text);
  assert.equal(count(), before + 1);
  await receiver.readUntil('all are there', (all) => all.length === 100);
  await client.close();
  assert.equal(count(), before);
  const lost = new SyslogClient({ path: `${receiver.path}.none` });
  for (const text of numbers(100)) lost.info(text);
  assert.equal(count(), before);
});
