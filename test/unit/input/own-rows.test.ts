import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appendRow, Batch, ORIGIN, slotOff } from '../../../src/dgram-parser/columns/batch.ts';
import { withoutOwnRows } from '../../../src/input/own-rows.ts';

const OTHER_PID = process.pid + 1;
const OLD_PID = process.pid + 2;

/** A batch of local messages: text and sender. */
function batchOf(...rows: readonly (readonly [text: string, pid: number])[]): Batch {
  const batch = new Batch(8, 100);
  for (const [text, pid] of rows) {
    const row = appendRow(batch, Buffer.from(text), ORIGIN.local);
    batch.credPid[row] = pid;
    batch.credUid[row] = pid * 2;
  }
  return batch;
}

/** What is delivered of a batch `afterMs` after the start: text and sender. */
function delivered(batch: Batch, predecessor: number | null = null, afterMs = 0): unknown {
  let nowMs = 1000;
  const batches: unknown[] = [];
  const deliver = withoutOwnRows(
    ({ count, bytes, len, credPid, credUid }) =>
      batches.push(
        Array.from({ length: count }, (_, row) => [
          bytes.toString('latin1', slotOff(batch, row), slotOff(batch, row) + (len[row] ?? 0)),
          credPid[row],
          credUid[row],
        ]),
      ),
    predecessor,
    () => nowMs,
  );
  nowMs += afterMs;
  deliver(batch);
  return batches;
}

test('what others sent is delivered whole, what this process sent is not', () => {
  const batch = batchOf(
    ['one', OTHER_PID],
    ['own', process.pid],
    ['nobody', -1],
    ['own too', process.pid],
    ['last, and longer', OTHER_PID],
  );
  assert.deepEqual(delivered(batch), [
    [
      ['one', OTHER_PID, OTHER_PID * 2],
      ['nobody', -1, -2],
      ['last, and longer', OTHER_PID, OTHER_PID * 2],
    ],
  ]);
});

test('where nothing is left nothing is delivered', () => {
  assert.deepEqual(delivered(batchOf(['own', process.pid])), []);
});

test('the process before this one counts as own for a while, until its number may be another’s', () => {
  assert.deepEqual(delivered(batchOf(['old', OLD_PID]), OLD_PID, 1000), []);
  assert.deepEqual(delivered(batchOf(['another', OLD_PID]), OLD_PID, 60_000), [[['another', OLD_PID, OLD_PID * 2]]]);
});
