import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { HandOverChannel } from '../../../src/handover/channel.ts';
import { parseDescription, parseNewMessage, parseOldMessage } from '../../../src/handover/parse.ts';
import { type Description, HAND_OVER_FORMAT } from '../../../src/handover/protocol.ts';

const DESCRIPTION: Description = {
  format: HAND_OVER_FORMAT,
  version: '1.2.3',
  pid: 77,
  directory: '/somewhere',
  sockets: [
    { kind: 'log', path: '/dev/log', dev: 5, ino: 6 },
    { kind: 'udp', to: { family: 6, address: '::1', port: 514, scopeId: 0 }, iface: 'lo', host: null },
    { kind: 'udp', to: { family: 4, address: '127.0.0.1', port: 514, scopeId: 0 }, iface: null, host: 'loghost' },
    { kind: 'passed', name: 'syslog.socket' },
  ],
  kernelLast: 12,
  consoleOff: true,
  control: '/run/tsyslogd.ctl',
  controlPipe: null,
  pidFile: '/run/tsyslogd.pid',
  takesBack: true,
};

/** As the other process hears it. */
function heard(document: unknown): unknown {
  const parsed: unknown = JSON.parse(JSON.stringify(document));
  return parsed;
}

test('description: what is said is what is heard', () => {
  assert.deepEqual(parseDescription(heard(DESCRIPTION)), DESCRIPTION);
});

test('description: an older version does not say for which host name a socket was bound', () => {
  const to = { family: 4, address: '127.0.0.1', port: 514, scopeId: 0 };
  const { sockets } = parseDescription(heard({ ...DESCRIPTION, sockets: [{ kind: 'udp', to, iface: null }] }));
  assert.deepEqual(sockets, [{ kind: 'udp', to, iface: null, host: null }]);
});

test('description: of another format it is refused with both versions', () => {
  assert.throws(() => parseDescription(heard({ ...DESCRIPTION, format: 99 })), {
    message: `cannot take over from version 1.2.3: hand-over format 99, expected ${HAND_OVER_FORMAT}`,
  });
});

for (const name of ['version', 'pid', 'directory', 'sockets', 'kernelLast', 'control'])
  test(`description: without ${name} it is refused`, () => {
    assert.throws(() => parseDescription(heard({ ...DESCRIPTION, [name]: undefined })), { name: 'HandOverError' });
  });

for (const socket of [
  { kind: 'tcp' },
  { kind: 'log', path: 1 },
  null,
  { kind: 'udp', to: { address: 'x' }, iface: null },
])
  test(`description: the socket ${JSON.stringify(socket)} is refused`, () => {
    assert.throws(() => parseDescription(heard({ ...DESCRIPTION, sockets: [socket] })), { name: 'HandOverError' });
  });

test('messages: known ones are read, others are refused', () => {
  const go = { say: 'go', drops: [0, 3], kernelLast: -1 };
  const done = { say: 'done', fifos: [{ path: '/f', identity: '1:2' }] };
  assert.deepEqual(parseOldMessage(heard(go)), go);
  assert.deepEqual(parseOldMessage(heard(done)), done);
  assert.deepEqual(parseNewMessage(heard({ say: 'prepared', version: '2' })), { say: 'prepared', version: '2' });
  assert.deepEqual(parseNewMessage(heard({ say: 'failed', reason: 'no' })), { say: 'failed', reason: 'no' });
  const row = { datagram: '<13>t: \xff\0', cut: true, sender: '::1', credentials: [-1, -1, -1] };
  const returns = { say: 'returns', batch: { sec: 1, usec: 2, rows: [row, { ...row, sender: null }] } };
  assert.deepEqual(parseNewMessage(heard(returns)), returns);
  assert.deepEqual(parseNewMessage(heard({ say: 'holds', messages: 3 })), { say: 'holds', messages: 3 });
  for (const bad of [{ rows: 1 }, { sec: 1, usec: 2, rows: [{}] }, { sec: 1, usec: 2, rows: [{ ...row, sender: 1 }] }])
    assert.throws(() => parseNewMessage(heard({ say: 'returns', batch: bad })), { name: 'HandOverError' });
  for (const bad of [{ say: 'dance' }, {}, null, 'go']) {
    assert.throws(() => parseOldMessage(heard(bad)), { name: 'HandOverError' });
    assert.throws(() => parseNewMessage(heard(bad)), { name: 'HandOverError' });
  }
});

test('channel: documents come one a line, however they are cut; then the end', async () => {
  const stream = new PassThrough();
  const channel = new HandOverChannel(stream);
  assert.equal(await channel.next(0), undefined);
  stream.write('{"a":');
  stream.write('1}\n{"b":2}\nnonsense\n');
  assert.deepEqual(await channel.next(20_000), { a: 1 });
  assert.deepEqual(await channel.next(20_000), { b: 2 });
  await assert.rejects(channel.next(20_000), { name: 'HandOverError' });
  stream.end();
  assert.equal(await channel.next(20_000), null);
});
