/**
 * `include`: order, nesting, loops, and what cannot be read. The real file system included.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createFileSource } from '../../../src/conf/file-source.ts';
import { parseConfiguration } from '../../../src/conf/parse.ts';
import { describeRule, MAIN, memorySource, parseText, problemsOf, rulesOf } from '../../support/conf-source.ts';

test('files are read in the order of their names, where the line stands', () => {
  const files = { '/etc/d/20.conf': '*.* /c', '/etc/d/10.conf': '*.* /b', '/etc/d/x': '*.* /no' };
  assert.deepEqual(rulesOf('*.* /a\ninclude /etc/d/*.conf\n*.* /d', files), ['/a', '/b', '/c', '/d']);
});

test('a pattern without matches is fine', () => assert.deepEqual(rulesOf('include /none/*.conf\n*.* /a'), ['/a']));

test('included files may include, relative to their own folder', () => {
  const files = { '/etc/d/a.conf': 'include e/b.conf\n*.* ./a', '/etc/d/e/b.conf': '*.* ./b\nfile_mode 600' };
  const parsed = parseText('include = d/a.conf', files);
  assert.deepEqual(parsed.configuration.rules.map(describeRule), ['/etc/d/e/b', '/etc/d/a']);
  assert.deepEqual(parsed.configuration.files, [MAIN, '/etc/d/a.conf', '/etc/d/e/b.conf']);
  assert.equal(parsed.configuration.directives.fileMode, 0o600);
});

test('the same file may be included twice', () => {
  assert.deepEqual(rulesOf('include a\ninclude a', { '/etc/a': '*.* /x' }), ['/x', '/x']);
});

test('a loop is refused with the place of the include that closes it', () => {
  assert.deepEqual(problemsOf(parseText(`*.* /x\ninclude ${MAIN}`)), [
    `${MAIN}:2:9: \`${MAIN}\` includes itself: expected no include loop`,
  ]);
  const files = { '/etc/a': 'include /etc/b', '/etc/b': '\n  include /etc/a' };
  assert.deepEqual(problemsOf(parseText('include /etc/a', files)), [
    '/etc/b:2:11: `/etc/a` includes itself: expected no include loop',
  ]);
});

test('mistakes in included files are told with their file', () => {
  const parsed = parseText('include /etc/a\nmial.* /x', { '/etc/a': '\nkern.inof /x' });
  assert.deepEqual(
    problemsOf(parsed).map((problem) => problem.split(': ')[0]),
    ['/etc/a:2:6', `${MAIN}:2:1`],
  );
});

test('an included file that cannot be read is told, the rest is read', () => {
  const source = memorySource({ [MAIN]: 'include /etc/a\n*.* /x' });
  const parsed = parseConfiguration(MAIN, { ...source, glob: () => ['/etc/a'] });
  assert.deepEqual(problemsOf(parsed), [`${MAIN}:1:9: cannot read \`/etc/a\`: ENOENT: no such file, open '/etc/a'`]);
  assert.equal(parsed.configuration.rules.length, 1);
});

test('includes nested too deep are refused', () => {
  const files: Record<string, string> = {};
  for (let level = 0; level < 40; level++) files[`/etc/${level}`] = `include /etc/${level + 1}`;
  assert.deepEqual(problemsOf(parseText('include /etc/0', { ...files, '/etc/40': '' })), [
    '/etc/30:1:9: too many included files at `/etc/31`: expected at most 10000, nested 32 deep',
  ]);
});

test('includes that multiply come to an end', () => {
  const files: Record<string, string> = { '/etc/20': '' };
  for (let level = 0; level < 20; level++) files[`/etc/${level}`] = `include /etc/${level + 1}\n`.repeat(2);
  const parsed = parseText('include /etc/0', files);
  assert.equal(parsed.configuration.files.length, 10_000);
  assert.match(problemsOf(parsed)[0] ?? '', /too many included files/);
});

test('the error of the main file is thrown unchanged', () => {
  assert.throws(() => parseConfiguration('/nowhere/t.conf', createFileSource()), { code: 'ENOENT', syscall: 'open' });
});

const folder = mkdtempSync(join(tmpdir(), 'tsyslogd-include-'));
after(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

test('the file system: glob, folder, plain name, link, hidden file, loop through a link', () => {
  mkdirSync(join(folder, 'd'));
  mkdirSync(join(folder, 'd', 'folder.conf'));
  write('d/b.conf', '*.* ./b');
  write('d/a.conf', '*.* /a');
  write('d/.hidden.conf', '*.* /hidden');
  write('d/other', '*.* /other');
  symlinkSync('other', join(folder, 'd', 'link.conf'));
  const main = write('main.conf', 'include d/[ab].conf\ninclude d\ninclude d/other\ninclude self.conf\n');
  symlinkSync('main.conf', join(folder, 'self.conf'));
  const parsed = parseConfiguration(main, createFileSource());
  assert.deepEqual(parsed.configuration.rules.map(describeRule), [
    '/a',
    join(folder, 'd/b'),
    '/a',
    join(folder, 'd/b'),
    '/other',
    '/other',
  ]);
  assert.deepEqual(problemsOf(parsed), [
    `${main}:4:9: \`${join(folder, 'self.conf')}\` includes itself: expected no include loop`,
  ]);
});

test('the file system: a pipe is a command where the path can be run, else a FIFO', () => {
  const main = write('pipes.conf', `*.* |${process.execPath}\n*.* |/dev/null\n*.* |${folder}/none\n`);
  const parsed = parseConfiguration(main, createFileSource());
  assert.deepEqual(parsed.configuration.rules.map(describeRule), [
    `command ${process.execPath}`,
    'fifo /dev/null',
    `fifo ${folder}/none`,
  ]);
});
