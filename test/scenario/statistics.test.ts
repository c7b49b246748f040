/**
 * What `status` counts is true: compared with what was sent, and with what really arrived, also where messages are
 * lost.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { ask, at, named } from '../support/control-client.ts';
import { RECEIVERS, skipFor, TestDaemon } from '../support/daemon.ts';
import { freeUdpPort } from '../support/ports.ts';
import { sendLocal, sendUdp } from '../support/send.ts';
import { UdpReceiver } from '../support/udp-receiver.ts';
import { PATIENCE_MS, until } from '../support/until.ts';

const COUNT = 20_000;

function messages(tag: string, count = COUNT): string[] {
  return Array.from({ length: count }, (_, i) => `<13>${tag}: message ${String(i).padStart(6, '0')}`);
}

/** Asks for the status until `holds`. @returns it */
async function statusWhen(
  t: TestContext,
  daemon: TestDaemon,
  what: string,
  holds: (status: unknown) => boolean,
): Promise<unknown> {
  let last: unknown;
  return await until(
    what,
    async () => {
      last = at(await ask(t, daemon.path('pid.ctl'), 'status'), 'status');
      return holds(last) && { last };
    },
    PATIENCE_MS,
    () => JSON.stringify(last),
  ).then((found) => found.last);
}

function output(status: unknown, suffix: string): unknown {
  return named(at(status, 'outputs'), suffix);
}

for (const receiver of RECEIVERS) {
  test(`${receiver}: what is received and written is counted, no more and no less`, {
    skip: skipFor(receiver),
  }, async (t) => {
    const port = await freeUdpPort();
    const conf = `listen 127.0.0.1:${port}\nuser.* -DIR/user\nuser.*;local0.* |exec cat > DIR/cat\nmail.* -DIR/mail`;
    const daemon = await TestDaemon.start(t, { conf, receiver });
    await sendLocal(daemon.socket, messages('local'));
    for (let i = 0; i < 10; i++) {
      await sendUdp(port, messages(`udp${i}`, 100));
      await daemon.line('user', new RegExp(`udp${i}: message 000099`));
    }
    // Neither a rule selects it, nor is it what it claims to be.
    await sendLocal(daemon.socket, ['<176>nobody: wants it', '<13>1 nonsense', '<13>1 2026 nonsense']);
    const status = await statusWhen(t, daemon, 'all is written', (found) => {
      const isWritten = (name: string): boolean => Number(at(output(found, name), 'written')) >= COUNT + 1002;
      return at(found, 'totals', 'received') === COUNT + 1003 && isWritten('/user') && isWritten('/cat');
    });
    const inputs = at(status, 'inputs');
    assert.equal(at(named(inputs, '/log'), 'received'), COUNT + 3);
    const udp = named(inputs, `:${port}`);
    assert.deepEqual([at(udp, 'kind'), at(udp, 'received'), at(udp, 'dropped')], ['udp', 1000, 0]);
    for (const name of ['/user', '/cat']) assert.equal(at(output(status, name), 'written'), COUNT + 1002);
    assert.equal(at(output(status, '/mail'), 'written'), 0);
    assert.deepEqual(
      ['parseFailures', 'unrouted', 'dropped'].map((name) => at(status, 'totals', name)),
      [2, 1, 0],
    );
    assert.equal(daemon.lines('user').length, COUNT + 1002);
    // It may be in the middle of a line.
    const catLines = (): number => readFileSync(daemon.path('cat'), 'latin1').split('\n').length - 1;
    await until('the command has written', () => catLines() === COUNT + 1002);
    assert.equal(at(output(status, '/self'), 'written'), daemon.lines('self').length);
  });
}

test('repetitions: those that are not written are counted', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: 'user.* -DIR/user' });
  await sendLocal(
    daemon.socket,
    Array.from({ length: 100 }, () => '<13>a: the same'),
  );
  await statusWhen(t, daemon, 'they are counted', (status) => at(output(status, '/user'), 'suppressed') === 99);
  await sendLocal(daemon.socket, ['<13>a: another']);
  await daemon.line('user', /another/);
  const status = await statusWhen(t, daemon, 'all is written', (found) => at(output(found, '/user'), 'written') === 3);
  assert.equal(at(output(status, '/user'), 'suppressed'), 99);
  assert.equal(at(status, 'totals', 'suppressed'), 99);
  assert.match(daemon.lines('user')[1] ?? '', /last message repeated 99 times/);
});

test('cut and refused: counted for the input that they came by', async (t) => {
  const port = await freeUdpPort();
  const conf = `listen 127.0.0.1:${port}\nmax_message 480\n*.*;syslog.none -DIR/all`;
  const daemon = await TestDaemon.start(t, { conf, args: ['-a', '192.0.2.0/24'] });
  await sendUdp(port, messages('refused', 7));
  await sendLocal(daemon.socket, [`<13>a: ${'x'.repeat(600)}`, '<13>a: short', `<13>a: ${'y'.repeat(600)}`]);
  const status = await statusWhen(t, daemon, 'all is counted', (found) => {
    const [refused, cut] = ['refused', 'cut'].map((name) => at(found, 'totals', name));
    return refused === 7 && cut === 2 && at(output(found, '/all'), 'written') === 3;
  });
  const udp = named(at(status, 'inputs'), `:${port}`);
  assert.deepEqual([at(udp, 'received'), at(udp, 'refused'), at(udp, 'cut')], [7, 7, 0]);
  assert.equal(at(named(at(status, 'inputs'), '/log'), 'cut'), 2);
});

test('a FIFO that nobody reads: all is dropped, nothing counts as written', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: 'user.* |DIR/fifo\nuser.* -DIR/user' });
  await sendLocal(daemon.socket, messages('a'));
  const status = await statusWhen(
    t,
    daemon,
    'all is dropped, and written to the file',
    (found) => at(output(found, '/fifo'), 'dropped') === COUNT && at(output(found, '/user'), 'written') === COUNT,
  );
  assert.deepEqual([at(output(status, '/fifo'), 'written'), at(output(status, '/fifo'), 'queuedBytes')], [0, 0]);
  assert.equal(at(status, 'totals', 'dropped'), COUNT);
});

test('a command that reads nothing: what waits, what the pipe holds and what is dropped are all that was sent', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: 'user.* |exec sleep 60\nuser.* -DIR/user' });
  // Each record is 1,000 bytes, so that bytes tell how many there are.
  const line = (i: number): string => `<13>a: ${String(i).padStart(6, '0')} `.padEnd(400, 'x');
  const sent = Array.from({ length: 40_000 }, (_, i) => line(i));
  await sendLocal(daemon.socket, sent);
  const status = await statusWhen(t, daemon, 'all is written to the file', (found) => {
    return at(output(found, '/user'), 'written') === sent.length;
  });
  const recordBytes = Buffer.byteLength(daemon.lines('user')[0] ?? '') + 1;
  const stuck = output(status, 'sleep 60');
  const [written, dropped, queuedBytes] = ['written', 'dropped', 'queuedBytes'].map((name) => Number(at(stuck, name)));
  assert.ok(dropped !== undefined && dropped > 0, 'its queue is full');
  assert.ok(written !== undefined && queuedBytes !== undefined);
  // The record that is partly in the pipe still counts as one that waits.
  assert.equal(written + dropped + Math.ceil(queuedBytes / recordBytes), sent.length);
  assert.ok(written * recordBytes <= 65_536);
});

test('a full disk: what waits and what is dropped are all that was sent', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: 'user.* /dev/full\nuser.* -DIR/user' });
  const sent = Array.from({ length: 40_000 }, (_, i) => `<13>a: ${String(i).padStart(6, '0')} `.padEnd(400, 'x'));
  await sendLocal(daemon.socket, sent);
  const status = await statusWhen(t, daemon, 'all is written to the file', (found) => {
    return at(output(found, '/user'), 'written') === sent.length;
  });
  const recordBytes = Buffer.byteLength(daemon.lines('user')[0] ?? '') + 1;
  const full = output(status, '/dev/full');
  assert.deepEqual([at(full, 'kind'), at(full, 'state'), at(full, 'written')], ['device', 'retrying', 0]);
  assert.ok(Number(at(full, 'failures')) > 0);
  assert.equal(Number(at(full, 'dropped')) + Number(at(full, 'queuedBytes')) / recordBytes, sent.length);
});

test('forwarding: what was sent is written, what was refused is dropped', async (t) => {
  const log = await UdpReceiver.start(t);
  const deaf = await freeUdpPort();
  const conf = `user.* @127.0.0.1:${log.port}\nlocal0.* @127.0.0.1:${deaf}\n*.*;syslog.none -DIR/all`;
  const daemon = await TestDaemon.start(t, { conf, args: ['-s'] });
  await sendLocal(daemon.socket, messages('a', 200));
  await log.received(200);
  for (let i = 0; i < 20; i++) await sendLocal(daemon.socket, [`<134>b: refused ${i}`]);
  const status = await statusWhen(t, daemon, 'refusals are known', (found) => {
    return (
      Number(at(output(found, `@127.0.0.1:${deaf}`), 'dropped')) > 0 && at(output(found, '/all'), 'written') === 220
    );
  });
  assert.deepEqual(
    ['kind', 'written', 'dropped'].map((name) => at(output(status, `@127.0.0.1:${log.port}`), name)),
    ['forward', 200, 0],
  );
  const refused = output(status, `@127.0.0.1:${deaf}`);
  const waiting = at(refused, 'queuedBytes') === 0 ? 0 : 1;
  const known = Number(at(refused, 'written')) + Number(at(refused, 'dropped'));
  assert.ok(waiting === 1 || known === 20, `${known} of 20`);
});

test('a reload forgets nothing that an input or an output has counted', async (t) => {
  const port = await freeUdpPort();
  const daemon = await TestDaemon.start(t, {
    conf: `listen 127.0.0.1:${port}\nuser.* |DIR/fifo\n*.*;syslog.none -DIR/all`,
  });
  await sendUdp(port, messages('a', 50));
  await sendLocal(daemon.socket, messages('b', 50));
  await statusWhen(t, daemon, 'all is counted', (status) => {
    return at(status, 'totals', 'received') === 100 && at(status, 'totals', 'dropped') === 100;
  });
  const other = await freeUdpPort();
  daemon.configure(`listen 127.0.0.1:${other}\nuser.* -DIR/user\nsyslog.* -DIR/self`);
  assert.equal(at(await ask(t, daemon.path('pid.ctl'), 'reload'), 'ok'), true);
  await sendLocal(daemon.socket, messages('c', 5));
  await daemon.line('user', /message 000004/);
  const status = await statusWhen(
    t,
    daemon,
    'the new ones are counted',
    (found) => at(output(found, '/user'), 'written') === 5,
  );
  assert.deepEqual([at(status, 'totals', 'received'), at(status, 'totals', 'dropped')], [105, 100]);
  assert.equal(output(status, '/fifo'), undefined);
  assert.equal(named(at(status, 'inputs'), `:${port}`), undefined);
  assert.equal(at(named(at(status, 'inputs'), `:${other}`), 'received'), 0);
});

test('an idle daemon is not woken for its rates', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: '*.*;syslog.none -DIR/all' });
  await sendLocal(daemon.socket, messages('a', 100));
  await daemon.line('all', /000099/);
  await statusWhen(
    t,
    daemon,
    'there was something a moment ago',
    (status) => Number(at(status, 'totals', 'perSecond')) > 0,
  );
  await statusWhen(t, daemon, 'the rate has gone down to nothing', (status) => at(status, 'totals', 'perSecond') === 0);
  const switches = (): string | undefined =>
    /^voluntary_ctxt_switches:\s+(\d+)$/m.exec(readFileSync(`/proc/${daemon.child.pid}/status`, 'latin1'))?.[1];
  // Whatever else of Node.js still settles: there is a time of two seconds in which nothing wakes it.
  await until('it sleeps through', async () => {
    const before = switches();
    await new Promise((resolve) => setTimeout(resolve, 2000));
    return switches() === before;
  });
});
