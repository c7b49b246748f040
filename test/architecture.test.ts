/**
 * Rules of the layout that no linter knows: rooms by rank and their doors (test/support/rooms.ts), casts and native
 * calls only in one folder, names and number of files, no module state.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { functionsOf } from './support/functions.ts';
import { projectPath } from './support/project.ts';
import { ROOM_FILES_MAX, ROOMS } from './support/rooms.ts';

const SRC = projectPath('src');

interface Source {
  readonly path: string;
  /** Folder directly below src. */
  readonly folder: string;
  /** Folder that contains the file. */
  readonly room: string;
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

/** @returns the import specifiers of a file as written, including types */
function importsOf(text: string): readonly string[] {
  const found = text.matchAll(
    /^(?:import|export)\b[^;']*?from\s+'([^']+)'|^import '([^']+)'|\b(?:import|require)\('([^']+)'\)/gm,
  );
  return [...found].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
}

const sources: readonly Source[] = listSources(SRC).map((path) => {
  const text = stripComments(readFileSync(path, 'utf8'));
  const imports = importsOf(text);
  return {
    path: relative(SRC, path),
    folder: relative(SRC, path).split('/')[0] ?? '',
    room: dirname(relative(SRC, path)),
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

/** @returns the path of an imported file, relative to src, without its extension */
function targetOf(source: Source, specifier: string): string {
  return relative(SRC, resolve(SRC, dirname(source.path), specifier)).replace(/\.c?[jt]s$/, '');
}

/** @returns why a file may not import another one of src, or null */
function objection(source: Source, target: string): string | null {
  const room = dirname(target);
  const name = basename(target);
  if (room === source.room) return null;
  const there = ROOMS[room];
  const here = ROOMS[source.room];
  if (there === undefined || here === undefined) return `${target}: no such room`;
  if (there.doors !== 'all' && !there.doors.includes(name)) return `${target}: no door of its room`;
  if (there.rank < here.rank || room.startsWith(`${source.room}/`)) return null;
  if (source.room.startsWith(`${room}/`) && there.contract?.includes(name) === true) return null;
  return `${target}: of a rank that is not lower`;
}

test('every room of src is known, and every room that is known exists', () => {
  assert.ok(sources.length > 20, 'the sources were found');
  assert.deepEqual([...new Set(sources.map(({ room }) => room))].toSorted(), Object.keys(ROOMS).toSorted());
});

test('every door is a file, and is used from outside', () => {
  const files = new Set(sources.map(({ path }) => path.replace(/\.c?ts$/, '')));
  const used = new Set(
    sources.flatMap((source) =>
      source.imports
        .map((specifier) => targetOf(source, specifier))
        .filter((target) => dirname(target) !== source.room),
    ),
  );
  const doors = Object.entries(ROOMS).flatMap(([room, { doors: names, contract = [] }]) =>
    names === 'all' ? [] : [...new Set([...names, ...contract])].map((name) => `${room}/${name}`),
  );
  assert.deepEqual(
    doors.filter((door) => !files.has(door) || !used.has(door)),
    [],
  );
});

test('a file imports only from lower ranks, its own room and the rooms inside of it, and only through doors', () => {
  const found = offenders((source) =>
    source.imports
      .filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => objection(source, targetOf(source, specifier)))
      .filter((why) => why !== null),
  );
  assert.deepEqual(found, []);
});

/** @returns for each file of a folder the files that it imports; all paths without extension */
function importGraph(folder: string): ReadonlyMap<string, readonly string[]> {
  return new Map(
    listSources(projectPath(folder)).map((path) => {
      const specifiers = importsOf(stripComments(readFileSync(path, 'utf8')));
      const targets = specifiers.filter((specifier) => specifier.startsWith('.'));
      return [withoutEnding(path), targets.map((target) => withoutEnding(resolve(dirname(path), target)))];
    }),
  );
}

function withoutEnding(path: string): string {
  return relative(projectPath(), path).replace(/\.c?[jt]s$/, '');
}

/** @returns one cycle for each import that closes one, from a file back to itself */
function circlesOf(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const circles: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, trail: readonly string[]): void => {
    const begin = trail.indexOf(file);
    if (begin !== -1) circles.push([...trail.slice(begin), file].join(' > '));
    if (begin !== -1 || done.has(file)) return;
    for (const target of graph.get(file) ?? []) visit(target, [...trail, file]);
    done.add(file);
  };
  for (const file of graph.keys()) visit(file, []);
  return circles;
}

test('circles of imports are found, short and long', () => {
  const graph = new Map([
    ['a', ['b', 'c']],
    ['b', ['a']],
    ['c', ['d']],
    ['d', ['e', 'b']],
    ['e', ['c', 'elsewhere']],
  ]);
  assert.deepEqual(circlesOf(graph), ['a > b > a', 'c > d > e > c']);
  assert.deepEqual(
    circlesOf(
      new Map([
        ['a', ['b']],
        ['b', []],
      ]),
    ),
    [],
  );
});

for (const folder of ['src', 'bench']) {
  test(`no file of ${folder} imports itself, not even by way of others, nor for types alone`, () => {
    const graph = importGraph(folder);
    const known = [...graph.values()].flat().filter((target) => graph.has(target));
    assert.ok(known.length > 20, 'the files and their imports were found');
    assert.deepEqual(circlesOf(graph), []);
  });
}

test('no room is crowded', () => {
  const countOf = (name: string): number => sources.filter(({ room }) => room === name).length;
  assert.deepEqual(
    Object.keys(ROOMS).filter((room) => countOf(room) > ROOM_FILES_MAX),
    [],
  );
});

test('three files of a room do not share the beginning of their names: that is a room', () => {
  const whole = sources.filter(({ path }) => basename(path).includes('-'));
  const shared = new Set(
    whole
      .map(({ path, room }) => `${room}/${basename(path).split('-', 1)[0] ?? ''}-`)
      .filter((prefix, _, all) => all.filter((other) => other === prefix).length >= 3),
  );
  assert.deepEqual([...shared], []);
});

test('every file begins with what it is for', () => {
  const silent = sources
    .filter(({ path }) => !/^(?:#![^\n]*\n)?\/\*\*\n \* \S/.test(readFileSync(join(SRC, path), 'utf8')))
    .map(({ path }) => path);
  assert.deepEqual(silent, []);
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

/** What people read, or follows the calendar. Everything else is measured by a clock that nobody can set. */
const WALL_CLOCK = [
  'cli/tlogger/surroundings.ts',
  'cli/tsyslogctl/explain-message.ts',
  'cli/tsyslogctl/status-text.ts',
  'client/message/stamp.ts',
  'client/pino/record.ts',
  'control/control.ts',
  'daemon/state.ts',
  'dgram-parser/datagram.ts',
  'engine/self-log.ts',
  'input/batch-clock.ts',
  'input/kernel/boot-clock.ts',
  'output/rotation/clock.ts',
  'output/terminal/user-output.ts',
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

const FILE_LINES_MAX = 400;
const FUNCTION_LINES_MAX = 60;
/** Most functions are shorter than this: half of them do one thing. */
const FUNCTION_LINES_MEDIAN = 12;
/** The linter comment on the line above a function that may be longer, naming the bench that shows why. */
const LONGER = /oxlint-disable-next-line .*\bmax-lines-per-function\b.* -- .*\b(bench\/[\w/-]+\.ts)$/;

const functions = functionsOf(sources.map(({ path }) => join('src', path)));

test('no file is too long', () => {
  const long = sources
    .map(({ path }) => ({ path, lines: readFileSync(join(SRC, path), 'utf8').split('\n').length - 1 }))
    .filter(({ lines }) => lines > FILE_LINES_MAX)
    .map(({ path, lines }) => `${path}: ${lines} lines`);
  assert.deepEqual(long, []);
});

test('no function is too long but a loop that names its bench', () => {
  assert.ok(functions.length > 1000, 'the functions were found');
  const long = functions
    .filter(({ lines }) => lines > FUNCTION_LINES_MAX)
    .filter(({ path, line }) => {
      const above = readFileSync(projectPath(path), 'utf8').split('\n')[line - 2] ?? '';
      const bench = LONGER.exec(above)?.[1];
      return bench === undefined || !existsSync(projectPath(bench));
    })
    .map(({ path, line, lines }) => `${path}:${line}: ${lines} lines`);
  assert.deepEqual(long, []);
});

test('functions are short: the median of all that have a name', () => {
  const lengths = functions
    .filter(({ name }) => name !== null)
    .map(({ lines }) => lines)
    .toSorted((one, other) => one - other);
  const median = lengths[Math.floor(lengths.length / 2)];
  assert.ok(median !== undefined && median < FUNCTION_LINES_MEDIAN, `the median is ${median} lines`);
});
