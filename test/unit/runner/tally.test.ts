/** What a run prints of its files and at its end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FileOutcome } from '../../runner/file-run.ts';
import type { TestRecord } from '../../runner/record.ts';
import { Tally } from '../../runner/tally.ts';

function record(event: TestRecord['event'], name: string, rest: Partial<TestRecord> = {}): TestRecord {
  return { event, name, error: null, reason: null, ...rest };
}

function outcome(records: readonly TestRecord[], rest: Partial<FileOutcome> = {}): FileOutcome {
  return { output: '', records, faults: [], seconds: 1.25, ...rest };
}

test('a file in which nothing fails is one line', () => {
  const tally = new Tally();
  const records = [record('begin', 'one'), record('complete', 'one'), record('passed', 'one'), record('passed', 'two')];
  assert.equal(tally.count('unit/good', outcome(records)), '✔ unit/good: 2 passed, 1.3 s\n');
  assert.equal(tally.end(), '\n2 passed, 0 failed, 0 skipped\n');
  assert.equal(tally.hasFailed, false);
});

test('a test that fails is a line at once, and told with its error at the end', () => {
  const tally = new Tally();
  const records = [record('passed', 'one'), record('failed', 'two', { error: 'Error: three' })];
  assert.equal(tally.count('unit/bad', outcome(records)), '✖ unit/bad: 1 passed, 1 failed, 1.3 s\n  ✖ two\n');
  assert.equal(tally.end(), '\nWhat failed:\n\nunit/bad: two\nError: three\n\n1 passed, 1 failed, 0 skipped\n');
  assert.equal(tally.hasFailed, true);
});

test('a fault counts as a failure, and is told with the last lines that the file printed', () => {
  const tally = new Tally();
  const output = `first\n${'middle\n'.repeat(50)}last\n`;
  const told = tally.count('unit/dead', outcome([], { faults: ['signal SIGKILL', 'left behind: x'], output }));
  assert.equal(told, '✖ unit/dead: 0 passed, 2 failed, 1.3 s\n  ✖ signal SIGKILL\n  ✖ left behind: x\n');
  const end = tally.end();
  assert.match(
    end,
    /^\nWhat failed:\n\nunit\/dead: signal SIGKILL\nmiddle\n(?:middle\n)+last\n\nunit\/dead: left behind: x\n/,
  );
  assert.doesNotMatch(end, /first/);
  assert.match(end, /\n\n0 passed, 2 failed, 0 skipped\n$/);
});

test('each reason to skip is one line with its count, before the sums', () => {
  const tally = new Tally();
  const skipped = (name: string, reason: string | null): TestRecord => record('skipped', name, { reason });
  tally.count('unit/a', outcome([skipped('one', 'no root'), skipped('two', 'no cron'), record('passed', 'three')]));
  tally.count('unit/b', outcome([skipped('four', 'no root'), skipped('five', null)]));
  assert.equal(
    tally.end(),
    '\n1 skipped: no reason is given\n1 skipped: no cron\n2 skipped: no root\n1 passed, 0 failed, 4 skipped\n',
  );
});

test('the ten slowest files, the slowest first; only files without failure have a time to record', () => {
  const tally = new Tally();
  for (let seconds = 1; seconds <= 12; seconds++)
    tally.count(`file-${seconds}`, outcome([record(seconds === 12 ? 'failed' : 'passed', 'it')], { seconds }));
  const lines = tally.slowest().split('\n').slice(0, -1);
  assert.equal(lines.length, 10);
  assert.equal(lines[0], '   12.0 s  file-12');
  assert.equal(lines[9], '    3.0 s  file-3');
  assert.deepEqual(
    tally.secondsOfPassed.map(([, seconds]) => seconds),
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
  );
});
