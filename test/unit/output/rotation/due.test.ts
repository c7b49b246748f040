/**
 * When a file is rotated: what each event and each outcome of an attempt makes of what was due before, and where a
 * write is cut.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Chunk, createChunk } from '../../../../src/queue/chunk-pool.ts';
import {
  ROTATE_FIRST,
  RotationDue,
  type RotationOutcome,
  type RotationReason,
} from '../../../../src/output/rotation/due.ts';

const NOW_MS = 5000;
const LIMIT_BYTES = 10;
const ELEVEN = '1234567890\n';

function chunkOf(text: string): Chunk {
  const chunk = createChunk(64);
  chunk.bytes.write(`before\n${text}behind\n`);
  return Object.assign(chunk, { begin: 7, end: 7 + text.length });
}

/** A file that is to be rotated for `reason`; null: it is not. */
function dueFor(reason: RotationReason | null): RotationDue {
  const due = new RotationDue(LIMIT_BYTES);
  if (reason === 'time') due.periodEnded();
  if (reason === 'request') due.request();
  if (reason === 'size') assert.equal(due.writeEnd(chunkOf(ELEVEN), 0, LIMIT_BYTES, NOW_MS), ROTATE_FIRST);
  return due;
}

/** @returns what it is to be rotated for, which it forgets */
function reasonOf(due: RotationDue): RotationReason | null {
  return due.begin();
}

const REASONS = [null, 'size', 'time', 'request'] as const;
type Event = 'period ends' | 'request' | 'opened, from before' | 'opened, of today' | 'forget' | 'begin';

const EVENTS: Readonly<Record<Event, (due: RotationDue) => unknown>> = {
  'period ends': (due) => due.periodEnded(),
  request: (due) => due.request(),
  'opened, from before': (due) => due.opened(true),
  'opened, of today': (due) => due.opened(false),
  forget: (due) => due.forget(),
  begin: (due) => due.begin(),
};

/** Reason after the event, in the order of {@link REASONS}. */
const AFTER_EVENT: Readonly<Record<Event, readonly (RotationReason | null)[]>> = {
  'period ends': ['time', 'size', 'time', 'request'],
  request: ['request', 'request', 'request', 'request'],
  'opened, from before': ['time', 'time', 'time', 'time'],
  'opened, of today': [null, 'size', 'time', 'request'],
  forget: [null, null, null, null],
  begin: [null, null, null, null],
};

const EVENT_NAMES = ['period ends', 'request', 'opened, from before', 'opened, of today', 'forget', 'begin'] as const;
for (const event of EVENT_NAMES) {
  for (const [idx, before] of REASONS.entries()) {
    const after = AFTER_EVENT[event][idx];
    test(`due for ${before}: ${event}: due for ${after}`, () => {
      const due = dueFor(before);
      assert.equal(due.isDue(NOW_MS), before !== null);
      EVENTS[event](due);
      assert.equal(due.isDue(NOW_MS), after !== null);
      assert.equal(reasonOf(due), after);
    });
  }
}

interface Ended {
  readonly outcome: RotationOutcome;
  readonly pauseMs: number;
  /** Reason after an attempt for none, size, time, request. */
  readonly after: readonly (RotationReason | null)[];
}

const ENDED: readonly Ended[] = [
  { outcome: 'done', pauseMs: 0, after: [null, null, null, null] },
  { outcome: 'moved', pauseMs: 1000, after: [null, null, null, null] },
  { outcome: 'busy', pauseMs: 250, after: [null, null, 'time', 'request'] },
  { outcome: 'failed', pauseMs: 60_000, after: [null, null, 'time', null] },
];
for (const { outcome, pauseMs, after } of ENDED) {
  for (const [idx, reason] of REASONS.entries()) {
    test(`an attempt for ${reason} that ends as ${outcome}: ${pauseMs} ms of pause, then due for ${after[idx]}`, () => {
      const due = dueFor(reason);
      assert.equal(due.begin(), reason);
      assert.equal(due.end(reason, outcome, NOW_MS), pauseMs);
      const stays = after[idx] !== null;
      if (pauseMs > 0) assert.equal(due.isDue(NOW_MS + pauseMs - 1), false);
      assert.equal(due.isDue(NOW_MS + pauseMs), stays);
      assert.equal(reasonOf(due), after[idx]);
    });
  }

  test(`what became due during an attempt that ends as ${outcome} stays due`, () => {
    const due = dueFor('size');
    due.begin();
    due.periodEnded();
    due.end('size', outcome, NOW_MS);
    assert.equal(reasonOf(due), 'time');
  });
}

test('during a pause nothing is cut off and nothing rotated; a request and endPause end it', () => {
  for (const end of [(due: RotationDue) => due.request(), (due: RotationDue) => due.endPause()]) {
    const due = dueFor('time');
    due.end(due.begin(), 'failed', NOW_MS);
    const chunk = chunkOf(ELEVEN);
    assert.equal(due.writeEnd(chunk, 0, LIMIT_BYTES, NOW_MS), chunk.end);
    assert.equal(due.isDue(NOW_MS), false);
    end(due);
    assert.equal(due.isDue(NOW_MS), true);
    assert.equal(due.writeEnd(chunk, 0, LIMIT_BYTES, NOW_MS), ROTATE_FIRST);
  }
});

interface Write {
  readonly what: string;
  readonly text: string;
  readonly sizeBytes: number;
  readonly tornBytes?: number;
  /** What of the text is written now; null: the file is rotated first. */
  readonly now: string | null;
}

const WRITES: readonly Write[] = [
  { what: 'it fits', text: 'ab\n', sizeBytes: 0, now: 'ab\n' },
  { what: 'it fills the file exactly', text: '123456789\n', sizeBytes: 0, now: '123456789\n' },
  { what: 'the first record fits', text: 'ab\ncdefghij\n', sizeBytes: 5, now: 'ab\n' },
  { what: 'the first record fills the file exactly', text: 'ab\ncd\n', sizeBytes: 7, now: 'ab\n' },
  { what: 'no record fits', text: 'abcdef\ngh\n', sizeBytes: 5, now: null },
  { what: 'the file is full', text: 'a\n', sizeBytes: 10, now: null },
  { what: 'the file is over-full: somebody else wrote to it', text: 'a\n', sizeBytes: 99, now: null },
  { what: 'a record longer than the limit, the file empty', text: `${ELEVEN}b\n`, sizeBytes: 0, now: ELEVEN },
  { what: 'the rest of a torn record does not fit', text: 'abcdef\ngh\n', sizeBytes: 9, tornBytes: 4, now: 'abcdef\n' },
];
for (const { what, text, sizeBytes, tornBytes = 0, now } of WRITES) {
  test(`limit of ${LIMIT_BYTES} bytes: ${what}`, () => {
    const due = new RotationDue(LIMIT_BYTES);
    const chunk = chunkOf(text);
    const end = due.writeEnd(chunk, tornBytes, sizeBytes, NOW_MS);
    assert.equal(end === ROTATE_FIRST ? null : chunk.bytes.toString('latin1', chunk.begin, end), now);
    assert.equal(reasonOf(due), now === null ? 'size' : null);
  });

  test(`no limit: ${what}: all is written`, () => {
    const due = new RotationDue(null);
    const chunk = chunkOf(text);
    assert.equal(due.writeEnd(chunk, tornBytes, sizeBytes, NOW_MS), chunk.end);
  });
}

test('a file that is due is rotated before the next write, but not within a record', () => {
  const due = new RotationDue(null);
  const chunk = chunkOf('a\nb\n');
  due.periodEnded();
  assert.equal(due.writeEnd(chunk, 3, 3, NOW_MS), chunk.end);
  assert.equal(due.writeEnd(chunk, 0, 3, NOW_MS), ROTATE_FIRST);
});
