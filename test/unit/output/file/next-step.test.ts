/** What the output of a file does next: every row of the table, and what holds in every situation there can be. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Activity,
  type Cause,
  type FileSituation,
  type FileStep,
  nextFileStep,
} from '../../../../src/output/file/next-step.ts';
import type { OutputState } from '../../../../src/output/output.ts';

/** Works, and has something to write. */
const WRITABLE: FileSituation = {
  cause: 'work',
  life: 'open',
  activity: 'none',
  isOpen: true,
  isQueued: true,
  reopenWanted: false,
  rotationWanted: false,
  givenUp: false,
  held: false,
  stalled: false,
};

type Row = readonly [title: string, change: Partial<FileSituation>, step: FileStep];

const ROWS: readonly Row[] = [
  ['closed: what is open is closed', { life: 'closed' }, 'release'],
  ['closed, while something is under way: its end asks again', { life: 'closed', activity: 'write' }, 'rest'],

  ['draining: what waits is written', { life: 'draining' }, 'write'],
  ['draining, new records', { life: 'draining', cause: 'news' }, 'write'],
  ['draining, new records after a failure', { life: 'draining', cause: 'news', givenUp: true }, 'write'],
  ['draining, new records, nothing open', { life: 'draining', cause: 'news', isOpen: false }, 'rest'],
  ['draining, all written', { life: 'draining', isQueued: false }, 'over'],
  ['draining, all written, new records that others took', { life: 'draining', isQueued: false, cause: 'news' }, 'rest'],
  ['draining, given up', { life: 'draining', givenUp: true }, 'over'],
  ['draining, nothing open: tried once', { life: 'draining', isOpen: false }, 'look'],
  ['draining, nothing open, given up', { life: 'draining', isOpen: false, givenUp: true }, 'over'],
  ['draining: no look', { life: 'draining', reopenWanted: true }, 'write'],
  ['draining: no rotation', { life: 'draining', rotationWanted: true }, 'write'],
  ['draining, another output comes first', { life: 'draining', held: true }, 'rest'],

  ['open: what waits is written', {}, 'write'],
  ['open, new records', { cause: 'news' }, 'write'],
  ['open, the pause of the pace is over', { cause: 'pause over' }, 'write'],
  ['open, nothing waits', { isQueued: false }, 'rest'],
  ['open, another output comes first', { held: true }, 'rest'],
  ['open, a look comes before all else', { reopenWanted: true, rotationWanted: true }, 'look'],
  ['open, a look, also while another output comes first', { reopenWanted: true, held: true }, 'look'],
  ['open, a rotation comes before a write', { rotationWanted: true }, 'rotate'],
  ['open, a rotation needs no record', { rotationWanted: true, isQueued: false }, 'rotate'],

  ['opening failed before the daemon ran: nothing by itself', { life: 'opening', isOpen: false }, 'rest'],

  ['retrying: a pause', { life: 'retrying' }, 'pause'],
  ['retrying, new records do not shorten it', { life: 'retrying', cause: 'news' }, 'rest'],
  ['retrying, a look does', { life: 'retrying', cause: 'news', reopenWanted: true }, 'look'],
  ['retrying, the pause is over', { life: 'retrying', cause: 'pause over' }, 'attempt'],
  ['retrying, the pause is over, nothing open', { life: 'retrying', cause: 'pause over', isOpen: false }, 'look'],
  ['retrying, the pause is over, nothing waits', { life: 'retrying', cause: 'pause over', isQueued: false }, 'pause'],
  ['retrying: no rotation', { life: 'retrying', rotationWanted: true }, 'pause'],

  ['a terminal that took nothing rests', { stalled: true }, 'rest'],
  ['a terminal that took nothing is tried with new records', { stalled: true, cause: 'news' }, 'write'],
  ['a terminal that took nothing rests at the end too', { stalled: true, life: 'draining' }, 'rest'],
  ['a terminal that took nothing is closed', { stalled: true, life: 'closed' }, 'release'],
];

for (const [title, change, step] of ROWS)
  test(`${title}: ${step}`, () => assert.equal(nextFileStep({ ...WRITABLE, ...change }), step));

const CAUSES: readonly Cause[] = ['news', 'pause over', 'work'];
const LIVES: readonly OutputState[] = ['opening', 'open', 'retrying', 'draining', 'closed'];
const ACTIVITIES: readonly Activity[] = ['none', 'write', 'open', 'repair', 'rotate'];
const FLAGS = ['isOpen', 'isQueued', 'reopenWanted', 'rotationWanted', 'givenUp', 'held', 'stalled'] as const;

function everySituation(): FileSituation[] {
  const masks = Array.from({ length: 2 ** FLAGS.length }, (_, mask) => mask);
  const flags = masks.map((mask) => Object.fromEntries(FLAGS.map((flag, bit) => [flag, (mask & (1 << bit)) !== 0])));
  return CAUSES.flatMap((cause) =>
    LIVES.flatMap((life) =>
      ACTIVITIES.flatMap((activity) => flags.map((some) => ({ ...WRITABLE, ...some, cause, life, activity }))),
    ),
  );
}

/** Situations in which the step breaks a rule. */
function broken(rule: (situation: FileSituation, step: FileStep) => boolean): FileSituation[] {
  return everySituation().filter((situation) => !rule(situation, nextFileStep(situation)));
}

test('in every situation: one thing at a time', () => {
  assert.deepEqual(
    broken(({ activity }, step) => activity === 'none' || step === 'rest'),
    [],
  );
});

test('in every situation: nothing is written without an open descriptor, a record, or out of order', () => {
  const writes = (step: FileStep): boolean => step === 'write' || step === 'attempt';
  assert.deepEqual(
    broken(({ isOpen, isQueued, held }, step) => !writes(step) || (isOpen && isQueued && !held)),
    [],
  );
});

test('in every situation: once closed, nothing but closing', () => {
  assert.deepEqual(
    broken(({ life, activity }, step) => life !== 'closed' || step === (activity === 'none' ? 'release' : 'rest')),
    [],
  );
});

test('in every situation: draining begins no pause, no rotation, no look for what was moved', () => {
  assert.deepEqual(
    broken(
      ({ life, isOpen }, step) =>
        life !== 'draining' || (step !== 'pause' && step !== 'rotate' && (step !== 'look' || !isOpen)),
    ),
    [],
  );
});

test('in every situation: what does not work is tried again, unless a terminal rests or something is under way', () => {
  assert.deepEqual(
    broken(
      ({ life, cause, activity, stalled }, step) =>
        life !== 'retrying' || cause === 'news' || activity !== 'none' || stalled || step !== 'rest',
    ),
    [],
  );
});
