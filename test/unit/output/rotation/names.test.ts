/**
 * Names of old files and the shift: every set of files that an interruption can leave, gone through exhaustively.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findGenerations, planShift, type Step } from '../../../../src/output/rotation/names.ts';

test('old files: numbers up to the count, plain and compressed; nothing else that looks alike', () => {
  const names = [
    'f',
    'f.0',
    'f.1.gz',
    'f.2',
    'f.2.gz',
    'f.3',
    'f.01',
    'f.1.bz2',
    'f.x',
    'ff.1',
    'xf.1',
    'f.',
    'f.1.gz.tmp',
  ];
  assert.deepEqual(
    [...findGenerations(names, 'f', 2)],
    [
      [0, { plain: true, gz: false }],
      [1, { plain: false, gz: true }],
      [2, { plain: true, gz: true }],
    ],
  );
});

/** Files by name with their content, the age of the lines in them; 0 is the newest. */
type Disk = Map<string, number>;

function apply(disk: Disk, step: Step): void {
  if (step.kind === 'remove') {
    assert.ok(disk.delete(step.name), `${step.name} is there to be removed`);
    return;
  }
  const content = disk.get(step.from);
  assert.ok(content !== undefined, `${step.from} is there to be moved`);
  assert.ok(!disk.has(step.to), `${step.to} is not replaced`);
  disk.delete(step.from);
  disk.set(step.to, content);
}

function plan(disk: Disk, count: number): readonly Step[] {
  return planShift(findGenerations([...disk.keys()], 'f', count), 'f', count);
}

/** Contents from the newest to the oldest. */
function inOrder(disk: Disk): number[] {
  const index = (name: string): number => Number(/\.(\d+)/.exec(name)?.[1]);
  return [...disk].toSorted(([a], [b]) => index(a) - index(b)).map(([, content]) => content);
}

/** All disks with numbers 0 to `count`, each missing, plain or compressed. */
function allDisks(count: number): Disk[] {
  let disks: Disk[] = [new Map()];
  for (let index = 0; index <= count; index++) {
    disks = disks.flatMap((disk) => [
      disk,
      new Map([...disk, [`f.${index}`, index] as const]),
      new Map([...disk, [`f.${index}.gz`, index] as const]),
    ]);
  }
  return disks;
}

for (const count of [1, 2, 4]) {
  test(`shift, count ${count}: ends with 0 free, keeps the order, drops the oldest only where all are there`, () => {
    for (const start of allDisks(count)) {
      const disk = new Map(start);
      for (const step of plan(disk, count)) apply(disk, step);
      const left = inOrder(disk);
      const expected = inOrder(start).slice(0, start.size === count + 1 ? count : undefined);
      assert.deepEqual(left, expected, [...start.keys()].join(' '));
      assert.ok(!disk.has('f.0') && !disk.has('f.0.gz'));
    }
  });

  test(`shift, count ${count}: interrupted after any step and planned anew, it loses nothing more`, () => {
    for (const start of allDisks(count)) {
      const steps = plan(start, count);
      for (let done = 0; done < steps.length; done++) {
        const disk = new Map(start);
        for (const step of steps.slice(0, done)) apply(disk, step);
        for (const step of plan(disk, count)) apply(disk, step);
        assert.deepEqual(inOrder(disk), inOrder(start).slice(0, start.size === count + 1 ? count : undefined));
      }
    }
  });
}

test('shift: a plain and a compressed file of one number move together', () => {
  const disk: Disk = new Map([
    ['f.0', 0],
    ['f.1', 1],
    ['f.1.gz', 1],
  ]);
  for (const step of plan(disk, 3)) apply(disk, step);
  assert.deepEqual([...disk.keys()].toSorted(), ['f.1', 'f.2', 'f.2.gz']);
});
