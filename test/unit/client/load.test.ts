/**
 * What a program loads with the client: nothing of the daemon, one native package at most.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { builtPath, projectPath } from '../../support/project.ts';
import { run } from '../../support/receiving.ts';

const SRC = projectPath('src');

/** All that is loaded with a file, types left out. */
function loadedWith(path: string, found = new Set<string>()): Set<string> {
  if (found.has(path)) return found;
  found.add(path);
  const text = readFileSync(join(SRC, path), 'utf8');
  for (const [, type, names = '', specifier = ''] of text.matchAll(
    /^(?:import|export) (type )?([^;']*?)from '([^']+)';/gm,
  )) {
    const onlyTypes = type !== undefined || /^\{(?:\s*type \w+,?)+\s*\}\s*$/.test(names);
    if (onlyTypes) continue;
    if (specifier.startsWith('.')) loadedWith(relative(SRC, join(SRC, dirname(path), specifier)), found);
    else found.add(specifier);
  }
  return found;
}

for (const [entry, allowed] of [
  ['client/index.ts', /^(?:client\/(?:message\/|send\/)?[a-z0-9-]+\.ts|protocol\/|sys\/(?:call|link|socket)\/|node:)/],
  ['client/pino/pino.ts', /^(?:client\/|protocol\/|sys\/(?:call|link|socket)\/|node:)/],
  ['client/winston/winston.ts', /^(?:client\/|protocol\/|sys\/(?:call|link|socket)\/|node:)/],
] as const)
  test(`${entry} loads the client, the protocol and the kernel, no package and nothing of the daemon`, () => {
    const loaded = [...loadedWith(entry)];
    assert.ok(loaded.includes('client/send/sender.ts') && loaded.includes('node:os'), 'imports were found');
    assert.deepEqual(
      loaded.filter((name) => !allowed.test(name)),
      [],
    );
    assert.ok(loaded.length < 50, `${loaded.length} files`);
  });

async function nativeLibraries(body: string): Promise<unknown> {
  const client = JSON.stringify(pathToFileURL(builtPath('src', 'client', 'index.js')).href);
  const text = `
const { readFileSync } = await import('node:fs');
const { SyslogClient } = await import(${client});
${body}
console.log(JSON.stringify([...new Set(readFileSync('/proc/self/maps', 'latin1').match(/[^/]+\\.node$/gm) ?? [])]));`;
  const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', text]);
  assert.equal(stderr, '');
  return JSON.parse(stdout);
}

test('no native code before the first message, koffi alone after it', async () => {
  assert.deepEqual(await nativeLibraries(''), []);
  assert.deepEqual(await nativeLibraries("new SyslogClient({ path: '/nowhere', exitMs: 0, cons: true }).info('x');"), [
    'koffi.node',
  ]);
});

test('the package exports the client with its types', () => {
  const found: unknown = JSON.parse(readFileSync(projectPath('package.json'), 'utf8'));
  assert.ok(typeof found === 'object' && found !== null && 'exports' in found);
  const { exports } = found;
  assert.ok(typeof exports === 'object' && exports !== null);
  for (const [name, file] of [
    ['./client', 'index'],
    ['./client/pino', 'pino/pino'],
    ['./client/winston', 'winston/winston'],
  ] as const) {
    const entry: unknown = new Map<string, unknown>(Object.entries(exports)).get(name);
    const base = `./build/src/client/${file}`;
    assert.deepEqual(entry, { types: `${base}.d.ts`, default: `${base}.js` });
    assert.ok(readFileSync(projectPath(`${base}.d.ts`), 'utf8').includes('export'));
  }
});
