/**
 * The one file that tlogger is started from: it holds all that the program may load, and does the same as the modules.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { builtPath } from '../../../support/project.ts';

const BUNDLE = builtPath('src', 'cli', 'tlogger', 'bundle.cjs');
const MODULES = builtPath('src', 'cli', 'tlogger', 'run.js');

execFileSync(process.execPath, [builtPath('tools', 'bundle-tlogger.js')]);

function run(from: string, args: readonly string[]): readonly unknown[] {
  const load = from === BUNDLE ? `require('${BUNDLE}')` : `import('${MODULES}')`;
  const code = `process.argv.splice(1, 0, 'tlogger'); ${load}`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', code, '--', ...args], {
    encoding: 'utf8',
    input: 'MESSAGE=x\n',
  });
  return [status, stdout, stderr];
}

for (const args of [
  ['--help'],
  ['--version'],
  ['--bogus'],
  ['--journald', '--no-act', '-s'],
  ['--rfc5424=notime', '--no-act', '-s', '-n', '127.0.0.1', '-P', '9', '-t', 't'],
  ['-u', '/nonexistent', '--wait', 'x'],
  ['-f', '/nonexistent'],
])
  test(`the bundle does as the modules do: ${args.join(' ')}`, () => {
    assert.deepEqual(run(BUNDLE, args), run(MODULES, args));
  });

test('the bundle loads no module of the project but itself', () => {
  const code = readFileSync(BUNDLE, 'utf8');
  assert.deepEqual(code.match(/\b(?:import|require)\(['"]\.[^)]*\)/g), null);
  // What is imported late is a function that has not been called yet.
  assert.match(code, /\binit_portable_network = __esm\(/);
});
