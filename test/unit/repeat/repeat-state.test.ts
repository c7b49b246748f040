import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ORIGIN } from '../../../src/dgram-parser/columns/batch.ts';
import { RepeatState, sameMessage } from '../../../src/repeat/repeat-state.ts';
import { createSummaryBatch, fillSummary } from '../../../src/repeat/summary.ts';
import { NOW_SEC, parsedBatch } from '../../support/rows.ts';

const PAIRS: readonly (readonly [string, string, string, boolean])[] = [
  ['equal but for the time', '<13>Nov 20 22:14:15 a: x', '<13>Nov 20 22:14:16 a: x', true],
  ['another priority', '<13>a: x', '<14>a: x', false],
  ['another tag', '<13>a: x', '<13>b: x', false],
  ['another pid', '<13>a[1]: x', '<13>a[2]: x', false],
  ['another text', '<13>a: x', '<13>a: y', false],
  ['a longer text', '<13>a: x', '<13>a: xx', false],
  ['another format', '<13>a: x', '<13>1 - - a - - - x', false],
  ['both RFC 5424, another MSGID', '<13>1 - - a - X - x', '<13>1 - - a - Y - x', false],
  ['both RFC 5424, equal but for the time', '<13>1 2024-01-01T00:00:00Z - a - X - x', '<13>1 - - a - X - x', true],
  ['a trailing newline does not count', '<13>a: x\n', '<13>a: x', true],
];

for (const [title, one, other, same] of PAIRS) {
  test(`same message: ${title}: ${same}`, () => {
    const batch = parsedBatch([one, other]);
    assert.equal(sameMessage(batch, 0, batch, 1), same);
    assert.equal(sameMessage(batch, 1, batch, 0), same);
  });
}

test('same message: hosts count where they are written', () => {
  const datagrams = ['<13>Nov 20 22:14:15 h1 a: x', '<13>Nov 20 22:14:15 h2 a: x'];
  const kept = parsedBatch(datagrams, { origin: ORIGIN.network, keepHost: true });
  assert.equal(sameMessage(kept, 0, kept, 1), false);
  const dropped = parsedBatch(datagrams, { origin: ORIGIN.network });
  assert.equal(sameMessage(dropped, 0, dropped, 1), true);
});

test('same message: another sender is another message', () => {
  const batch = parsedBatch(['<13>a: x', '<13>a: x'], { origin: ORIGIN.network });
  batch.peer[0] = 1;
  batch.peer[1] = 2;
  assert.equal(sameMessage(batch, 0, batch, 1), false);
});

test('repeat state: knows the last message after its batch was filled anew', () => {
  const state = new RepeatState(8192);
  const first = parsedBatch(['<13>other: y', '<13>a[1]: x']);
  state.remember(first, 1, NOW_SEC);
  state.keep();
  first.bytes.fill(0xee);
  const second = parsedBatch(['<13>a[1]: x', '<13>a[1]: z']);
  assert.equal(state.count(second, 0), true);
  assert.equal(state.count(second, 1), false);
  assert.equal(state.pending, 1);
});

test('repeat state: tells after 30, then 120, then every 600 seconds', () => {
  const state = new RepeatState(8192);
  const batch = parsedBatch(['<13>a: x']);
  state.remember(batch, 0, NOW_SEC);
  const dues: number[] = [];
  let now = NOW_SEC;
  for (let i = 0; i < 4; i++) {
    dues.push(state.dueSec() - now);
    now = state.dueSec();
    state.told(now);
  }
  assert.deepEqual(dues, [30, 120, 600, 600]);
});

test('repeat state: a message that could not be written is not repeated', () => {
  const state = new RepeatState(8192);
  const batch = parsedBatch(['<13>a: x', '<13>a: x']);
  state.remember(batch, 0, NOW_SEC);
  state.forget();
  assert.equal(state.count(batch, 1), false);
});

test('summary: names the number, priority, host and the time of the last repetition', () => {
  const state = new RepeatState(8192);
  const batch = parsedBatch(['<11>Nov 20 22:14:15 h1 a: x', '<11>Nov 20 22:14:59 h1 a: x'], {
    origin: ORIGIN.network,
    keepHost: true,
  });
  state.remember(batch, 0, NOW_SEC);
  state.count(batch, 1);
  state.count(batch, 1);
  const summary = createSummaryBatch();
  fillSummary(summary, state);
  assert.equal(summary.bytes.toString('utf8', summary.textOff[0], summary.endOff[0]), 'last message repeated 2 times');
  assert.equal(summary.pri[0], 11);
  assert.equal(summary.bytes.toString('utf8', summary.hostOff[0], summary.hostOff[0]! + summary.hostLen[0]!), 'h1');
  assert.equal(summary.timeSec[0], NOW_SEC + 44);
});
