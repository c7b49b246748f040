/** When a write counts as one that makes no headway. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Headway } from '../../../../src/output/file/headway.ts';

const LONG_MS = 3_600_000;

async function turns(): Promise<void> {
  for (let i = 0; i < 4; i++) await turn();
}

test('it is lost after a second without any step, once the event loop has turned', async () => {
  const headway = new Headway();
  headway.step(0);
  assert.equal(headway.isLost(999), false);
  await turns();
  assert.equal(headway.isLost(999), false);
  assert.equal(headway.isLost(1000), false);
  await turns();
  assert.equal(headway.isLost(1000), true);
});

test('as long as the event loop does not turn it is not lost, however much time passes', async () => {
  const headway = new Headway();
  headway.step(0);
  for (let i = 1; i <= 100; i++) assert.equal(headway.isLost(i * LONG_MS), false);
  // The end of what was under way is heard of in the first turn.
  setImmediate(() => headway.step(LONG_MS));
  await turns();
  assert.equal(headway.isLost(LONG_MS), false);
});

test('a step brings it back, and it can be lost again', async () => {
  const headway = new Headway();
  for (let i = 1; i <= 3; i++) {
    headway.step(i * LONG_MS);
    assert.equal(headway.isLost(i * LONG_MS), false);
    headway.isLost(i * LONG_MS + 1000);
    await turns();
    assert.equal(headway.isLost(i * LONG_MS + 1000), true);
  }
});
