import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collectGarbage } from '../../../src/sys/collect-garbage.ts';

test('collectGarbage frees what nothing refers to any more, at once', () => {
  let large: ArrayBuffer | null = new ArrayBuffer(64 * 1024 * 1024);
  const before = process.memoryUsage().arrayBuffers;
  assert.equal(large.byteLength, 64 * 1024 * 1024);
  large = null;
  collectGarbage();
  assert.ok(process.memoryUsage().arrayBuffers < before - 32 * 1024 * 1024);
});
