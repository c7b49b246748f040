/**
 * Lookups: one at a time, and asked again with growing pauses.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LookupDone, QueuedLookup } from '../../../../src/output/forward/host-lookup.ts';
import { ThreadGate } from '../../../../src/output/thread-gate.ts';
import { TargetAddresses } from '../../../../src/output/forward/target-addresses.ts';
import { until } from '../../../support/until.ts';

test('lookups run one at a time, in their order', () => {
  const running: { readonly host: string; readonly done: LookupDone }[] = [];
  const answered: string[] = [];
  const lookup = new QueuedLookup(new ThreadGate(), (host, _family, done) => running.push({ host, done }));
  for (const host of ['a', 'b', 'c'])
    lookup.ask(host, null, (error, addresses) => answered.push(`${host} ${error?.message ?? addresses[0]?.address}`));
  assert.deepEqual(
    running.map(({ host }) => host),
    ['a'],
  );
  running[0]?.done(new Error('none'), []);
  running[1]?.done(null, [{ family: 4, address: '192.0.2.1' }]);
  assert.equal(running.length, 3);
  assert.deepEqual(answered, ['a none', 'b 192.0.2.1']);
});

test('a question asked by an answer waits for its turn', () => {
  const running: LookupDone[] = [];
  const lookup = new QueuedLookup(new ThreadGate(), (_host, _family, done) => running.push(done));
  lookup.ask('a', null, () => lookup.ask('c', null, () => undefined));
  lookup.ask('b', null, () => undefined);
  running[0]?.(new Error('none'), []);
  assert.equal(running.length, 2);
});

test('a lookup waits where slow tasks fill the gate, and leaves it afterwards', () => {
  const gate = new ThreadGate();
  for (let i = 0; i < 3; i++) gate.enter(() => undefined);
  const running: LookupDone[] = [];
  const lookup = new QueuedLookup(gate, (_host, _family, done) => running.push(done));
  lookup.ask('a', null, () => undefined);
  assert.equal(running.length, 0);
  gate.leave();
  assert.equal(running.length, 1);
  let entered = false;
  gate.enter(() => (entered = true));
  assert.equal(entered, false);
  running[0]?.(null, [{ family: 4, address: '192.0.2.1' }]);
  assert.equal(entered, true);
});

test('names of /etc/hosts and numeric addresses of the system lookup', async () => {
  const lookup = new QueuedLookup(new ThreadGate());
  const found = await new Promise<string>((resolve, reject) => {
    lookup.ask('localhost', 4, (error, addresses) =>
      error === null ? resolve(addresses[0]?.address ?? '') : reject(error),
    );
  });
  assert.equal(found, '127.0.0.1');
  const failed = await new Promise<Error | null>((resolve) => lookup.ask('no.such.host.invalid', null, resolve));
  assert.ok(failed);
});

test('a name that fails is asked for again, then refreshed; nothing after the stop', async () => {
  const events: string[] = [];
  let asked = 0;
  const target = new TargetAddresses(
    'db',
    null,
    {
      ask: (_host, _family, done) => {
        asked++;
        setImmediate(() =>
          asked < 4 ? done(new Error('none'), []) : done(null, [{ family: 4, address: `192.0.2.${asked}` }]),
        );
      },
    },
    {
      resolved: (addresses) => events.push(addresses[0]?.address ?? ''),
      failed: (error) => events.push(error.message),
      ownPlace: () => null,
      looping: (place) => events.push(`own ${place}`),
    },
    { retryMs: 1, retryMaxMs: 4, refreshMs: 5 },
  );
  target.ask();
  target.ask();
  assert.equal(asked, 1, 'one question at a time');
  await until('it was refreshed', () => events.length >= 5);
  assert.deepEqual(events.slice(0, 5), ['none', 'none', 'none', '192.0.2.4', '192.0.2.5']);
  target.stop();
  const then = asked;
  target.ask();
  assert.equal(asked, then);
});

test('a numeric address is known at once, without a question', () => {
  const events: string[] = [];
  const target = new TargetAddresses(
    'fe80::1%lo',
    6,
    { ask: () => assert.fail('asked') },
    {
      resolved: (addresses) => events.push(addresses[0]?.address ?? ''),
      failed: (error) => events.push(error.message),
      ownPlace: () => null,
      looping: (place) => events.push(`own ${place}`),
    },
  );
  target.ask();
  target.stop();
  assert.deepEqual(events, ['fe80::1%lo']);
});

for (const [title, found, expected] of [
  ['some of them are left out', ['127.0.0.1', '192.0.2.1', '::1'], ['192.0.2.1']],
  ['all of them are told instead', ['127.0.0.1', '::1'], ['own place of 127.0.0.1']],
] as const)
  test(`addresses of the daemon itself: ${title}`, () => {
    const events: string[] = [];
    const target = new TargetAddresses(
      'db',
      null,
      {
        ask: (_host, _family, done) =>
          done(
            null,
            found.map((address) => ({ family: 4, address })),
          ),
      },
      {
        resolved: (addresses) => events.push(...addresses.map(({ address }) => address)),
        failed: (error) => events.push(error.message),
        ownPlace: ({ address }) => (address.startsWith('192.') ? null : `place of ${address}`),
        looping: (place) => events.push(`own ${place}`),
      },
    );
    target.ask();
    target.stop();
    assert.deepEqual(events, expected);
  });
