/**
 * Which setting decides about a file: its rule's own, then `-r`, then the directives.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type RotationDefault, rotationsByPath } from '../../../../src/engine/settings/rotation-rules.ts';
import { parseText } from '../../../support/conf-source.ts';

function rotations(text: string, given: RotationDefault | null = null): Record<string, string> {
  const { configuration, problems } = parseText(text, {});
  assert.deepEqual(problems, []);
  return Object.fromEntries(
    [...rotationsByPath(configuration, given)].map(([path, rule]) => [
      path,
      rule === null ? 'none' : `${rule.sizeBytes ?? '-'} ${rule.interval ?? '-'} ${rule.count}`,
    ]),
  );
}

const DIRECTIVES = 'rotate_size 1000\nrotate_count 7\n';

test('without any setting nothing is rotated', () => assert.deepEqual(rotations('*.* /a'), { '/a': 'none' }));

test('directives are for files without a setting of their own', () =>
  assert.deepEqual(rotations(`${DIRECTIVES}*.* /a\n*.* -/b\n*.* /c ;rotate=2000`), {
    '/c': '2000 - 7',
    '/a': '1000 - 7',
    '/b': '1000 - 7',
  }));

test('-r wins over both directives, with its own count or 5', () => {
  assert.deepEqual(rotations(`${DIRECTIVES}*.* /a`, { sizeBytes: 500, count: 2 }), { '/a': '500 - 2' });
  assert.deepEqual(rotations(`${DIRECTIVES}*.* /a`, { sizeBytes: 500, count: null }), { '/a': '500 - 5' });
});

test("a rule's own option wins over -r; what it leaves open comes from there", () => {
  const given = { sizeBytes: 500, count: 2 };
  assert.deepEqual(rotations('*.* /a ;rotate=9:3\n*.* /b ;rotate=9\n*.* /c ;rotate=:9', given), {
    '/a': '9 - 3',
    '/b': '9 - 2',
    '/c': '500 - 9',
  });
});

test('a file that is rotated by time gets no limit by size but its own', () => {
  const given = { sizeBytes: 500, count: null };
  assert.deepEqual(rotations('*.* /a ;rotate=daily\n*.* /b ;rotate=weekly:3,rotate=9', given), {
    '/a': '- daily 5',
    '/b': '9 weekly 3',
  });
});

test('a size of 0 means: not this file', () =>
  assert.deepEqual(rotations('*.* /a ;rotate=0', { sizeBytes: 500, count: null }), { '/a': 'none' }));

test('a count alone means: on request', () => assert.deepEqual(rotations('*.* /a ;rotate=:3'), { '/a': '- - 3' }));

test('rules that name the same file share the setting of the first one that has it', () =>
  assert.deepEqual(rotations('*.* /a\n*.err /a ;rotate=9\nmail.* /a ;rotate=10', { sizeBytes: 500, count: null }), {
    '/a': '9 - 5',
  }));
