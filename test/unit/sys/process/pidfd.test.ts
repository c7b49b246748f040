/**
 * The end of a process that is no child of whoever waits is noticed; a number that nobody has is no process.
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { watchProcess } from '../../../../src/sys/process/pidfd.ts';

test('the end of a process is noticed, also afterwards and twice', async (t) => {
  const child = spawn('sleep', ['1000']);
  t.after(() => child.kill('SIGKILL'));
  await once(child, 'spawn');
  const watched = watchProcess(child.pid ?? 0);
  assert.ok(watched !== null);
  assert.equal(await watched.ended(20), false, 'it lives');
  child.kill('SIGKILL');
  assert.equal(await watched.ended(20_000), true);
  assert.equal(await watched.ended(20_000), true);
  watched.close();
});

test('a process that is gone is none', () => {
  const { pid } = spawnSync('true');
  assert.equal(watchProcess(pid), null);
});

test('a process of another user can be watched', async () => {
  const watched = watchProcess(1);
  assert.ok(watched !== null);
  assert.equal(await watched.ended(10), false);
  watched.close();
});
