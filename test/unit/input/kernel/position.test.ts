import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { KernelCache } from '../../../../src/input/kernel/kernel-cache.ts';
import { ReadPosition, TAKEN_BEFORE } from '../../../../src/input/kernel/position.ts';
import { temporaryDirectory } from '../../../support/receiving.ts';

interface Step {
  readonly what: string;
  /** Position before; null: a cache that is empty. */
  readonly last: number | null;
  readonly sequence: number;
  readonly gives: number;
  readonly then: number;
}

const STEPS: readonly Step[] = [
  { what: 'the first record ever has any number', last: null, sequence: 700, gives: 0, then: 700 },
  { what: 'the first record is number 0', last: null, sequence: 0, gives: 0, then: 0 },
  { what: 'the next one', last: 4, sequence: 5, gives: 0, then: 5 },
  { what: 'one behind a gap', last: 4, sequence: 9, gives: 4, then: 9 },
  { what: 'the last one again', last: 4, sequence: 4, gives: TAKEN_BEFORE, then: 4 },
  { what: 'an earlier one', last: 4, sequence: 1, gives: TAKEN_BEFORE, then: 4 },
];
for (const { what, last, sequence, gives, then } of STEPS) {
  test(`position: ${what}`, (t) => {
    const position = new ReadPosition(new KernelCache(join(temporaryDirectory(t), 'cache')), last);
    assert.equal(position.take(sequence), gives);
    assert.equal(position.last, then);
  });
}

interface Continued {
  readonly what: string;
  readonly own: number;
  readonly cached: number;
  readonly told: number;
  readonly then: number;
}

const CONTINUED: readonly Continued[] = [
  { what: 'the process before has read on', own: 4, cached: 9, told: 7, then: 7 },
  { what: 'the process before has read nothing more', own: 4, cached: 9, told: 4, then: 4 },
  { what: 'the process before says less', own: 4, cached: 9, told: 2, then: 4 },
  { what: 'the process before died: its cache says more', own: 4, cached: 9, told: -1, then: 9 },
  { what: 'the process before died: its cache says less', own: 4, cached: 2, told: -1, then: 4 },
];
for (const { what, own, cached, told, then } of CONTINUED) {
  test(`position: ${what}`, (t) => {
    const cache = new KernelCache(join(temporaryDirectory(t), 'cache'));
    cache.write(cached);
    const position = new ReadPosition(cache, own);
    position.continueBehind(told);
    assert.equal(position.last, then);
    position.close();
  });
}

test('position: remembered in the cache, and nothing before the first record', (t) => {
  const path = join(temporaryDirectory(t), 'cache');
  const position = new ReadPosition(new KernelCache(path), null);
  position.prepare();
  position.remember();
  assert.equal(readFileSync(path, 'latin1'), '');
  position.take(12);
  position.remember();
  position.close();
  assert.equal(new ReadPosition(new KernelCache(path), null).last, 12);
});

test('position: a cache that cannot be written is an error once', (t) => {
  const path = temporaryDirectory(t);
  mkdirSync(join(path, 'cache'));
  const position = new ReadPosition(new KernelCache(join(path, 'cache')), 1);
  assert.throws(() => position.remember(), { code: 'EISDIR' });
  position.remember();
});
