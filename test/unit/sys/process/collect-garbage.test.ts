import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collectGarbage } from '../../../../src/sys/process/collect-garbage.ts';
import { until } from '../../../support/until.ts';

const LARGE_BYTES = 64 * 1024 * 1024;

/** @returns how much is in use with something large, to which nothing refers afterwards */
function useMuch(): number {
  const large = new ArrayBuffer(LARGE_BYTES);
  const { arrayBuffers } = process.memoryUsage();
  assert.equal(large.byteLength, LARGE_BYTES);
  return arrayBuffers;
}

test('collectGarbage finds what nothing refers to any more, which is then given back', async () => {
  const before = useMuch();
  collectGarbage();
  // Threads of V8 give it back; on a busy machine they may come a moment later.
  await until('it is given back', () => process.memoryUsage().arrayBuffers < before - LARGE_BYTES / 2, 10_000);
});
