import assert from 'node:assert/strict';
import { readdirSync, readlinkSync } from 'node:fs';
import { test } from 'node:test';
import { passOn, takePassedSockets } from '../../../../src/engine/inputs/inherited.ts';

const PID = 77;

function take(env: NodeJS.ProcessEnv): readonly (readonly [number, string])[] {
  const { sockets } = takePassedSockets(env, PID, () => true);
  assert.deepEqual(
    Object.keys(env).filter((name) => name.includes('LISTEN')),
    [],
    'nothing is left for the programs that the daemon starts',
  );
  return sockets.map(({ fd, record }) => [fd, record.kind === 'passed' ? record.name : '?'] as const);
}

test('passed sockets: descriptors from 3 on, with their names', () => {
  const env = { LISTEN_PID: '77', LISTEN_FDS: '3', LISTEN_FDNAMES: 'log:udp', OTHER: 'stays' };
  assert.deepEqual(take(env), [
    [3, 'log'],
    [4, 'udp'],
    [5, ''],
  ]);
  assert.deepEqual(env, { OTHER: 'stays' });
});

test('passed sockets: those for another process are ignored, and their variables go all the same', () => {
  assert.deepEqual(take({ LISTEN_PID: '78', LISTEN_FDS: '2' }), []);
  assert.deepEqual(take({ LISTEN_FDS: '2' }), []);
});

for (const count of ['', '-1', 'two', '1e3', ' 1'])
  test(`passed sockets: ${JSON.stringify(count)} is no number of them`, () => {
    assert.deepEqual(take({ LISTEN_PID: '77', LISTEN_FDS: count }), []);
  });

test('passed sockets: the command that becomes a daemon passes them on to a process of another pid', () => {
  const env: NodeJS.ProcessEnv = { LISTEN_PID: '77', LISTEN_FDS: '2', LISTEN_FDNAMES: 'a:b' };
  passOn(
    takePassedSockets(env, PID, () => true),
    env,
  );
  const { sockets } = takePassedSockets(env, PID + 1, () => true);
  assert.deepEqual(
    sockets.map(({ fd }) => fd),
    [3, 4],
  );
  assert.deepEqual(env, {});
});

test('a count that is too large: what nobody has passed is not taken', () => {
  const env = { LISTEN_PID: String(PID), LISTEN_FDS: '99', LISTEN_FDNAMES: 'one:two' };
  const { sockets } = takePassedSockets(env, PID, (fd) => fd < 5);
  assert.deepEqual(
    sockets.map(({ fd }) => fd),
    [3, 4],
  );
});

test('pipes and the like, which Node has open itself, are not taken', () => {
  const { sockets } = takePassedSockets({ LISTEN_PID: String(PID), LISTEN_FDS: '1000' }, PID);
  const kinds = sockets.map(({ fd }) => readlinkSync(`/proc/self/fd/${fd}`).split(':')[0]);
  assert.equal(kinds.includes('anon_inode') || kinds.includes('pipe'), false);
  assert.ok(readdirSync('/proc/self/fd').length > sockets.length + 3);
});
