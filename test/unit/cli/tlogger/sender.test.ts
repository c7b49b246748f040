/**
 * What happens where a message cannot be sent: one more connection, one more try, and a warning.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoggerFailure } from '../../../../src/cli/tlogger/failure.ts';
import { FakeNetwork, runLogger } from './run-logger.ts';

const EPIPE = -32;
const EAGAIN = -11;
const EMSGSIZE = -90;
const MESSAGE = ['-t', 't', '-S', '1', 'a', 'b', 'c'] as const;

test('a send that fails is repeated over a new connection', async () => {
  const network = new FakeNetwork('stream');
  network.results.push(0, EPIPE);
  const { sent, warnings } = await runLogger(MESSAGE, { network });
  assert.deepEqual([sent.length, warnings, network.opened], [3, [], 2]);
});

test('a send that fails twice is warned about, and the next message is sent', async () => {
  const network = new FakeNetwork('datagram');
  network.results.push(0, EMSGSIZE, EMSGSIZE);
  const { sent, warnings } = await runLogger(MESSAGE, { network });
  assert.deepEqual([sent.length, warnings], [2, ['send message failed: Message too long']]);
});

test('--wait: a message that is lost is a failure', async () => {
  const network = new FakeNetwork('datagram');
  network.results.push(0, EMSGSIZE, EMSGSIZE);
  await assert.rejects(
    runLogger(['--wait', ...MESSAGE], { network }),
    new LoggerFailure('messages not taken: 1 could not be sent'),
  );
  assert.equal(network.sent.length, 2);
});

test('--wait: what was sent over a connection that broke is not taken', async () => {
  const network = new FakeNetwork('stream');
  network.results.push(0, 0, EPIPE);
  await assert.rejects(
    runLogger(['--wait', ...MESSAGE], { network }),
    new LoggerFailure('messages not taken: the connection broke after 2 had been sent'),
  );
  assert.equal(network.sent.length, 3);
});

test('--wait: a queue that stays full is not waited for twice', async () => {
  const network = new FakeNetwork('datagram');
  network.results.push(EAGAIN);
  await assert.rejects(
    runLogger(['--wait', '-t', 't', 'a'], { network }),
    new LoggerFailure('messages not taken: 1 could not be sent'),
  );
  assert.deepEqual([network.opened, network.results, network.sent], [1, [], []]);
});

test('--wait: a stream in which half a message may stand is closed', async () => {
  const network = new FakeNetwork('stream');
  network.results.push(EAGAIN);
  await assert.rejects(runLogger(['--wait', ...MESSAGE], { network }), LoggerFailure);
  assert.deepEqual([network.opened, network.sent.length], [2, 2]);
});

test('without a connection messages are lost without a word, with --wait it is a failure', async () => {
  const network = new FakeNetwork('stream');
  assert.deepEqual(await runLogger(['-d', ...MESSAGE], { network }), { sent: [], warnings: [] });
  const failure = new LoggerFailure('socket /dev/log: Protocol wrong type for socket');
  await assert.rejects(runLogger(['--wait', '-d', ...MESSAGE], { network }), failure);
});

test('a host that takes no connection is a failure', async () => {
  const network = new FakeNetwork('stream');
  const failure = new LoggerFailure('failed to connect to host port syslog');
  await assert.rejects(runLogger(['-d', '-n', 'host', ...MESSAGE], { network }), failure);
});
