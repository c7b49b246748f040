import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Batch } from '../../../src/dgram-parser/columns/batch.ts';
import { BatchClock } from '../../../src/input/batch-clock.ts';

test('the stamp stays within the millisecond of the wall clock, and is below a million', () => {
  const batch = new Batch(1, 480);
  const clock = new BatchClock();
  for (let i = 0; i < 20_000; i++) {
    const before = Date.now();
    clock.stamp(batch);
    const after = Date.now();
    assert.ok(batch.nowUsec >= 0 && batch.nowUsec < 1_000_000 && Number.isInteger(batch.nowUsec));
    const ms = batch.nowSec * 1000 + Math.floor(batch.nowUsec / 1000);
    assert.ok(ms >= before && ms <= after, `${before} <= ${ms} <= ${after}`);
  }
});

test('the stamp follows a clock that is set, at once', (t) => {
  const batch = new Batch(1, 480);
  const clock = new BatchClock();
  clock.stamp(batch);
  t.mock.method(Date, 'now', () => 1_000_000_123_456);
  clock.stamp(batch);
  assert.deepEqual([batch.nowSec, Math.floor(batch.nowUsec / 1000)], [1_000_000_123, 456]);
});
