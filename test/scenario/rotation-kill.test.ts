/**
 * SIGKILL before every single change that rotation and compression make on the disk: the next start leaves every
 * line exactly once, in order, and no garbage.
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

const LINES = 16;

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

function numbersIn(path: string): number[] {
  return allLines(path).map((line) => Number(/^line (\d+)$/.exec(line)?.[1]));
}

test('SIGKILL before each change of the directory: the next start finds every line once, in order', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'tsyslogd-'));
  cleanUp(t, () => rmSync(dir, { recursive: true, force: true }));
  const { changes } = run(join(dir, 'whole'), 0, 0);
  assert.ok(changes > 50, `${changes} changes`);
  for (let deadly = 1; deadly <= changes; deadly++) {
    const path = join(dir, `f${deadly}`);
    const killed = run(path, 0, deadly);
    // A line may be on the disk that the victim had no time to acknowledge.
    const left = killed.signal === null ? LINES : killed.acknowledged + 1;
    const again = run(path, 1000, 0);
    assert.equal(again.acknowledged, 1000 + LINES - 1);
    const numbers = numbersIn(path);
    const before = numbers.filter((number) => number < 1000);
    assert.ok(before.length === left || before.length === left + 1, `${deadly}: ${before.length} of ${left}`);
    const expected = [...before.keys(), ...Array.from({ length: LINES }, (_, i) => 1000 + i)];
    assert.deepEqual(numbers, expected, `killed before change ${deadly}`);
    assert.deepEqual(
      namesBeside(path).filter((name) => !/^f\d+(?:\.0|\.[1-9]\d*\.gz)?$/.test(name)),
      [],
      `killed before change ${deadly}`,
    );
  }
  t.diagnostic(`killed before each of ${changes} changes`);
});
