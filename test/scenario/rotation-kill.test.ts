/**
 * SIGKILL before every single change that rotation and compression make on the disk, and once more soon after the
 * next start: the start after that leaves every line exactly once, in order, and no garbage.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { cleanUp } from '../support/daemon.ts';
import { builtPath } from '../support/project.ts';
import { allLines, namesBeside } from '../support/rotation-rig.ts';

const LINES = 20;

interface Run {
  readonly signal: NodeJS.Signals | null;
  /** Number of the last line that was written for certain; -1: none. */
  readonly acknowledged: number;
  readonly changes: number;
}

function run(path: string, first: number, deadly: number): Run {
  const args = [builtPath('test', 'support', 'rotation-victim.js'), path, `${first}`, `${LINES}`, `${deadly}`];
  const { stdout, stderr, signal, status } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 60_000 });
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

test('SIGKILL before each change of the directory: later starts find every line once, in order', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'tsyslogd-'));
  cleanUp(t, () => rmSync(dir, { recursive: true, force: true }));
  const { changes } = run(join(dir, 'whole'), 0, 0);
  assert.ok(changes > 40, `${changes} changes`);
  let killed = 0;
  for (let deadly = 1; deadly <= changes; deadly++) {
    const path = join(dir, `f${deadly}`);
    const runs = [run(path, 0, deadly), run(path, 1000, 1 + (deadly % 7)), run(path, 2000, 0)];
    killed += runs.filter(({ signal }) => signal !== null).length;
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
  }
  assert.ok(killed > changes, `${killed} kills`);
  t.diagnostic(`killed ${killed} times, before each of ${changes} changes`);
});
