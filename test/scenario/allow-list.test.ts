/**
 * `-a`: who is listened to, from the outside.
 */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { test } from 'node:test';
import { errorCode } from '../../src/sys/call/error-text.ts';
import { RECEIVERS, skipFor, TestDaemon } from '../support/daemon.ts';
import { freeUdpPort } from '../support/ports.ts';

const CONF = '*.*;syslog.none DIR/all';

/** Sends one message from an address, and from a port (0: any). */
async function sendFrom(address: string, to: number, text: string, port = 0): Promise<void> {
  const socket = createSocket('udp4');
  try {
    socket.bind(port, address);
    await once(socket, 'listening');
    await new Promise<void>((resolve, reject) => {
      socket.send(text, to, '127.0.0.1', (error) => (error === null ? resolve() : reject(error)));
    });
  } finally {
    socket.close();
  }
}

for (const receiver of RECEIVERS) {
  test(`${receiver}: only senders that a rule allows are listened to; others are told`, {
    skip: skipFor(receiver),
  }, async (t) => {
    const port = await freeUdpPort();
    const fixed = await freeUdpPort();
    const args = ['-b', `127.0.0.1:${port}`, '-a', '127.0.0.2/32:*', '-a', `127.0.0.3:${fixed}`, '-a', '127.0.0.4'];
    const daemon = await TestDaemon.start(t, { conf: CONF, receiver, args });
    await sendFrom('127.0.0.2', port, '<13>t: any port');
    await sendFrom('127.0.0.3', port, '<13>t: wrong port');
    await sendFrom('127.0.0.3', port, '<13>t: right port', fixed);
    await sendFrom('127.0.0.4', port, '<13>t: not 514');
    await sendFrom('127.0.0.9', port, '<13>t: stranger');
    await sendFrom('127.0.0.2', port, '<13>t: end');
    await daemon.line('all', /t: end$/);
    assert.deepEqual(
      daemon.lines('all').map((line) => line.replace(/^.* t: /, '')),
      ['any port', 'right port', 'end'],
    );
    await daemon.line('self', /refusing messages from UDP 127\.0\.0\.3:\d+: not allowed by -a$/);
    await daemon.stop();
    const told = daemon.lines('self').filter((line) => /refus/.test(line));
    assert.equal(told.length, 2);
    assert.match(told[1] ?? '', /refused 3 messages from 127\.0\.0\.3, 127\.0\.0\.4, 127\.0\.0\.9$/);
  });
}

test('port 514 is what a rule without port allows', { skip: process.getuid?.() !== 0 && 'needs root' }, async (t) => {
  const port = await freeUdpPort();
  const daemon = await TestDaemon.start(t, { conf: CONF, args: ['-b', `127.0.0.1:${port}`, '-a', '127.0.0.0/8'] });
  try {
    await sendFrom('127.0.0.5', port, '<13>t: from 514', 514);
  } catch (error) {
    if (errorCode(error) !== 'EADDRINUSE') throw error;
    return t.skip('a syslog daemon of this machine has UDP port 514');
  }
  await daemon.line('all', /t: from 514$/);
  return undefined;
});

const BAD: readonly (readonly [string, string])[] = [
  ['127.0.0.1/40', 'expected a number from 0 to 32'],
  ['127.0.0.1:nonsense', 'expected 1 to 65535'],
  ['::1', 'expected `address'],
  ['*.example.org', "option '-n' conflicts with '-a \\*\\.example\\.org': expected addresses"],
];

for (const [peer, expected] of BAD)
  test(`-a ${peer} is refused in one line`, async (t) => {
    const daemon = TestDaemon.spawn(t, { conf: CONF, args: ['-s', '-a', peer] });
    assert.equal((await daemon.exited).code, 2);
    const [line = '', ...more] = daemon.stderr.split('\n');
    assert.match(line, new RegExp(`^tsyslogd: .*${expected}`));
    assert.deepEqual(more, ['try tsyslogd --help', '']);
  });

test('-M out of range is refused', async (t) => {
  for (const size of ['479', '65508', '1k']) {
    const daemon = TestDaemon.spawn(t, { conf: CONF, args: ['-s', '-M', size] });
    assert.equal((await daemon.exited).code, 2);
    assert.match(daemon.stderr, /^tsyslogd: bad value '\w+' for option '-M': expected bytes, 480 to 65507\n/);
  }
});
