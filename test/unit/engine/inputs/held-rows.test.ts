import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appendRow, Batch, F_CUT, ORIGIN, slotOff } from '../../../../src/dgram-parser/columns/batch.ts';
import { HeldRows } from '../../../../src/engine/inputs/held-rows.ts';

function textOf(batch: Batch, row: number): string {
  const begin = slotOff(batch, row);
  return batch.bytes.toString('latin1', begin, begin + (batch.len[row] ?? 0));
}

test('held rows come back as they came, in their order, after their batch was filled anew', () => {
  const batch = new Batch(4, 480);
  const held = new HeldRows();
  appendRow(batch, Buffer.from('first'), ORIGIN.local);
  appendRow(batch, Buffer.alloc(600, 'x'), ORIGIN.network);
  batch.peer[1] = 42;
  batch.credPid.set([7]);
  batch.nowSec = 1000;
  batch.nowUsec = 5;
  held.keep(batch);
  batch.bytes.fill(0);
  batch.count = 0;
  appendRow(batch, Buffer.from(''), ORIGIN.kernel);
  batch.nowSec = 1001;
  held.keep(batch);
  assert.ok(held.heldBytes >= 485);
  assert.equal(held.takeInto(batch), true);
  assert.deepEqual([batch.count, batch.nowSec, batch.nowUsec], [2, 1000, 5]);
  assert.equal(textOf(batch, 0), 'first');
  assert.equal(textOf(batch, 1), 'x'.repeat(480));
  assert.deepEqual([...batch.flags.subarray(0, 2)], [0, F_CUT]);
  assert.deepEqual([...batch.origin.subarray(0, 2)], [ORIGIN.local, ORIGIN.network]);
  assert.deepEqual([batch.credPid[0], batch.peer[1]], [7, 42]);
  assert.equal(held.takeInto(batch), true);
  assert.deepEqual([batch.count, batch.nowSec, textOf(batch, 0)], [1, 1001, '']);
  assert.equal(held.takeInto(batch), false);
  assert.equal(held.heldBytes, 0);
});
