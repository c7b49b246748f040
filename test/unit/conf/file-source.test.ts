/**
 * What is read as configuration and what is refused: nothing that could hold up a reload or fill the memory.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createFileSource, UnfitFileError } from '../../../src/conf/file-source.ts';
import { parseConfiguration } from '../../../src/conf/parse.ts';
import { problemsOf } from '../../support/conf-source.ts';

const folder = mkdtempSync(join(tmpdir(), 'tsyslogd-source-'));
after(() => rmSync(folder, { recursive: true }));

const source = createFileSource();
const MAX_BYTES = 16 * 1024 * 1024;

const fifo = join(folder, 'fifo');
execFileSync('mkfifo', [fifo]);
mkdirSync(join(folder, 'dir'));

for (const path of [fifo, '/dev/zero', join(folder, 'dir')])
  test(`${path.replace(folder, 'DIR')} is refused, without waiting for it`, () => {
    assert.throws(
      () => source.read(path),
      (error) => error instanceof UnfitFileError && error.message === 'not a regular file',
    );
  });

test('a regular file is read whole, one of /proc too, and /dev/null is an empty one', () => {
  const bytes = Buffer.from('*.* /x # \xff\n'.repeat(20_000), 'latin1');
  writeFileSync(join(folder, 'conf'), bytes);
  assert.deepEqual(source.read(join(folder, 'conf')), bytes);
  assert.match(source.read('/proc/self/status').toString(), /^Name:/);
  assert.equal(source.read('/dev/null').length, 0);
});

test('16 MiB are read, one byte more is refused', () => {
  const path = join(folder, 'large');
  writeFileSync(path, '');
  truncateSync(path, MAX_BYTES);
  assert.equal(source.read(path).length, MAX_BYTES);
  truncateSync(path, MAX_BYTES + 1);
  assert.throws(() => source.read(path), { name: 'UnfitFileError', message: 'larger than 16 MiB' });
});

test('include of what is no regular file is a mistake with its place, not silence', () => {
  const main = join(folder, 'main.conf');
  writeFileSync(main, `include ${fifo}\n*.* /x\n  include /dev/zero\ninclude /dev/null\ninclude ${folder}/*fo\n`);
  const parsed = parseConfiguration(main, source);
  assert.deepEqual(problemsOf(parsed), [
    `${main}:1:9: cannot read \`${fifo}\`: not a regular file`,
    `${main}:3:11: cannot read \`/dev/zero\`: not a regular file`,
  ]);
  assert.equal(parsed.configuration.rules.length, 1);
});
