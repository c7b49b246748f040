/**
 * Names of senders, from the outside: hosts(5), DNS, and name servers that lie or say nothing.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type OwnNames, ownNamesMissing, startOwnNames } from '../support/own-names.ts';
import { until } from '../support/until.ts';

const skip = ownNamesMissing();
const CONF = '*.*;syslog.none DIR/all';
const HOSTS = `
127.0.0.1 localhost
127.0.1.1 here.example.org here
::1 localhost ip6-localhost ip6-loopback
203.0.113.6 web6
203.0.113.8 db.example.org db database
`;
const NOTHING = { ptr: {}, a: {} };

/** Sends from the address until a line with a new text has this host: the first one cannot know it yet. */
async function becomes({ daemon, send }: OwnNames, address: string, host: string): Promise<void> {
  let sent = 0;
  await until(`${address} is written as ${host}`, () => {
    const text = `${address} no ${++sent}`;
    send([address, `<13>t: ${text}`]);
    return daemon.lines('all').some((line) => line.includes(` ${host} t: ${address} no `));
  });
}

test('a sender has the first name of its line in /etc/hosts, the local domain cut off', { skip }, async (t) => {
  const own = await startOwnNames(t, { conf: CONF, hosts: HOSTS, names: NOTHING });
  await becomes(own, '127.0.0.1', 'localhost');
  await becomes(own, '127.0.1.1', 'here');
  await becomes(own, '203.0.113.6', 'web6');
  await becomes(own, '203.0.113.8', 'db');
});

test('-a by name goes by the first name, and refuses whose name is not confirmed', { skip }, async (t) => {
  const names = {
    ptr: {
      '203.0.113.20': 'Good.example.net',
      '203.0.113.21': 'good.example.net',
      '203.0.113.22': 'here.example.org',
      '203.0.113.23': 'localhost',
      '203.0.113.24': '-.example.net',
    },
    a: {
      'good.example.net': ['203.0.113.99', '203.0.113.20'],
      'here.example.org': ['203.0.113.22'],
      'localhost.example.org': ['203.0.113.23'],
      '-.example.net': ['203.0.113.24'],
    },
  };
  // The hosts file names this machine and `localhost` for those senders too, as one on another machine might.
  const hosts = `${HOSTS}203.0.113.22 here.example.org\n203.0.113.23 localhost\n`;
  const args = ['-a', '*.example.org:*', '-a', '*.example.net:*', '-a', 'localhost:*', '-a', 'here:*'];
  const own = await startOwnNames(t, { conf: CONF, hosts, names, args });
  const { daemon, send } = own;
  send(
    ...[6, 21, 22, 23, 24, 25].map((last) => [`203.0.113.${last}`, `<13>t: bad ${last}`] as const),
    ['203.0.113.8', '<13>t: 8'],
    ['203.0.113.20', '<13>t: 20'],
    ['127.0.0.1', '<13>t: 1'],
  );
  await until('three are taken', () => daemon.lines('all').length === 3);
  assert.deepEqual(
    daemon
      .lines('all')
      .map((line) => line.slice(16))
      .toSorted(),
    ['db t: 8', 'good.example.net t: 20', 'localhost t: 1'],
  );
  await daemon.line('self', /refusing messages from UDP 203\.0\.113\.\d+:\d+: not allowed by -a$/);
  await daemon.stop();
  const refused = daemon.lines('self').filter((line) => line.includes('refused'));
  assert.match(
    refused[0] ?? '',
    /refused 6 messages from 203\.0\.113\.\d+, 203\.0\.113\.\d+, 203\.0\.113\.\d+ and others$/,
  );
});

test('silent name servers hold up nothing: messages are written, a reload and the end are prompt', {
  skip,
}, async (t) => {
  const hung = Array.from({ length: 50 }, (_, i) => `203.0.113.${100 + i}`);
  const names = { ptr: Object.fromEntries(hung.map((address) => [address, null])), a: {} };
  const own = await startOwnNames(t, { conf: CONF, hosts: HOSTS, names, resolver: 'timeout:30 attempts:5' });
  const { daemon, send } = own;
  send(...hung.map((address) => [address, `<13>t: from ${address}`] as const));
  await until('all are written', () => daemon.lines('all').length === hung.length);
  assert.deepEqual(
    daemon.lines('all').map((line) => line.slice(16)),
    hung.map((address) => `${address} t: from ${address}`),
  );
  await daemon.reload();
  send(['203.0.113.200', '<13>t: after the reload']);
  await daemon.line('all', / 203\.0\.113\.200 t: after the reload$/);
  assert.deepEqual(await daemon.stop(), { code: 0, signal: null });
});

test('a name server that was silent is believed when it answers', { skip }, async (t) => {
  const names = {
    ptr: { '203.0.113.30': null, '203.0.113.31': null, '203.0.113.32': 'late.example.net' },
    a: { 'late.example.net': ['203.0.113.32'] },
  };
  const own = await startOwnNames(t, { conf: CONF, hosts: HOSTS, names });
  own.send(['203.0.113.30', '<13>t: x'], ['203.0.113.31', '<13>t: x']);
  await becomes(own, '203.0.113.32', 'late.example.net');
  assert.ok(own.daemon.lines('all').some((line) => line.includes(' 203.0.113.30 t: x')));
});
