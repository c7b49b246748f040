/**
 * CONTRIBUTING.md names only what there is: paths, scripts of package.json, compiled programs, identifiers.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { projectPath } from '../../support/project.ts';

const PAGE = readFileSync(projectPath('CONTRIBUTING.md'), 'utf8');
/** What begins with a folder of the project, or is a page at its top. */
const PATHS = /(?<![\w./-])(?:(?:src|test|docs|etc|bench|\.ci)\/[\w./-]*\w|[A-Z]+\.md)/g;

function unique(words: Iterable<string>): readonly string[] {
  return [...new Set(words)].toSorted();
}

test('every path exists', () => {
  const paths = unique(PAGE.match(PATHS) ?? []);
  assert.ok(paths.length > 30, `${paths.length} paths were found`);
  assert.deepEqual(
    paths.filter((path) => !existsSync(projectPath(path))),
    [],
  );
});

test('every program of a command is compiled from a source', () => {
  const programs = unique([...PAGE.matchAll(/\bnode build\/([\w./-]+)\.js/g)].map((found) => found[1] ?? ''));
  assert.ok(programs.length > 2);
  assert.deepEqual(
    programs.filter((program) => !existsSync(projectPath(`${program}.ts`))),
    [],
  );
});

test('every script exists, and every script for people is named', () => {
  const manifest: unknown = JSON.parse(readFileSync(projectPath('package.json'), 'utf8'));
  assert.ok(typeof manifest === 'object' && manifest !== null && 'scripts' in manifest);
  assert.ok(typeof manifest.scripts === 'object' && manifest.scripts !== null);
  const scripts = Object.keys(manifest.scripts).filter((name) => !name.startsWith('pre'));
  const named = unique([
    ...[...PAGE.matchAll(/\bnpm run ([\w:-]+)/g)].map((found) => found[1] ?? ''),
    ...[...PAGE.matchAll(/\bnpm (start|test)\b/g)].map((found) => found[1] ?? ''),
  ]);
  assert.deepEqual(named, scripts.toSorted());
});

test('every identifier in a list of files stands in one of the files that its item names', () => {
  const items = PAGE.split(/\n(?=\d\. |\n)/).filter((item) => /^\d\. /.test(item));
  assert.ok(items.length > 20);
  const missing = items.flatMap((item) => {
    const files = (item.match(PATHS) ?? []).filter((path) => path.endsWith('.ts'));
    const text = files.map((path) => readFileSync(projectPath(path), 'utf8')).join('\n');
    const names = [...item.matchAll(/`([A-Za-z_]+)`/g)].map((found) => found[1] ?? '');
    return names.filter((name) => files.length > 0 && !text.includes(name));
  });
  assert.deepEqual(missing, []);
});

test('every option of a program of ours is known to it', () => {
  const sources = ['test/run.ts', 'test/runner/options.ts', 'test/nightly/parser.ts', 'bench/compare/plan.ts']
    .map((path) => readFileSync(projectPath(path), 'utf8'))
    .join('\n');
  const commands = PAGE.match(/(?:npm run bench|node build\/test\/)[^\n`]*/g) ?? [];
  const options = unique(
    commands.flatMap((command) => [...command.matchAll(/ --([a-z]+)/g)].map((found) => found[1] ?? '')),
  );
  assert.ok(options.length > 5);
  assert.deepEqual(
    options.filter((option) => !new RegExp(`\\b${option}\\b`).test(sources)),
    [],
  );
});
