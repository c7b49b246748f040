import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WritePace } from '../../../../src/output/file/write-pace.ts';

test('the first write, and one that comes alone, may start at once', () => {
  const pace = new WritePace();
  assert.ok(pace.waitMs(0) <= 0);
  pace.started(0, 1);
  assert.ok(pace.waitMs(1000) <= 0);
});

test('what follows closely waits less than 10 ms', () => {
  const pace = new WritePace();
  pace.started(100, 1);
  assert.equal(pace.waitMs(101), 7);
  pace.started(108, 3);
  assert.equal(pace.waitMs(108), 8);
});

test('in a stream of many records a write, longer waits; they end with the stream', () => {
  const pace = new WritePace();
  pace.started(0, 1);
  pace.started(8, 9);
  assert.equal(pace.waitMs(8), 20);
  pace.started(28, 29);
  assert.equal(pace.waitMs(28), 20);
  pace.started(48, 31);
  assert.equal(pace.waitMs(48), 8);
});
