/**
 * docs/client.md: its example runs, and it names what there is.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as client from '../../../src/client/index.ts';
import { runProgram } from '../../support/client-program.ts';
import { TestDaemon } from '../../support/daemon.ts';
import { builtPath, projectPath } from '../../support/project.ts';
import { until } from '../../support/until.ts';
import { pathToFileURL } from 'node:url';

const manual = readFileSync(projectPath('docs', 'client.md'), 'utf8');

test('the example sends what it says', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: 'local0.* DIR/all' });
  const text = readFileSync(projectPath('docs', 'examples', 'sender.mjs'), 'utf8');
  assert.match(text, /from 'tsyslogd\/client'/);
  const module = JSON.stringify(pathToFileURL(builtPath('src', 'client', 'index.js')).href);
  const own = text.replace("'tsyslogd/client'", module).replace("'/dev/log'", JSON.stringify(daemon.socket));
  const { code, stdout, stderr } = await runProgram(t, daemon.dir, own);
  assert.deepEqual([code, stdout, stderr], [0, '', '']);
  await until('all is written', () => daemon.lines('all').length === 1003);
  const lines = daemon.lines('all').map((line) => line.replace(/^.*? shop\[\d+\]: /, ''));
  assert.equal(lines[0], 'open for business');
  assert.ok(lines[1]?.endsWith('order taken'), lines[1]);
  assert.deepEqual(
    lines.slice(2, 1002),
    Array.from({ length: 1000 }, (_, i) => `item ${i} counted`),
  );
  assert.match(lines[1002] ?? '', /^order not read: /);
});

test('it names every option, and no other', () => {
  const source = readFileSync(projectPath('src', 'client', 'options.ts'), 'utf8');
  const found = /^export interface ClientOptions \{([^}]*)\}/m.exec(source)?.[1] ?? '';
  const options = [...found.matchAll(/^ {2}readonly (\w+)\?:/gm)].map(([, name = '']) => name);
  const table = /^\| option \| default \|([\s\S]*?)\n\n/m.exec(manual)?.[1] ?? '';
  const shown = [...table.matchAll(/^\| `(\w+)` /gm)].map(([, name = '']) => name);
  assert.ok(options.length > 10);
  assert.deepEqual(shown.toSorted(), options.toSorted());
});

test('it names every method and property of SyslogClient', () => {
  const members = Object.getOwnPropertyNames(client.SyslogClient.prototype).filter((name) => name !== 'constructor');
  for (const name of members) assert.match(manual, new RegExp(`\`${name}\\b`), name);
});

test('every function is named', () => {
  for (const [name, value] of Object.entries(client))
    if (typeof value === 'function' && !/^LOG_(?:PRI|FAC|MAKEPRI)$/.test(name))
      assert.match(manual, new RegExp(`\`${name}\\b|\\b${name}\\(`), name);
});
