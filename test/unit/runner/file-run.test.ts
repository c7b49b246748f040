/**
 * What the run of the tests says of files that fail in other ways than by a test: they hang, die, end too early, or
 * leave something behind; and that nothing of them is there afterwards.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { type FileOutcome, runFile } from '../../runner/file-run.ts';
import { runMark } from '../../runner/leftovers.ts';
import { markedProcesses } from '../../support/marked-processes.ts';
import { builtPath } from '../../support/project.ts';
import { temporaryDirectory } from '../../support/receiving.ts';

const LIMITS = { testMs: 3000, idleMs: 3000, startMs: 20_000 };

async function runSample(t: TestContext, name: string): Promise<FileOutcome> {
  const base = temporaryDirectory(t);
  const mark = `${process.pid}-sample-${name}`;
  const path = builtPath('test', 'runner', 'samples', `${name}.js`);
  const outcome = await runFile({ node: process.execPath, path, base, mark, limits: LIMITS });
  assert.deepEqual(markedProcesses(runMark(mark)), [], 'no process is left');
  assert.equal(existsSync(`${base}/${mark}`), false, 'its folder is gone');
  assert.deepEqual(
    readdirSync(base).filter((file) => file !== `${mark}.log`),
    [],
  );
  return outcome;
}

test('a file without fault', async (t) => {
  const { records, faults, output } = await runSample(t, 'good');
  assert.deepEqual(faults, []);
  assert.deepEqual(
    records.filter(({ event }) => event !== 'begin' && event !== 'complete').map(({ event, name }) => [event, name]),
    [
      ['passed', 'passes'],
      ['skipped', 'is skipped'],
    ],
  );
  assert.deepEqual(
    records.flatMap(({ reason }) => reason ?? []),
    ['for a reason'],
  );
  assert.match(output, /✔ passes/);
  assert.doesNotMatch(output, /ℹ/);
});

test('a test that fails is no other fault, and says why', async (t) => {
  const { records, faults } = await runSample(t, 'fails');
  assert.deepEqual(faults, []);
  assert.match(records.find(({ event }) => event === 'failed')?.error ?? '', /one is not two/);
});

test('a test that hangs is named, and what it has started is ended', async (t) => {
  const { faults } = await runSample(t, 'hangs');
  assert.equal(faults[0], 'hangs: for 3 s in the test "never ends"');
  assert.match(faults[1] ?? '', /^left behind: process \d+: sleep 1000$/);
  assert.equal(faults.length, 2);
});

test('a file that goes on after its tests is named by the last of them', async (t) => {
  assert.deepEqual((await runSample(t, 'stays')).faults, ['hangs: for 3 s after the test "the last one"']);
});

test('a file that dies in a test', async (t) => {
  const { faults } = await runSample(t, 'dies');
  assert.equal(faults.length, 1);
  assert.match(faults[0] ?? '', /^signal SIGKILL (?:in the test "takes all with it"|without a test)$/);
});

test('a file that ends with success before its tests have ended', async (t) => {
  const { faults } = await runSample(t, 'ends');
  assert.equal(faults.length, 1);
  assert.match(faults[0] ?? '', /^exit status 0 (?:in the test "leaves early"|without a test)$/);
});

test('a file without tests', async (t) => {
  assert.deepEqual((await runSample(t, 'empty')).faults, ['exit status 0 without a test']);
});

test('what is left behind is named and cleared away', async (t) => {
  const { faults } = await runSample(t, 'leaves');
  assert.equal(faults.length, 2);
  assert.match(faults[0] ?? '', /^left behind: process \d+: sleep 1000$/);
  assert.match(faults[1] ?? '', /^left behind: \/.*\/left-\w+ \(inside\)$/);
});
