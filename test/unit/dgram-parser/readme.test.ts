/**
 * Runs the examples of the documentation of the export `tsyslogd/dgram-parser`, each as a program of its own.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { builtPath, projectPath } from '../../support/project.ts';

const folder = mkdtempSync(join(tmpdir(), 'dgram-parser-readme-'));
after(() => rmSync(folder, { recursive: true }));

const readme = readFileSync(projectPath('src', 'dgram-parser', 'README.md'), 'utf8');
const examples = [...readme.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map((found) => found[1] ?? '');
const entry = pathToFileURL(builtPath('src', 'dgram-parser', 'index.js')).href;

test('README: there are examples, and all of them check something', () => {
  assert.ok(examples.length >= 4);
  assert.ok(examples.every((code) => code.includes("from 'tsyslogd/dgram-parser'") && code.includes('assert.')));
});

for (const [i, code] of examples.entries()) {
  test(`README: example ${i + 1} does what it says`, () => {
    const program = join(folder, `example-${i + 1}.mjs`);
    writeFileSync(program, code.replaceAll("'tsyslogd/dgram-parser'", JSON.stringify(entry)));
    execFileSync(process.execPath, [program], { stdio: ['ignore', 'pipe', 'pipe'] });
  });
}
