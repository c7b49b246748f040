/**
 * Rules of the layout that no linter knows: folders by rank, casts and native calls in one folder only, names
 * of files, no module state.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { projectPath } from './support/project.ts';

const RANKS: Readonly<Record<string, number>> = {
  protocol: 0,
  sys: 0,
  'dgram-parser': 1,
  conf: 2,
  format: 2,
  client: 2,
  route: 3,
  repeat: 3,
  input: 4,
  output: 4,
  daemon: 5,
  cli: 6,
};

const SRC = projectPath('src');

interface Source {
  readonly path: string;
  readonly folder: string;
  /** Text without comments and strings. */
  readonly code: string;
  readonly imports: readonly string[];
}

function listSources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return listSources(path);
    return /\.c?ts$/.test(entry.name) ? [path] : [];
  });
}

function stripComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, ' ').replaceAll(/(^|\s)\/\/.*$/gm, ' ');
}

function stripStrings(text: string): string {
  return text.replaceAll(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g, "''");
}

const sources: readonly Source[] = listSources(SRC).map((path) => {
  const text = stripComments(readFileSync(path, 'utf8'));
  const found = text.matchAll(/^(?:import|export)\b[^;']*?from\s+'([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm);
  const imports = [...found].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
  return {
    path: relative(SRC, path),
    folder: relative(SRC, path).split('/')[0] ?? '',
    code: stripStrings(text),
    imports,
  };
});

function folderOf(source: Source, specifier: string): string {
  return relative(SRC, resolve(SRC, dirname(source.path), specifier)).split('/')[0] ?? '';
}

function offenders(of: (source: Source) => readonly string[]): string[] {
  return sources.flatMap((source) => of(source).map((what) => `${source.path}: ${what}`));
}

test('every folder of src has a rank', () => {
  assert.ok(sources.length > 20, 'the sources were found');
  assert.deepEqual(
    [...new Set(sources.map((source) => source.folder))].filter((folder) => RANKS[folder] === undefined),
    [],
  );
});

test('a file imports only from a lower rank or its own folder', () => {
  const found = offenders((source) =>
    source.imports
      .filter((specifier) => specifier.startsWith('.'))
      .filter((specifier) => {
        const folder = folderOf(source, specifier);
        return folder !== source.folder && !((RANKS[folder] ?? 99) < (RANKS[source.folder] ?? -1));
      }),
  );
  assert.deepEqual(found, []);
});

test('input and output do not know each other', () => {
  const found = offenders((source) => {
    const other = source.folder === 'input' ? 'output' : source.folder === 'output' ? 'input' : null;
    return source.imports.filter((specifier) => specifier.startsWith('.') && folderOf(source, specifier) === other);
  });
  assert.deepEqual(found, []);
});

test('the parser is pure: it imports no module of Node but the buffer', () => {
  const found = offenders((source) =>
    source.folder === 'dgram-parser' || source.folder === 'protocol'
      ? source.imports.filter((specifier) => !specifier.startsWith('.') && specifier !== 'node:buffer')
      : [],
  );
  assert.deepEqual(found, []);
});

test('koffi and unix-dgram are named in src/sys only', () => {
  const found = sources
    .filter((source) => source.folder !== 'sys')
    .filter((source) => source.imports.some((specifier) => specifier === 'koffi' || specifier === 'unix-dgram'))
    .map((source) => source.path);
  assert.deepEqual(found, []);
});

test('programs are started in src/sys only: failures of spawn are easily missed', () => {
  const found = sources
    .filter((source) => source.folder !== 'sys')
    .filter((source) => /\bspawn\(|\bexecFile\(|\bfork\(/.test(source.code))
    .map((source) => source.path);
  assert.deepEqual(found, []);
});

test('casts stand in src/sys only', () => {
  const found = offenders((source) => {
    if (source.folder === 'sys') return [];
    const code = source.code.replaceAll(/^(?:import|export)\b[^;]*?\bfrom\b[^;]*;/gm, '');
    return [...code.matchAll(/[\w)\]}]\s+as\s+(?!const\b)[A-Za-z{[(]\w*/g)].map((cast) => cast[0]);
  });
  assert.deepEqual(found, []);
});

test('no type any, no silenced checks', () => {
  const silenced = offenders((source) => {
    const text = readFileSync(join(SRC, source.path), 'utf8');
    return [...text.matchAll(/@ts-(?:ignore|nocheck|expect-error)/g)].map((mark) => mark[0]);
  });
  const any = offenders((source) => [...source.code.matchAll(/[:<|]\s*any\b/g)].map((use) => use[0]));
  assert.deepEqual([...silenced, ...any], []);
});

test('no module keeps state of its own', () => {
  const found = offenders((source) =>
    source.folder === 'sys' ? [] : [...source.code.matchAll(/^(?:export )?let .*$/gm)].map((line) => line[0]),
  );
  assert.deepEqual(found, []);
});

/** What is written for people, or goes by the calendar. All else is measured by a clock that nobody sets. */
const WALL_CLOCK = [
  'cli/ctl-explain-message.ts',
  'cli/ctl-status-text.ts',
  'daemon/control.ts',
  'daemon/self-log.ts',
  'daemon/state.ts',
  'dgram-parser/datagram.ts',
  'input/batch-clock.ts',
  'input/kernel-log.ts',
  'output/rotating-clock.ts',
  'output/user-output.ts',
  'protocol/calendar.ts',
  'protocol/local-zone.ts',
];

test('only few files look at the wall clock, and one at the zone of Node.js', () => {
  const uses = (pattern: RegExp): string[] =>
    sources.filter((source) => pattern.test(source.code)).map((source) => source.path);
  assert.deepEqual(uses(/\bDate\.now\b|\bnew Date\(/).toSorted(), WALL_CLOCK);
  assert.deepEqual(uses(/\.getTimezoneOffset\(|\.get(?:Hours|Minutes|Date|Day|Month|FullYear)\(/), [
    'protocol/local-zone.ts',
  ]);
});

test('file names are kebab-case', () => {
  const found = sources.map((source) => source.path).filter((path) => !/^[a-z0-9-]+(\/[a-z0-9-]+)*\.c?ts$/.test(path));
  assert.deepEqual(found, []);
});
