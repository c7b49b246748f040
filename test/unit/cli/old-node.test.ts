/**
 * A Node.js that is too old for the programs is told in one line, before anything is loaded that it would not
 * understand.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { TestDaemon } from '../../support/daemon.ts';
import { builtPath, projectPath } from '../../support/project.ts';

const PROGRAMS = ['tsyslogd', 'tsyslogctl'] as const;

/** As `node PROGRAM --version`, where the version of Node.js itself would be `version`. */
function runAs(dir: string, program: string, version: string): readonly [number | null, string, string] {
  const preload = `${dir}/version.cjs`;
  writeFileSync(
    preload,
    `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } });`,
  );
  const file = builtPath('src', 'cli', `${program}.cjs`);
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-r', preload, file, '--version'], {
    encoding: 'utf8',
  });
  return [status, stdout, stderr];
}

for (const program of PROGRAMS) {
  for (const version of ['6.17.1', '18.20.8', '20.18.3'])
    test(`${program}: Node.js ${version} is refused in one line, with status 1`, (t) => {
      const said = `${program}: Node.js ${version} is too old: expected 20.19 or newer\n`;
      assert.deepEqual(runAs(TestDaemon.folder(t), program, version), [1, '', said]);
    });

  for (const version of ['20.19.0', '21.0.0', '22.0.0', '100.1.2'])
    test(`${program}: Node.js ${version} is accepted`, (t) => {
      const [status, stdout, stderr] = runAs(TestDaemon.folder(t), program, version);
      assert.deepEqual([status, stderr], [0, '']);
      assert.match(stdout, new RegExp(`^${program} \\d`));
    });
}

test('the version that is expected is that of package.json', () => {
  const text = readFileSync(projectPath('package.json'), 'utf8');
  assert.match(text, /"node": ">=20\.19"/);
});

/** What Node.js 6 does not understand. */
const NEWER =
  /\?\.|\?\?|\*\*=|\.\.\.|\basync\b|\bawait\b|\bimport\b|\bexport\b|catch \{|#\w|\bclass\b|=>\s*\{[^}]*\byield\b|\d_\d|\d+n\b/;

test('what is loaded before the check is in syntax that old versions understand', () => {
  for (const file of [...PROGRAMS, 'check-node']) {
    const code = readFileSync(builtPath('src', 'cli', `${file}.cjs`), 'utf8')
      .replace(/^#!.*/, '')
      .replaceAll(/\/\*[\s\S]*?\*\//g, '');
    assert.doesNotMatch(code, NEWER, file);
    const loaded = [...code.matchAll(/require\('([^']+)'\)/g)].map(([, name]) => name);
    assert.deepEqual(loaded, file === 'check-node' ? [] : ['./check-node.cjs', `./${file}/process.cjs`]);
  }
});
