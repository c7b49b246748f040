/**
 * One file and its old ones: limits, boundaries, what is kept, what happens when a rotation cannot be done.
 */
import assert from 'node:assert/strict';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { FILE_OPS } from '../../../../src/output/rotation/disk.ts';
import type { RotationRule } from '../../../../src/output/rotation/rotating-file.ts';
import { cleanUp } from '../../../support/daemon.ts';
import { allLines, modeOf, namesBeside, type RigOptions, RotationRig } from '../../../support/rotation-rig.ts';
import { until } from '../../../support/until.ts';

function folder(t: test.TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'tsyslogd-'));
  cleanUp(t, () => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

function rule(part: Partial<RotationRule>): RotationRule {
  return { sizeBytes: null, interval: null, count: 5, ...part };
}

async function open(t: test.TestContext, path: string, options: RigOptions): Promise<RotationRig> {
  const rig = new RotationRig(path, options);
  cleanUp(t, () => rig.close());
  assert.equal(await rig.output.open(false), null);
  return rig;
}

const TEN = '123456789';
const root = process.getuid?.() === 0 ? false : 'needs root';

test('size: a file takes records up to the limit exactly; the next one goes into a new file', async (t) => {
  const path = join(folder(t), 'f');
  const rig = await open(t, path, { rule: rule({ sizeBytes: 30 }) });
  for (let i = 0; i < 3; i++) await rig.write([TEN]);
  assert.deepEqual(namesBeside(path), ['f']);
  await rig.write([TEN]);
  assert.deepEqual(namesBeside(path), ['f', 'f.0']);
  assert.equal(statSync(`${path}.0`).size, 30);
  assert.equal(statSync(path).size, 10);
});

test('size: a batch that passes the limit by far is cut at the ends of records', async (t) => {
  const path = join(folder(t), 'f');
  const rig = await open(t, path, { rule: rule({ sizeBytes: 64, count: 1000 }) });
  const lines = Array.from({ length: 200 }, (_, i) => `${i} ${'x'.repeat(i % 40)}`);
  await rig.write(lines);
  await rig.compressed();
  assert.deepEqual(allLines(path), lines);
  assert.ok(namesBeside(path).length > 40);
  assert.ok(statSync(`${path}.0`).size <= 64);
});

test('size: records longer than the limit get a file each', async (t) => {
  const path = join(folder(t), 'f');
  const rig = await open(t, path, { rule: rule({ sizeBytes: 8 }) });
  await rig.write([`a${TEN}`, `b${TEN}`, `c${TEN}`]);
  await rig.compressed();
  assert.deepEqual(namesBeside(path), ['f', 'f.0', 'f.1.gz']);
  assert.deepEqual(allLines(path), [`a${TEN}`, `b${TEN}`, `c${TEN}`]);
});

test('names: the newest plain, the others compressed, as many as the count says', async (t) => {
  const path = join(folder(t), 'f');
  const rig = await open(t, path, { rule: rule({ sizeBytes: 10, count: 2 }) });
  for (const line of ['a', 'b', 'c', 'd', 'e', 'f']) {
    await rig.write([`${line}23456789`]);
    await rig.compressed();
  }
  assert.deepEqual(namesBeside(path), ['f', 'f.0', 'f.1.gz', 'f.2.gz']);
  assert.deepEqual(
    allLines(path).map((line) => line.charAt(0)),
    ['c', 'd', 'e', 'f'],
  );
});

test('count 1 keeps two old files; those beyond a smaller count are not touched', async (t) => {
  const path = join(folder(t), 'f');
  writeFileSync(`${path}.4`, 'four\n');
  const rig = await open(t, path, { rule: rule({ sizeBytes: 10, count: 1 }) });
  for (const line of ['a', 'b', 'c', 'd']) await rig.write([`${line}23456789`]);
  const expected = ['f', 'f.0', 'f.1.gz', 'f.4'];
  await until('there are two old files', () => namesBeside(path).join() === expected.join());
});

test('a folder and a link among the old files, beside a compressed file of their number, hold up no rotation', async (t) => {
  const path = join(folder(t), 'f');
  mkdirSync(`${path}.0`);
  writeFileSync(`${path}.0.gz`, gzipSync('old\n'));
  symlinkSync('/nonexistent', `${path}.1`);
  writeFileSync(`${path}.1.gz`, gzipSync('older\n'));
  const rig = await open(t, path, { rule: rule({ sizeBytes: 10 }) });
  await rig.write([TEN, TEN]);
  assert.deepEqual(namesBeside(path), ['f', 'f.0', 'f.1', 'f.1.gz', 'f.2', 'f.2.gz']);
  assert.equal(statSync(path).size, 10);
  assert.ok(statSync(`${path}.1`).isDirectory());
});

test('count 0 empties the file in place', async (t) => {
  const path = join(folder(t), 'f');
  const rig = await open(t, path, { rule: rule({ sizeBytes: 20, count: 0 }) });
  const { ino } = statSync(path);
  await rig.write(['a23456789', 'b23456789']);
  await rig.write(['c23456789']);
  assert.equal(readFileSync(path, 'latin1'), 'c23456789\n');
  assert.equal(statSync(path).ino, ino);
  assert.deepEqual(namesBeside(path), ['f']);
});

test('mode, owner and group of the old file are kept', { skip: root }, async (t) => {
  const path = join(folder(t), 'f');
  writeFileSync(path, `${TEN}\n`);
  chownSync(path, 4321, 1234);
  chmodSync(path, 0o604);
  const rig = await open(t, path, { rule: rule({ sizeBytes: 10 }) });
  await rig.write([TEN, TEN]);
  await rig.compressed();
  for (const name of ['f', 'f.0', 'f.1.gz']) {
    const stats = statSync(join(path, '..', name));
    assert.deepEqual([stats.uid, stats.gid, stats.mode & 0o7777], [4321, 1234, 0o604], name);
  }
});

test('owner= and group= are carried out for a new file, by number and by name', { skip: root }, async (t) => {
  const path = join(folder(t), 'f');
  const rig = await open(t, path, { rule: null, output: { owner: { owner: '4321', group: 'daemon' }, mode: 0o660 } });
  assert.deepEqual([statSync(path).uid, modeOf(path)], [4321, 0o660]);
  assert.notEqual(statSync(path).gid, 0);
  assert.deepEqual(rig.reports, []);
});

test('owner= that nobody has is told once; the file is written all the same', async (t) => {
  const path = join(folder(t), 'f');
  const rig = await open(t, path, { rule: null, output: { owner: { owner: 'nobody-has-this', group: null } } });
  await rig.write(['line']);
  rmSync(path);
  rig.output.reopen();
  await until('the file is back', () => existsSync(path));
  assert.deepEqual(rig.reports, [
    `cannot set the owner of file "${path}": no such user in /etc/passwd: "nobody-has-this"`,
  ]);
});

test('a compressed file keeps the time of its source', async (t) => {
  const path = join(folder(t), 'f');
  writeFileSync(`${path}.1`, `${TEN}\n`);
  utimesSync(`${path}.1`, 1_000_000_000, 1_000_000_000);
  const rig = await open(t, path, { rule: rule({ sizeBytes: 10 }) });
  await rig.compressed();
  assert.equal(statSync(`${path}.1.gz`).mtimeMs, 1_000_000_000_000);
});

test('time: a file is rotated at the boundary without a further record, an empty one is not', async (t) => {
  const dir = folder(t);
  let nowMs = new Date(2026, 10, 20, 12).getTime();
  const rig = await open(t, join(dir, 'f'), { rule: rule({ interval: 'daily' }), now: () => nowMs });
  const idle = await open(t, join(dir, 'idle'), { rule: rule({ interval: 'daily' }), now: () => nowMs });
  await rig.write(['yesterday']);
  nowMs = new Date(2026, 10, 21).getTime();
  rig.rotations.clock.look();
  idle.rotations.clock.look();
  await until('it is rotated', () => existsSync(join(dir, 'f.0')) && existsSync(join(dir, 'f')));
  await rig.write(['today']);
  await idle.write(['today']);
  assert.deepEqual(allLines(join(dir, 'f')), ['yesterday', 'today']);
  assert.deepEqual(namesBeside(join(dir, 'idle')), ['idle']);
  assert.deepEqual(rig.reports, [`rotated file "${join(dir, 'f')}"`]);
});

test('time: a record after the boundary goes into the new file, even before the timer', async (t) => {
  const path = join(folder(t), 'f');
  let nowMs = new Date(2026, 10, 20, 12).getTime();
  const rig = await open(t, path, { rule: rule({ interval: 'hourly' }), now: () => nowMs });
  await rig.write(['before']);
  nowMs += 3_600_000;
  await rig.write(['after']);
  assert.equal(readFileSync(`${path}.0`, 'latin1'), 'before\n');
  assert.equal(readFileSync(path, 'latin1'), 'after\n');
});

test('time: a boundary that passed while the daemon was down is made up for at the start', async (t) => {
  const dir = folder(t);
  const nowMs = new Date(2026, 10, 20, 12).getTime();
  const day = (date: number): number => new Date(2026, 10, date, 11).getTime() / 1000;
  for (const [name, date] of [
    ['old', 19],
    ['new', 20],
  ] as const) {
    writeFileSync(join(dir, name), 'line\n');
    utimesSync(join(dir, name), day(date), day(date));
    await open(t, join(dir, name), { rule: rule({ interval: 'daily' }), now: () => nowMs });
  }
  await until('the old one is rotated', () => existsSync(join(dir, 'old.0')) && existsSync(join(dir, 'old')));
  assert.deepEqual(namesBeside(join(dir, 'new')), ['new']);
});

test('time: a torn last line of yesterday still counts as yesterday', async (t) => {
  const path = join(folder(t), 'f');
  writeFileSync(path, 'torn');
  const nowMs = Date.now() + 3 * 86_400_000;
  await open(t, path, { rule: rule({ interval: 'daily' }), now: () => nowMs });
  await until('it is rotated', () => existsSync(`${path}.0`) && existsSync(path));
  assert.equal(readFileSync(`${path}.0`, 'latin1'), 'torn\n');
});

test('request: rotated at once, told each time; an empty file is left alone', async (t) => {
  const path = join(folder(t), 'f');
  const rig = await open(t, path, { rule: rule({}) });
  assert.equal(rig.output.rotate(), true);
  await rig.write(['one']);
  assert.deepEqual(namesBeside(path), ['f']);
  rig.output.rotate();
  await until('it is rotated', () => rig.reports.length === 1);
  await rig.write(['two']);
  rig.output.rotate();
  await until('it is rotated again', () => rig.reports.length === 2);
  await rig.compressed();
  assert.deepEqual(allLines(path), ['one', 'two']);
});

test('request: an output without rotation says so', async (t) => {
  const rig = await open(t, join(folder(t), 'f'), { rule: null });
  assert.equal(rig.output.rotate(), false);
});

test('a file behind a symbolic link is rotated where it lies; the link stays', async (t) => {
  const dir = folder(t);
  mkdirSync(join(dir, 'data'));
  symlinkSync(join(dir, 'data', 'f'), join(dir, 'link'));
  const rig = await open(t, join(dir, 'link'), { rule: rule({ sizeBytes: 10 }) });
  await rig.write(['a23456789', 'b23456789']);
  assert.deepEqual(namesBeside(join(dir, 'data', 'f')), ['f', 'f.0']);
  assert.deepEqual(namesBeside(join(dir, 'link')), ['link']);
});

test('a file that was truncated by another is filled up again before it is rotated', async (t) => {
  const path = join(folder(t), 'f');
  const rig = await open(t, path, { rule: rule({ sizeBytes: 20 }) });
  await rig.write([TEN, TEN]);
  truncateSync(path);
  await rig.write([TEN, TEN]);
  assert.deepEqual(namesBeside(path), ['f']);
  await rig.write([TEN]);
  assert.deepEqual(namesBeside(path), ['f', 'f.0']);
});

test('a file that was moved away by another is not rotated, and nothing put in its place is moved', async (t) => {
  const path = join(folder(t), 'f');
  const rig = await open(t, path, { rule: rule({ sizeBytes: 20 }) });
  await rig.write([TEN, TEN]);
  renameSync(path, `${path}-moved`);
  writeFileSync(path, '');
  await rig.write([TEN]);
  assert.equal(existsSync(`${path}.0`), false);
  rig.output.reopen();
  await rig.write(['after']);
  assert.equal(readFileSync(path, 'latin1'), 'after\n');
  assert.equal(statSync(`${path}-moved`).size, 30);
});

test('a rotation that fails is told once, and the file grows on', async (t) => {
  const path = join(folder(t), 'f');
  const ops = { ...FILE_OPS, rename: () => Promise.reject(new Error('no such luck')) };
  const rig = await open(t, path, { rule: rule({ sizeBytes: 20 }), ops });
  for (let i = 0; i < 10; i++) await rig.write([TEN]);
  assert.deepEqual(rig.reports, [`cannot rotate file "${path}": no such luck`]);
  assert.deepEqual(namesBeside(path), ['f']);
  assert.equal(statSync(path).size, 100);
});

test('a rotation that fails at its last step puts the file back', async (t) => {
  const path = join(folder(t), 'f');
  const rename = (from: string, to: string): Promise<void> =>
    from.endsWith('-new') ? Promise.reject(new Error('no such luck')) : FILE_OPS.rename(from, to);
  const rig = await open(t, path, { rule: rule({ sizeBytes: 20 }), ops: { ...FILE_OPS, rename } });
  for (let i = 0; i < 5; i++) await rig.write([TEN]);
  assert.deepEqual(namesBeside(path), ['f']);
  assert.equal(statSync(path).size, 50);
});

test('two outputs that lead to one file lose and double nothing', async (t) => {
  const path = join(folder(t), 'f');
  const options = { rule: rule({ sizeBytes: 500, count: 1000 }) };
  const first = await open(t, path, options);
  const second = await open(t, path, { ...options, rotations: first.rotations });
  const expected: string[] = [];
  for (let round = 0; round < 100; round++) {
    for (const [name, rig] of [['a', first] as const, ['b', second] as const]) {
      const lines = Array.from({ length: 10 }, (_, i) => `${name}${round * 10 + i}`);
      expected.push(...lines);
      await rig.write(lines);
    }
    if (round % 7 === 0) second.output.reopen();
  }
  await second.close();
  await first.compressed();
  assert.deepEqual(allLines(path).toSorted(), expected.toSorted());
});

test('a file that another output has open is taken as it is: its end may be one that is just being written', async (t) => {
  const path = join(folder(t), 'f');
  const first = await open(t, path, { rule: null });
  await first.write(['whole']);
  appendFileSync(path, 'half of ');
  await open(t, path, { rule: null, rotations: first.rotations });
  assert.equal(readFileSync(path, 'latin1'), 'whole\nhalf of ');
  await first.close();
});

test('an output follows at once when another one rotates the file of both', async (t) => {
  const path = join(folder(t), 'f');
  const first = await open(t, path, { rule: rule({ sizeBytes: 20 }) });
  const second = await open(t, path, { rule: rule({ sizeBytes: 20 }), rotations: first.rotations });
  await first.write([TEN, TEN, TEN]);
  await until('the second has left the old file', async () => {
    await second.write(['x']);
    return readFileSync(path, 'latin1').includes('x');
  });
});
