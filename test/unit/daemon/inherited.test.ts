import assert from 'node:assert/strict';
import { test } from 'node:test';
import { passOn, takePassedSockets } from '../../../src/daemon/inherited.ts';

const PID = 77;

function take(env: NodeJS.ProcessEnv): readonly (readonly [number, string])[] {
  const { sockets } = takePassedSockets(env, PID);
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
  passOn(takePassedSockets(env, PID), env);
  const { sockets } = takePassedSockets(env, PID + 1);
  assert.deepEqual(
    sockets.map(({ fd }) => fd),
    [3, 4],
  );
  assert.deepEqual(env, {});
});
