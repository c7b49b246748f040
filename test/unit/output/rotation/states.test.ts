/**
 * What an interrupted rotation or compression leaves on the disk, state by state, and what the next start makes of
 * it. The states are those of the table in rotation/disk.ts.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { FILE_OPS } from '../../../../src/output/rotation/disk.ts';
import { cleanUp } from '../../../support/daemon.ts';
import { allLines, namesBeside, RotationRig } from '../../../support/rotation-rig.ts';

function text(...names: readonly string[]): string {
  return names.map((name) => `line ${name}\n`).join('');
}

function gz(...names: readonly string[]): Buffer {
  return gzipSync(text(...names));
}

type Files = Readonly<Record<string, string | Buffer>>;

interface State {
  readonly title: string;
  readonly files: Files;
  /** Names once it is open and everything is compressed. */
  readonly settled: readonly string[];
  /** Names of lines, the oldest first. */
  readonly lines: readonly string[];
}

/** A good compressed file, cut off in its middle. */
function half(...names: readonly string[]): Buffer {
  const whole = gz(...names);
  return whole.subarray(0, whole.length / 2);
}

const STATES: readonly State[] = [
  { title: 'nothing', files: {}, settled: ['f'], lines: [] },
  {
    title: 'the new file is made, nothing moved',
    files: { f: text('a'), '.f.tsyslogd-new': '' },
    settled: ['f'],
    lines: ['a'],
  },
  {
    title: 'the shift was interrupted at its first step',
    files: { f: text('d'), 'f.0': text('c'), 'f.1.gz': gz('b'), 'f.3.gz': gz('a'), '.f.tsyslogd-new': '' },
    settled: ['f', 'f.0', 'f.1.gz', 'f.3.gz'],
    lines: ['a', 'b', 'c', 'd'],
  },
  {
    title: 'the shift is done, the file not moved yet',
    files: { f: text('c'), 'f.1': text('b'), 'f.2.gz': gz('a'), '.f.tsyslogd-new': '' },
    settled: ['f', 'f.1.gz', 'f.2.gz'],
    lines: ['a', 'b', 'c'],
  },
  {
    title: 'the file is moved, the new one has not its name yet',
    files: { 'f.0': text('c'), 'f.1': text('b'), 'f.2.gz': gz('a'), '.f.tsyslogd-new': '' },
    settled: ['f', 'f.0', 'f.1.gz', 'f.2.gz'],
    lines: ['a', 'b', 'c'],
  },
  {
    title: 'rotated, nothing compressed',
    files: { f: '', 'f.0': text('b'), 'f.1': text('a') },
    settled: ['f', 'f.0', 'f.1.gz'],
    lines: ['a', 'b'],
  },
  {
    title: 'several old files wait to be compressed',
    files: { f: '', 'f.0': text('d'), 'f.1': text('c'), 'f.2': text('b'), 'f.3': text('a') },
    settled: ['f', 'f.0', 'f.1.gz', 'f.2.gz', 'f.3.gz'],
    lines: ['a', 'b', 'c', 'd'],
  },
  {
    title: 'compression has begun',
    files: { f: '', 'f.0': text('b'), 'f.1': text('a'), '.f.tsyslogd-gz': half('a') },
    settled: ['f', 'f.0', 'f.1.gz'],
    lines: ['a', 'b'],
  },
  {
    title: 'compression is complete, the name not given',
    files: { f: '', 'f.0': text('b'), 'f.1': text('a'), '.f.tsyslogd-gz': gz('a') },
    settled: ['f', 'f.0', 'f.1.gz'],
    lines: ['a', 'b'],
  },
  {
    title: 'compressed, the source not removed',
    files: { f: '', 'f.0': text('b'), 'f.1': text('a'), 'f.1.gz': gz('a') },
    settled: ['f', 'f.0', 'f.1.gz'],
    lines: ['a', 'b'],
  },
  {
    title: 'compressed and moved on meanwhile, the source not removed',
    files: { f: '', 'f.0': text('c'), 'f.1': text('b'), 'f.2': text('a'), 'f.2.gz': gz('a') },
    settled: ['f', 'f.0', 'f.1.gz', 'f.2.gz'],
    lines: ['a', 'b', 'c'],
  },
  {
    title: 'a leftover partial file of a source that is gone',
    files: { f: text('a'), '.f.tsyslogd-gz': gz('x') },
    settled: ['f'],
    lines: ['a'],
  },
  {
    title: 'a half compressed file beside its source, as gzip(1) leaves it',
    files: { f: '', 'f.0': text('b'), 'f.1': text('a'), 'f.1.gz': half('a') },
    settled: ['f', 'f.0', 'f.1.gz'],
    lines: ['a', 'b'],
  },
  {
    title: 'an empty compressed file beside its source',
    files: { f: '', 'f.1': text('a'), 'f.1.gz': '' },
    settled: ['f', 'f.1.gz'],
    lines: ['a'],
  },
  {
    title: 'a torn last line',
    files: { f: 'line a', 'f.0': '' },
    settled: ['f', 'f.0'],
    lines: ['a'],
  },
  {
    title: 'everything at once',
    files: {
      'f.0': text('d'),
      'f.1': text('c'),
      'f.1.gz': gz('c'),
      'f.2': text('b'),
      'f.3.gz': gz('a'),
      '.f.tsyslogd-new': '',
      '.f.tsyslogd-gz': half('b'),
    },
    settled: ['f', 'f.0', 'f.1.gz', 'f.2.gz', 'f.3.gz'],
    lines: ['a', 'b', 'c', 'd'],
  },
];

async function start(t: test.TestContext, files: Files, ops = FILE_OPS): Promise<RotationRig> {
  const dir = mkdtempSync(join(tmpdir(), 'tsyslogd-'));
  cleanUp(t, () => rmSync(dir, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(dir, name), content);
  const rig = new RotationRig(join(dir, 'f'), { rule: { sizeBytes: 7, interval: null, count: 20 }, ops });
  cleanUp(t, () => rig.close());
  assert.equal(await rig.output.open(false), null);
  return rig;
}

for (const { title, files, settled, lines } of STATES) {
  test(`state: ${title}: put in order at the start`, async (t) => {
    const rig = await start(t, files);
    await rig.compressed();
    assert.deepEqual(namesBeside(rig.path), settled.toSorted());
    assert.deepEqual(
      allLines(rig.path),
      lines.map((name) => `line ${name}`),
    );
    assert.deepEqual(rig.reports, []);
  });

  test(`state: ${title}: rotations that follow at once lose and double nothing`, async (t) => {
    const rig = await start(t, files);
    for (const name of ['v', 'w', 'x', 'y', 'z']) await rig.write([`line ${name}`]);
    await rig.compressed();
    const expected = [...lines, 'v', 'w', 'x', 'y', 'z'].map((name) => `line ${name}`);
    assert.deepEqual(allLines(rig.path), expected);
    assert.ok(!namesBeside(rig.path).some((name) => name.startsWith('.')));
  });
}

test('state: a sound compressed file of other content is kept beside the plain one, through rotations too', async (t) => {
  const rig = await start(t, { 'f.0': text('c'), 'f.1': text('b'), 'f.1.gz': gz('a') });
  await rig.rotations.compressor.settled();
  assert.deepEqual(namesBeside(rig.path), ['f', 'f.0', 'f.1', 'f.1.gz']);
  for (const name of ['x', 'y', 'z']) await rig.write([`line ${name}`]);
  await rig.rotations.compressor.settled();
  assert.deepEqual(
    allLines(rig.path).toSorted(),
    ['a', 'b', 'c', 'x', 'y', 'z'].map((name) => `line ${name}`),
  );
});

test('state: a file of the name of the new one that holds something is not ours: kept, and told', async (t) => {
  const rig = await start(t, { f: text('a'), '.f.tsyslogd-new': 'precious' });
  await rig.write(['line b', 'line c']);
  assert.deepEqual(rig.reports, [`cannot rotate file "${rig.path}": file already exists`]);
  assert.equal(statSync(join(dirname(rig.path), '.f.tsyslogd-new')).size, 8);
});

test('compression that fails leaves the source, tells it once, and nothing half done', async (t) => {
  const open: typeof FILE_OPS.open = (path, flags, mode) =>
    path.endsWith('-gz') ? Promise.reject(new Error('no room')) : FILE_OPS.open(path, flags, mode);
  const rig = await start(t, { f: '' }, { ...FILE_OPS, open });
  for (const name of ['a', 'b', 'c', 'd', 'e']) {
    await rig.write([`line ${name}`]);
    await rig.rotations.compressor.settled();
  }
  assert.deepEqual(namesBeside(rig.path), ['f', 'f.0', 'f.1', 'f.2', 'f.3']);
  assert.deepEqual(
    rig.reports.filter((line) => line.startsWith('cannot')),
    [`cannot compress old files of "${rig.path}": no room`],
  );
});
