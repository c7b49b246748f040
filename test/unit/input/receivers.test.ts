/** What both kinds of receivers must do alike. */
import assert from 'node:assert/strict';
import { existsSync, lstatSync, mkdirSync, rmSync, statSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CRED_NONE, F_CUT, ORIGIN } from '../../../src/dgram-parser/columns/batch.ts';
import { chooseReceiver } from '../../../src/input/receivers.ts';
import {
  bindUdp,
  bindUnix,
  closeSocket,
  createUdpSocket,
  createUnixSocket,
  localAddress,
} from '../../../src/sys/socket/sockets.ts';
import { Harness, sendUdp, sendUnix, temporaryDirectory } from '../../support/receiving.ts';
import { RECEIVERS, skipFor } from '../../support/daemon.ts';
import { freeUdpPort } from '../../support/ports.ts';
import { until } from '../../support/until.ts';

const MAX = 1024;
const DATAGRAMS: readonly Buffer[] = [
  Buffer.alloc(0),
  Buffer.from('x'),
  Buffer.from([0]),
  Buffer.alloc(MAX, 'm'),
  Buffer.alloc(MAX + 1, 'n'),
  Buffer.from(`${'a'.repeat(MAX - 1)}é`),
  Buffer.from(`${'a'.repeat(MAX - 2)}€ and more`),
  Buffer.alloc(5000, 0xff),
];
/** As every receiver must deliver them. */
const EXPECTED = [0, 1, 1, MAX, MAX, MAX - 1, MAX - 2, MAX].map((len, idx) => ({
  text: DATAGRAMS[idx]?.subarray(0, len),
  flags: idx < 4 ? 0 : F_CUT,
}));

for (const kind of RECEIVERS) {
  test(`${kind}: a log socket delivers every datagram as one row, cut at the limit on a UTF-8 boundary`, {
    skip: skipFor(kind),
  }, async (t) => {
    const h = new Harness(t, kind);
    const path = join(temporaryDirectory(t), 'log');
    const input = h.add(h.receivers.openLogSocket(path));
    assert.equal(input.state, 'open');
    sendUnix(path, ...DATAGRAMS);
    const rows = await h.received(DATAGRAMS.length);
    assert.deepEqual(
      rows.map(({ text, flags }) => ({ text, flags })),
      EXPECTED,
    );
    assert.ok(rows.every((row) => row.origin === ORIGIN.local && row.peer === 0));
    const [uid, gid] = [process.getuid?.(), process.getgid?.()];
    const cred = kind === 'batch' ? [process.pid, uid, gid] : [CRED_NONE, CRED_NONE, CRED_NONE];
    for (const row of rows) assert.deepEqual(row.cred, cred);
    assert.deepEqual(input.counters, { received: DATAGRAMS.length, cut: 4, kernelDropped: 0, refused: 0 });
  });

  for (const address of ['127.0.0.1', '::1']) {
    test(`${kind}: UDP on ${address} delivers every datagram as one row, with its sender`, {
      skip: skipFor(kind),
    }, async (t) => {
      const h = new Harness(t, kind);
      const input = h.add(h.receivers.openUdp({ host: address, port: 0, iface: null }));
      await until('it is open', () => input.state === 'open');
      sendUdp(address, input.addresses[0]?.port ?? 0, ...DATAGRAMS);
      const rows = await h.received(DATAGRAMS.length);
      assert.deepEqual(
        rows.map(({ text, flags }) => ({ text, flags })),
        EXPECTED,
      );
      assert.ok(rows.every((row) => row.origin === ORIGIN.network && row.cred[0] === CRED_NONE));
      const peers = new Set(rows.map((row) => row.peer));
      assert.equal(peers.size, 1);
      assert.equal(Buffer.from(h.peers.label([...peers][0] ?? 0)).toString(), address);
    });
  }

  test(`${kind}: the batch carries the time of receipt`, { skip: skipFor(kind) }, async (t) => {
    const h = new Harness(t, kind);
    const path = join(temporaryDirectory(t), 'log');
    h.add(h.receivers.openLogSocket(path));
    const before = Date.now();
    sendUnix(path, Buffer.from('a'));
    await h.received(1);
    const at = h.batch.nowSec * 1000 + Math.floor(h.batch.nowUsec / 1000);
    assert.ok(at >= before && at <= Date.now(), `${before} <= ${at}`);
  });

  test(`${kind}: a log socket is open to everybody whatever the umask, and removed at close`, {
    skip: skipFor(kind),
  }, (t) => {
    const h = new Harness(t, kind);
    const path = join(temporaryDirectory(t), 'log');
    const umask = process.umask(0o077);
    t.after(() => process.umask(umask));
    const input = h.add(h.receivers.openLogSocket(path));
    assert.equal(statSync(path).mode & 0o7777, 0o666);
    input.close();
    assert.equal(existsSync(path), false);
    assert.equal(input.state, 'closed');
  });

  test(`${kind}: a stale socket is replaced`, { skip: skipFor(kind) }, async (t) => {
    const h = new Harness(t, kind);
    const path = join(temporaryDirectory(t), 'log');
    const stale = createUnixSocket();
    bindUnix(stale, path);
    closeSocket(stale);
    h.add(h.receivers.openLogSocket(path));
    sendUnix(path, Buffer.from('a'));
    await h.received(1);
  });

  test(`${kind}: any other kind of file in its place is refused and left alone`, { skip: skipFor(kind) }, (t) => {
    const h = new Harness(t, kind);
    const dir = temporaryDirectory(t);
    const path = join(dir, 'file');
    writeFileSync(path, 'precious');
    mkdirSync(join(dir, 'directory'));
    symlinkSync(path, join(dir, 'link'));
    const open = (name: string) => (): unknown => h.add(h.receivers.openLogSocket(join(dir, name)));
    assert.throws(open('file'), {
      name: 'InputError',
      message: `cannot create log socket "${path}": a regular file is in the way`,
    });
    assert.throws(open('directory'), { name: 'InputError', message: /a directory is in the way$/ });
    assert.throws(open('link'), { name: 'InputError', message: /a symbolic link is in the way$/ });
    assert.equal(lstatSync(path).size, 8);
  });

  test(`${kind}: a path that is too long, or in no directory, is one clear line`, { skip: skipFor(kind) }, (t) => {
    const h = new Harness(t, kind);
    const dir = temporaryDirectory(t);
    const long = join(dir, 'l'.repeat(100));
    const lost = join(dir, 'missing', 'log');
    assert.throws(() => h.receivers.openLogSocket(long), {
      message: `cannot create log socket "${long}": name too long`,
    });
    assert.throws(() => h.receivers.openLogSocket(lost), {
      message: `cannot create log socket "${lost}": no such file or directory`,
    });
    assert.equal(existsSync(long.slice(0, 107)), false);
  });

  test(`${kind}: an unlinked log socket is made again, and what the old one holds comes first`, {
    skip: skipFor(kind),
  }, async (t) => {
    const h = new Harness(t, kind);
    const path = join(temporaryDirectory(t), 'log');
    const input = h.add(h.receivers.openLogSocket(path));
    sendUnix(path, Buffer.from('old'));
    unlinkSync(path);
    await until('the socket is back', () => existsSync(path) && h.reports.length > 0);
    sendUnix(path, Buffer.from('new'));
    await h.received(2);
    assert.deepEqual(h.texts(), ['old', 'new']);
    assert.deepEqual(h.reports, [`log socket ${path} disappeared and was recreated`]);
    assert.equal(input.state, 'open');
    assert.equal(statSync(path).mode & 0o7777, 0o666);
    input.close();
    assert.equal(existsSync(path), false);
  });

  test(`${kind}: a log socket whose directory is gone is made again with it, told once each way`, {
    skip: skipFor(kind),
  }, async (t) => {
    const h = new Harness(t, kind);
    const dir = join(temporaryDirectory(t), 'run');
    mkdirSync(dir);
    const path = join(dir, 'log');
    const input = h.add(h.receivers.openLogSocket(path));
    rmSync(dir, { recursive: true });
    await until('the loss is noticed', () => input.state === 'retrying');
    mkdirSync(dir);
    await until('it is open again', () => input.state === 'open' && existsSync(path));
    sendUnix(path, Buffer.from('new'));
    await h.received(1);
    assert.deepEqual(h.reports, [
      `cannot create log socket "${path}": no such file or directory: retrying`,
      `log socket ${path} disappeared and was recreated`,
    ]);
  });

  test(`${kind}: a log socket taken over by a living program is left to it until that is gone`, {
    skip: skipFor(kind),
  }, async (t) => {
    const h = new Harness(t, kind);
    const path = join(temporaryDirectory(t), 'log');
    const input = h.add(h.receivers.openLogSocket(path));
    const other = createUnixSocket();
    unlinkSync(path);
    bindUnix(other, path);
    await until('the loss is noticed', () => input.state === 'retrying');
    assert.deepEqual(h.reports, [`log socket ${path} was taken over by another program: retrying`]);
    closeSocket(other);
    await until('it is ours again', () => input.state === 'open');
    sendUnix(path, Buffer.from('new'));
    await h.received(1);
  });

  test(`${kind}: close leaves a file that is not ours any more`, { skip: skipFor(kind) }, (t) => {
    const h = new Harness(t, kind);
    const path = join(temporaryDirectory(t), 'log');
    const input = h.add(h.receivers.openLogSocket(path));
    unlinkSync(path);
    writeFileSync(path, 'somebody else');
    input.close();
    assert.equal(existsSync(path), true);
  });

  test(`${kind}: close delivers what the kernel still holds`, { skip: skipFor(kind) }, (t) => {
    const h = new Harness(t, kind, { rows: 2 });
    const path = join(temporaryDirectory(t), 'log');
    const input = h.add(h.receivers.openLogSocket(path));
    sendUnix(path, ...['a', 'b', 'c', 'd', 'e'].map((text) => Buffer.from(text)));
    input.close();
    assert.deepEqual(h.texts(), ['a', 'b', 'c', 'd', 'e']);
  });

  test(`${kind}: nothing is delivered between pause and resume, and nothing is lost`, {
    skip: skipFor(kind),
  }, async (t) => {
    const h = new Harness(t, kind);
    const dir = temporaryDirectory(t);
    const [quiet, loud] = [join(dir, 'quiet'), join(dir, 'loud')];
    const input = h.add(h.receivers.openLogSocket(quiet));
    h.add(h.receivers.openLogSocket(loud));
    input.pause();
    sendUnix(quiet, Buffer.from('waits'), Buffer.from('too'));
    sendUnix(loud, Buffer.from('goes'));
    await h.received(1);
    assert.deepEqual(h.texts(), ['goes']);
    input.resume();
    await h.received(3);
    assert.deepEqual(h.texts(), ['goes', 'waits', 'too']);
  });

  test(`${kind}: an input that is paused by the delivery of a batch delivers no further one`, {
    skip: skipFor(kind),
  }, async (t) => {
    const h = new Harness(t, kind, { rows: 2 });
    const path = join(temporaryDirectory(t), 'log');
    const input = h.add(h.receivers.openLogSocket(path));
    h.onDeliver = () => input.pause();
    sendUnix(path, ...['a', 'b', 'c', 'd', 'e'].map((text) => Buffer.from(text)));
    await h.received(2);
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual(h.texts(), ['a', 'b']);
    h.onDeliver = () => {};
    input.resume();
    await h.received(5);
    assert.deepEqual(h.texts(), ['a', 'b', 'c', 'd', 'e']);
  });

  test(`${kind}: inputs that begin paused deliver after resume`, { skip: skipFor(kind) }, async (t) => {
    const h = new Harness(t, kind, { paused: true });
    const path = join(temporaryDirectory(t), 'log');
    const log = h.add(h.receivers.openLogSocket(path));
    const udp = h.add(h.receivers.openUdp({ host: '127.0.0.1', port: 0, iface: null }));
    await until('it is open', () => udp.state === 'open');
    sendUnix(path, Buffer.from('a'));
    sendUdp('127.0.0.1', udp.addresses[0]?.port ?? 0, Buffer.from('b'));
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual(h.texts(), []);
    log.resume();
    udp.resume();
    await h.received(2);
  });

  test(`${kind}: with no address given UDP listens on both families, or on the one wanted`, {
    skip: skipFor(kind),
  }, async (t) => {
    const port = await freeUdpPort();
    const both = new Harness(t, kind);
    const input = both.add(both.receivers.openUdp({ host: null, port, iface: null }));
    await until('it is open', () => input.state === 'open');
    assert.deepEqual(input.addresses.map(({ address }) => address).sort(), ['0.0.0.0', '::']);
    assert.equal(input.label, `UDP *:${port}`);
    sendUdp('127.0.0.1', port, Buffer.from('a'));
    sendUdp('::1', port, Buffer.from('b'));
    await both.received(2);
    const one = new Harness(t, kind, { family: 4 });
    const only = one.add(one.receivers.openUdp({ host: null, port: 0, iface: null }));
    await until('it is open', () => only.state === 'open');
    assert.deepEqual(
      only.addresses.map(({ address }) => address),
      ['0.0.0.0'],
    );
  });

  test(`${kind}: an address that is taken is told once, tried again, and told once when it is had`, {
    skip: skipFor(kind),
  }, async (t) => {
    const h = new Harness(t, kind, { udpRetryMs: 5 });
    const taken = createUdpSocket(4);
    bindUdp(taken, { family: 4, address: '127.0.0.1', port: 0, scopeId: 0 });
    const { port } = localAddress(taken);
    const input = h.add(h.receivers.openUdp({ host: '127.0.0.1', port, iface: null }));
    await until('it is retrying', () => input.state === 'retrying');
    await new Promise((resolve) => setTimeout(resolve, 30));
    closeSocket(taken);
    await until('it is open', () => input.state === 'open');
    sendUdp('127.0.0.1', port, Buffer.from('a'));
    await h.received(1);
    assert.deepEqual(h.reports, [
      `cannot listen on UDP 127.0.0.1:${port}: address already in use: retrying`,
      `now listening on UDP 127.0.0.1:${port}`,
    ]);
  });

  test(`${kind}: an address that this machine does not have is retried until close`, {
    skip: skipFor(kind),
  }, async (t) => {
    const h = new Harness(t, kind, { udpRetryMs: 5 });
    const input = h.add(h.receivers.openUdp({ host: '192.0.2.77', port: 5140, iface: null }));
    await until('it is retrying', () => input.state === 'retrying');
    assert.deepEqual(h.reports, ['cannot listen on UDP 192.0.2.77:5140: address not available: retrying']);
    input.close();
    assert.equal(input.state, 'closed');
  });

  test(`${kind}: a name is resolved; one that cannot be is told once and retried`, {
    skip: skipFor(kind),
  }, async (t) => {
    const h = new Harness(t, kind, { udpRetryMs: 5, family: 4 });
    const input = h.add(h.receivers.openUdp({ host: 'localhost', port: 0, iface: null }));
    await until('it is open', () => input.state === 'open');
    assert.equal(input.addresses[0]?.address, '127.0.0.1');
    const lost = h.add(h.receivers.openUdp({ host: 'nonesuch.invalid', port: 5140, iface: null }));
    await until('it is retrying', () => lost.state === 'retrying');
    assert.match(
      h.reports.join('\n'),
      /^cannot resolve "nonesuch\.invalid" for UDP nonesuch\.invalid:5140: [^\n]+: retrying$/,
    );
  });

  test(`${kind}: rows of refused senders are not delivered`, { skip: skipFor(kind) }, async (t) => {
    const ports: number[] = [];
    const h = new Harness(t, kind, { filter: { accepts: (_peer, port) => ports.push(port) % 2 === 0 } });
    const input = h.add(h.receivers.openUdp({ host: '127.0.0.1', port: 0, iface: null }));
    await until('it is open', () => input.state === 'open');
    sendUdp(
      '127.0.0.1',
      input.addresses[0]?.port ?? 0,
      ...['a', 'bb', 'c', 'dd', 'e'].map((text) => Buffer.from(text)),
    );
    await h.received(2);
    await until('all were seen', () => input.counters.received === 5);
    assert.deepEqual(h.texts(), ['bb', 'dd']);
    assert.ok(ports.every((port) => port > 1023 && port === ports[0]));
  });

  test(`${kind}: what the kernel dropped is told once at the beginning and once with the number`, {
    skip: skipFor(kind),
  }, async (t) => {
    const h = new Harness(t, kind, { receiveBufferBytes: 1, lossSettleMs: 60 });
    const input = h.add(h.receivers.openUdp({ host: '127.0.0.1', port: 0, iface: null }));
    await until('it is open', () => input.state === 'open');
    const flood = Array.from({ length: 1000 }, () => Buffer.alloc(1000, 'x'));
    const sent = sendUdp('127.0.0.1', input.addresses[0]?.port ?? 0, ...flood);
    assert.equal(sent, 1000);
    await until('the end is told', () => h.reports.length === 2);
    const dropped = 1000 - h.rows.length;
    assert.ok(dropped > 0);
    assert.deepEqual(h.reports, [
      'losing messages from UDP 127.0.0.1:0: receive buffer is full',
      `dropped ${dropped} messages from UDP 127.0.0.1:0`,
    ]);
    assert.deepEqual([input.counters.received, input.counters.kernelDropped], [h.rows.length, dropped]);
  });
}

const TOO_LONG = Buffer.alloc(5000, 'x');

for (const kind of RECEIVERS) {
  test(`${kind}: that messages are cut is told once, and their number when it has ended`, {
    skip: skipFor(kind),
  }, async (t) => {
    const h = new Harness(t, kind, { lossSettleMs: 60 });
    const path = join(temporaryDirectory(t), 'log');
    const log = h.add(h.receivers.openLogSocket(path));
    const udp = h.add(h.receivers.openUdp({ host: '127.0.0.1', port: 0, iface: null }));
    await until('both are open', () => udp.state === 'open' && log.state === 'open');
    sendUnix(path, TOO_LONG, Buffer.from('short'), TOO_LONG, TOO_LONG);
    await until('the log socket is told of', () => h.reports.length === 2);
    sendUdp('127.0.0.1', udp.addresses[0]?.port ?? 0, Buffer.from('short'), TOO_LONG);
    await until('UDP is told of', () => h.reports.length === 4);
    sendUnix(path, TOO_LONG);
    await until('a new beginning is told', () => h.reports.length === 5);
    // At the end nothing is left untold.
    log.close();
    const begin = (from: string): string => `cutting messages from ${from} longer than ${MAX} bytes (max_message)`;
    assert.deepEqual(h.reports.slice(0, 6), [
      begin(`log socket ${path}`),
      `cut 3 messages from log socket ${path}`,
      begin('UDP 127.0.0.1:0'),
      'cut 1 message from UDP 127.0.0.1:0',
      begin(`log socket ${path}`),
      `cut 1 message from log socket ${path}`,
    ]);
    assert.deepEqual([log.counters.cut, udp.counters.cut], [4, 1]);
  });
}

test('portable: a paused log socket takes what comes up to a bound and counts what it drops', {
  skip: skipFor('portable'),
}, async (t) => {
  const h = new Harness(t, 'portable', { messageBytes: 65_536, lossSettleMs: 60 });
  const path = join(temporaryDirectory(t), 'log');
  const input = h.add(h.receivers.openLogSocket(path));
  input.pause();
  const big = Buffer.alloc(60_000, 'x');
  let sent = 0;
  while (sent < 200) {
    if (sendUnix(path, big) === 1) sent++;
    else await new Promise((resolve) => setImmediate(resolve));
  }
  await until(
    'drops are counted',
    () => input.counters.kernelDropped > 0 && input.counters.kernelDropped + 139 >= sent,
  );
  input.resume();
  await until('all is accounted for', () => h.rows.length + input.counters.kernelDropped === sent);
  await until('the number is told', () => h.reports.length === 2);
  assert.deepEqual(h.reports, [
    `losing messages from ${path}: queue is full`,
    `dropped ${sent - h.rows.length} messages from ${path}`,
  ]);
});

test('batch: a flood on one socket leaves another its turn', async (t) => {
  const h = new Harness(t, 'batch', { rows: 4 });
  const dir = temporaryDirectory(t);
  const udp = h.add(h.receivers.openUdp({ host: '127.0.0.1', port: 0, iface: null }));
  h.add(h.receivers.openLogSocket(join(dir, 'quiet')));
  sendUdp('127.0.0.1', udp.addresses[0]?.port ?? 0, ...Array.from({ length: 500 }, () => Buffer.from('flood')));
  sendUnix(join(dir, 'quiet'), Buffer.from('quiet'));
  await h.received(501);
  assert.ok(h.texts().indexOf('quiet') < 100);
});

test('batch: a log socket in whose place a directory was made waits until that is gone, told once', async (t) => {
  const h = new Harness(t, 'batch');
  const dir = temporaryDirectory(t);
  const path = join(dir, 'log');
  const input = h.add(h.receivers.openLogSocket(path));
  unlinkSync(path);
  mkdirSync(path);
  await until('the loss is noticed', () => input.state === 'retrying');
  assert.deepEqual(h.reports, [`cannot create log socket "${path}": a directory is in the way: retrying`]);
  rmSync(path, { recursive: true });
  await until('it is open again', () => input.state === 'open');
});

test('chooseReceiver takes what works, batch first, and says what is missing', () => {
  const yes = { ok: true } as const;
  const no = (reason: string) => ({ ok: false, reason }) as const;
  assert.equal(chooseReceiver(null, { batch: yes, portable: yes }), 'batch');
  assert.equal(chooseReceiver(null, { batch: no('a'), portable: yes }), 'portable');
  assert.equal(chooseReceiver('portable', { batch: yes, portable: yes }), 'portable');
  assert.throws(() => chooseReceiver('portable', { batch: yes, portable: no('b') }), {
    name: 'InputError',
    message: 'the portable receiver does not work here: b: try `npm install unix-dgram`',
  });
  assert.throws(() => chooseReceiver('batch', { batch: no('a'), portable: yes }), {
    message: 'the batch receiver does not work here: a: try `npm install koffi --include=optional`',
  });
  assert.throws(() => chooseReceiver(null, { batch: no('a'), portable: no('b') }), {
    message: 'no receiver works here: a; b: try `npm install koffi --include=optional`',
  });
});
