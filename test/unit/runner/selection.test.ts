/** Which files run: all, by parts of their paths, on other Node.js lines, in a quick run. */
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseRunOptions } from '../../runner/options.ts';
import { RecordedSeconds } from '../../runner/seconds.ts';
import { listNames, pathOf, selectByParts, selectFast, selectQuick, unmatchedParts } from '../../runner/selection.ts';
import { temporaryDirectory } from '../../support/receiving.ts';

const NAMES = [
  'architecture',
  'interop/rsyslog',
  'scenario/first-steps',
  'scenario/life',
  'scenario/rotation',
  'unit/a',
];

test('every test file has a name, and every name a compiled file', () => {
  const names = listNames();
  assert.ok(names.includes('unit/runner/selection') && names.includes('architecture'));
  assert.deepEqual(
    names.filter((name) => !existsSync(pathOf(name))),
    [],
  );
});

test('a file runs if its path contains one of the parts; without parts all run', () => {
  assert.deepEqual(selectByParts(NAMES, []), NAMES);
  assert.deepEqual(selectByParts(NAMES, ['life', 'unit/']), ['scenario/life', 'unit/a']);
  assert.deepEqual(selectByParts(NAMES, ['rotation.test.js', 'test/unit/a.test.ts']), ['scenario/rotation', 'unit/a']);
  assert.deepEqual(unmatchedParts(NAMES, ['life', 'lives']), ['lives']);
});

test('other Node.js lines run all but whole programs, and the first steps', () => {
  assert.deepEqual(selectFast(NAMES), ['architecture', 'scenario/first-steps', 'unit/a']);
});

test('a quick run has one life besides, and leaves out what took eight times as long as the file in the middle', () => {
  const names = [...NAMES, 'unit/b'];
  const scenarios = ['scenario/first-steps', 'scenario/life'];
  const select = (seconds: ReadonlyMap<string, number>): unknown => selectQuick(names, (name) => seconds.get(name));
  const all = ['architecture', ...scenarios, 'unit/a', 'unit/b'];
  assert.deepEqual(select(new Map()), { chosen: all, tooSlow: [] });
  const seconds = new Map([...scenarios, 'unit/a', 'unit/b'].map((name, at) => [name, at < 2 ? 90 : 10]));
  seconds.set('scenario/life', 10);
  assert.deepEqual(select(seconds.set('architecture', 80)), { chosen: all, tooSlow: [] });
  assert.deepEqual(select(seconds.set('architecture', 81)), {
    chosen: [...scenarios, 'unit/a', 'unit/b'],
    tooSlow: ['architecture'],
  });
});

test('both scenarios of a quick run exist', () => {
  const { chosen } = selectQuick(listNames(), () => undefined);
  assert.deepEqual(
    chosen.filter((name) => name.startsWith('scenario/')),
    ['scenario/first-steps', 'scenario/life'],
  );
});

test('times are kept from one run to the next; a damaged record is an empty one', (t) => {
  const path = `${temporaryDirectory(t)}/seconds.json`;
  new RecordedSeconds(path).save([
    ['unit/a', 1.234],
    ['unit/b', 2],
  ]);
  new RecordedSeconds(path).save([['unit/b', 3]]);
  const recorded = new RecordedSeconds(path);
  assert.deepEqual([recorded.of('unit/a'), recorded.of('unit/b'), recorded.of('unit/c')], [1.2, 3, undefined]);
  writeFileSync(path, '{"unit/a": ');
  assert.equal(new RecordedSeconds(path).of('unit/a'), undefined);
});

test('options and parts of paths may stand in any order; an unknown option is an error', () => {
  assert.deepEqual(parseRunOptions(['life', '--verbose', 'unit']), {
    isVerbose: true,
    isQuick: false,
    parts: ['life', 'unit'],
  });
  assert.deepEqual(parseRunOptions(['--quick']), { isVerbose: false, isQuick: true, parts: [] });
  assert.throws(() => parseRunOptions(['--loud']), /^RangeError: unknown option "--loud", expected /);
});
