/**
 * SIGKILL before every single change that rotation and compression make on the disk, and once more soon after the
 * next start: the start after that leaves every line exactly once, in order, and no garbage.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { TestDaemon } from '../support/daemon.ts';
import { builtPath } from '../support/project.ts';
import { run as runProgram } from '../support/receiving.ts';
import { allLines, namesBeside } from '../support/rotation-rig.ts';

const LINES = 20;
/** Changes in one test, so that it is known how far it is. */
const PART = 10;

interface Run {
  readonly signal: NodeJS.Signals | null;
  /** Number of the last line that was written for certain; -1: none. */
  readonly acknowledged: number;
  readonly changes: number;
}

async function run(path: string, first: number, deadly: number): Promise<Run> {
  const args = [builtPath('test', 'support', 'rotation-victim.js'), path, `${first}`, `${LINES}`, `${deadly}`];
  const { stdout, stderr, signal, status } = await runProgram(process.execPath, args);
  assert.ok(status === 0 || signal === 'SIGKILL', stderr);
  const numbers = [...stdout.matchAll(/^(\d+)$/gm)].map((match) => Number(match[1]));
  return {
    signal,
    acknowledged: numbers.at(-1) ?? -1,
    changes: Number(/^changes (\d+)$/m.exec(stdout)?.[1] ?? Number.NaN),
  };
}

/** Lines of one run as they are found: a prefix of it, with one more than acknowledged at most. */
function checkRun(found: readonly number[], first: number, made: Run, what: string): void {
  const acknowledged = made.acknowledged === -1 ? 0 : made.acknowledged - first + 1;
  assert.ok(found.length === acknowledged || found.length === acknowledged + 1, `${what}: ${found.length} lines`);
  assert.deepEqual(
    found,
    Array.from(found, (_, i) => first + i),
    what,
  );
}

/** Kills before one change, and once more soon after. @returns how often it was killed */
async function killBefore(dir: string, deadly: number): Promise<number> {
  const path = join(dir, `f${deadly}`);
  const runs = [await run(path, 0, deadly), await run(path, 1000, 1 + (deadly % 7)), await run(path, 2000, 0)];
  const numbers = allLines(path).map((line) => Number(/^line (\d+)$/.exec(line)?.[1]));
  assert.deepEqual(
    numbers,
    numbers.toSorted((a, b) => a - b),
  );
  for (const [i, each] of runs.entries()) {
    const first = i * 1000;
    const found = numbers.filter((number) => number >= first && number < first + 1000);
    checkRun(found, first, each, `killed before change ${deadly}, run ${i}`);
  }
  const garbage = namesBeside(path).filter((name) => !/^f\d+(?:\.0|\.[1-9]\d*\.gz)?$/.test(name));
  assert.deepEqual(garbage, [], `killed before change ${deadly}`);
  return runs.filter(({ signal }) => signal !== null).length;
}

test('SIGKILL before each change of the directory: later starts find every line once, in order', async (t) => {
  const dir = TestDaemon.folder(t);
  const { changes } = await run(join(dir, 'whole'), 0, 0);
  assert.ok(changes > 40, `${changes} changes`);
  let killed = 0;
  for (let first = 1; first <= changes; first += PART) {
    const last = Math.min(first + PART - 1, changes);
    await t.test(`before change ${first} to ${last}`, async () => {
      for (let deadly = first; deadly <= last; deadly++) killed += await killBefore(dir, deadly);
    });
  }
  assert.ok(killed > changes, `${killed} kills`);
  t.diagnostic(`killed ${killed} times, before each of ${changes} changes`);
});
