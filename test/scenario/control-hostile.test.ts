/**
 * Clients of the control socket that mean no good, or die: messages go on being logged, others are still answered,
 * and nothing is left open.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { test, type TestContext } from 'node:test';
import { REQUEST_MAX_BYTES } from '../../src/control/protocol.ts';
import { ask, at, ControlClient } from '../support/control-client.ts';
import { TestDaemon } from '../support/daemon.ts';
import { sendLocal } from '../support/send.ts';
import { PATIENCE_MS, until } from '../support/until.ts';

const CONF = '*.*;syslog.none -DIR/all';
/** Clients at a time. */
const CLIENTS = 16;

function descriptors(daemon: TestDaemon): number {
  return readdirSync(`/proc/${daemon.child.pid}/fd`).length;
}

interface Rig {
  readonly daemon: TestDaemon;
  readonly path: string;
  readonly open: () => Promise<ControlClient>;
  /** Messages are logged, all of them; the next client is answered; no descriptor is left. */
  readonly isUnharmed: () => Promise<void>;
}

async function rig(t: TestContext): Promise<Rig> {
  const daemon = await TestDaemon.start(t, { conf: CONF });
  const path = daemon.path('pid.ctl');
  await ask(t, path, 'status');
  await until('the first client is gone', () => descriptorsStay(daemon));
  const before = descriptors(daemon);
  let round = 0;
  return {
    daemon,
    path,
    open: () => ControlClient.open(t, path),
    isUnharmed: async () => {
      round++;
      const payloads = Array.from({ length: 500 }, (_, i) => `<13>round${round}: message ${i}`);
      await sendLocal(daemon.socket, payloads);
      await daemon.line('all', new RegExp(`round${round}: message 499`));
      assert.equal(daemon.lines('all').filter((line) => line.includes(`round${round}:`)).length, payloads.length);
      assert.equal(at(await ask(t, path, 'status'), 'status', 'state'), 'running');
      await until(
        'no descriptor is left open',
        () => descriptors(daemon) <= before,
        PATIENCE_MS,
        () => `${before} before, ${descriptors(daemon)} now`,
      );
      assert.equal(daemon.stderr, '');
    },
  };
}

/** @returns whether two looks at the descriptors agree */
async function descriptorsStay(daemon: TestDaemon): Promise<boolean> {
  const first = descriptors(daemon);
  await new Promise((resolve) => setImmediate(resolve));
  return descriptors(daemon) === first;
}

const BAD_REQUESTS: readonly (readonly [string, string | Uint8Array, RegExp])[] = [
  ['no JSON', 'status\n', /expected one JSON document per line/],
  ['an empty line', '\n', /expected one JSON document per line/],
  ['no object', '"status"\n', /expected an object with "command"/],
  ['null', 'null\n', /expected an object with "command"/],
  ['a list', '["status"]\n', /expected an object with "command"/],
  ['no command', '{"reload":true}\n', /expected an object with "command"/],
  ['a command that is no string', '{"command":{"command":"stop"}}\n', /expected a string/],
  ['an unknown command', '{"command":"explode"}\n', /unknown command "explode": expected one of status, reload/],
  ['a command of the prototype', '{"command":"__proto__"}\n', /unknown command "__proto__"/],
  ['controls in a command', '{"command":"\\u001b[2J\\n"}\n', /unknown command "\?\[2J\?"/],
  ['bytes that are not UTF-8', Buffer.from('{"command":"stop\xff"}\n', 'latin1'), /expected UTF-8/],
  ['deep nesting', `${'['.repeat(60_000)}\n`, /expected one JSON document/],
  ['deep nesting that ends', `${'['.repeat(30_000)}${']'.repeat(30_000)}\n`, /expected an object with "command"/],
  ['half a line and the end', '{"comm', /expected one JSON document/],
];

test('bad requests: each gets one line that says what is wrong, and harms nobody', async (t) => {
  const { open, isUnharmed } = await rig(t);
  for (const [what, request, expected] of BAD_REQUESTS) {
    const client = await open();
    client.socket.end(request);
    const answer = await client.line(0);
    assert.equal(at(answer, 'ok'), false, what);
    assert.match(String(at(answer, 'error')), expected, what);
    await client.end();
    assert.equal(client.text.split('\n').length, 2, `${what}: one line`);
  }
  await isUnharmed();
});

test('bad requests: a good one behind them is answered on the same connection', async (t) => {
  const { open } = await rig(t);
  const client = await open();
  client.say('nonsense\n');
  client.ask('mark');
  assert.equal(at(await client.line(0), 'ok'), false);
  assert.equal(at(await client.line(1), 'command'), 'mark');
});

test('a line without end: one error, and the connection is closed', async (t) => {
  const { open, isUnharmed } = await rig(t);
  const client = await open();
  client.say('x'.repeat(REQUEST_MAX_BYTES + 1));
  assert.match(String(at(await client.line(0), 'error')), /longer than 65536 bytes/);
  await client.end();
  const endless = await open();
  const more = (): void => {
    while (!endless.closed && endless.socket.write(Buffer.alloc(1 << 16, 'y')));
  };
  endless.socket.on('drain', more);
  more();
  await until('it is cut off', () => endless.closed);
  await isUnharmed();
});

test('random bytes: every connection is answered with errors only, or closed', async (t) => {
  const { open, isUnharmed } = await rig(t);
  for (let round = 0; round < 50; round++) {
    const client = await open();
    client.socket.end(randomBytes(1 + ((round * 997) % 30_000)));
    await client.end();
    for (const line of client.text.split('\n').slice(0, -1)) assert.equal(at(JSON.parse(line), 'ok'), false);
  }
  await isUnharmed();
});

test('too many clients: the next gets one line; a place that becomes free can be had', async (t) => {
  const { open, path, isUnharmed } = await rig(t);
  const clients: ControlClient[] = [];
  for (let i = 0; i < CLIENTS; i++) {
    const client = await open();
    client.ask('mark');
    await client.line(0);
    clients.push(client);
  }
  const next = await open();
  assert.deepEqual(await next.line(0), { ok: false, error: 'busy: 16 clients are connected' });
  await next.end();
  for (const client of clients) client.socket.destroy();
  await until('there is a place again', async () => at(await ask(t, path, 'mark'), 'ok') === true);
  await isUnharmed();
});

test('a client that never reads: it is asked to wait, and no memory grows', async (t) => {
  const { open, daemon, path, isUnharmed } = await rig(t);
  const client = await open();
  client.socket.pause();
  let asked = 0;
  // Far more than the kernel holds in both directions.
  const question = `${JSON.stringify({ command: 'status' })}\n`.repeat(500);
  const more = (): void => {
    while (asked < 100_000 && client.socket.write(question)) asked += 500;
  };
  client.socket.on('drain', more);
  more();
  const rss = async (): Promise<number> => Number(at(await ask(t, path, 'status'), 'status', 'memory', 'rssBytes'));
  const early = await rss();
  await sendLocal(
    daemon.socket,
    Array.from({ length: 2000 }, (_, i) => `<13>meanwhile: ${i}`),
  );
  await daemon.line('all', /meanwhile: 1999/);
  assert.ok(asked < 100_000, 'the daemon does not take all that it is asked');
  assert.ok((await rss()) < early + 64 * 1024 * 1024);
  client.socket.destroy();
  await isUnharmed();
});

test('a flood of connections: messages are logged all the while, nothing is left', async (t) => {
  const { daemon, path, isUnharmed } = await rig(t);
  const flooding = new AbortController();
  let connections = 0;
  const flood = async (): Promise<void> => {
    while (!flooding.signal.aborted) {
      await new Promise<void>((resolve) => {
        const socket = connect(path);
        socket.on('error', () => undefined);
        socket.on('connect', () => {
          connections++;
          // Some say something first, some half of it, some nothing.
          if (connections % 3 === 0) socket.write('{"command":"status"}\n');
          if (connections % 3 === 1) socket.write('{"command":"rel');
          socket.destroy();
        });
        socket.on('close', () => resolve());
      });
    }
  };
  const floods = Array.from({ length: 8 }, flood);
  const payloads = Array.from({ length: 20_000 }, (_, i) => `<13>flooded: message ${i}`);
  await sendLocal(daemon.socket, payloads);
  await daemon.line('all', /flooded: message 19999/);
  await until('thousands have connected', () => connections > 3000);
  flooding.abort();
  await Promise.all(floods);
  assert.equal(daemon.lines('all').length, payloads.length);
  await isUnharmed();
});

test('clients that die in the middle of a reload: it is done all the same', async (t) => {
  const { daemon, open, path, isUnharmed } = await rig(t);
  for (let i = 0; i < 10; i++) {
    const client = await open();
    client.ask('reload');
    await new Promise<void>((resolve) => client.socket.write('', () => resolve()));
    client.socket.destroy();
  }
  await daemon.line('self', /reloaded .*, configuration 2/);
  assert.equal(at(await ask(t, path, 'reload'), 'ok'), true);
  await isUnharmed();
});
