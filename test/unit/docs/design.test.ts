/**
 * docs/design.md shows the rooms of test/support/rooms.ts, every one and no other, and names only files that exist.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { projectPath } from '../../support/project.ts';
import { ROOMS } from '../../support/rooms.ts';

const PAGE = readFileSync(projectPath('docs', 'design.md'), 'utf8');

interface Row {
  readonly name: string;
  readonly rank: number;
  readonly purpose: string;
  readonly door: string;
}

function readRows(): readonly Row[] {
  const table = /<!-- rooms -->\n([\s\S]*?)<!-- \/rooms -->/.exec(PAGE)?.[1] ?? '';
  const cells = table
    .trim()
    .split('\n')
    .slice(2)
    .map((line) => line.split('|').map((cell) => cell.trim()));
  return cells.map(([, name = '', rank = '', purpose = '', door = '']) => ({
    name: name.replaceAll('`', ''),
    rank: Number(rank),
    purpose,
    door: door.replaceAll('`', ''),
  }));
}

test('every room stands in the table with its rank and its front door, in the order of ranks, and no other', () => {
  const rooms = Object.entries(ROOMS)
    .map(([name, { rank, doors }]) => ({ name, rank, door: doors === 'all' ? 'each file' : (doors[0] ?? 'none') }))
    .toSorted((one, other) => one.rank - other.rank || (one.name < other.name ? -1 : 1));
  assert.deepEqual(
    readRows().map(({ name, rank, door }) => ({ name, rank, door })),
    rooms,
  );
});

test('every room says what it does, each in its own words', () => {
  const purposes = readRows().map(({ purpose }) => purpose);
  assert.deepEqual(
    purposes.filter((purpose, at) => purpose.length < 4 || purposes.indexOf(purpose) !== at),
    [],
  );
});

test('every file that is named exists, below src or in the project', () => {
  const files = [...PAGE.matchAll(/`([a-z][\w-]*(?:\/[\w-]+)+\.ts)`/g)].map((found) => found[1] ?? '');
  assert.ok(files.length > 15, `${files.length} files were found`);
  assert.deepEqual(
    files.filter((file) => !existsSync(projectPath('src', file)) && !existsSync(projectPath(file))),
    [],
  );
});
