/**
 * Tables of names and pairs: what was put in is found, nothing else is.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ABSENT, EXACT_BYTES, FOLDED_BYTES, NameTable, PairTable } from '../../../src/route/hash.ts';

function find(table: NameTable, name: string): number {
  const bytes = Buffer.from(`<${name}>`);
  return table.find(bytes, 1, bytes.length - 2);
}

test('names are found inside a larger block, others are not', () => {
  const names = Array.from({ length: 3000 }, (_, idx) => `n${idx}`);
  const table = new NameTable(names, EXACT_BYTES);
  assert.equal(table.count, 3000);
  const numbers = new Set(names.map((name) => find(table, name)));
  assert.equal(numbers.size, 3000);
  assert.ok(!numbers.has(ABSENT));
  for (const other of ['', 'n', 'n3000', 'n12345678', 'N1', 'é']) assert.equal(find(table, other), ABSENT, other);
});

test('folded names are one whatever their case', () => {
  const table = new NameTable(['Host', 'hOST', 'é'], FOLDED_BYTES);
  assert.equal(table.count, 2);
  assert.equal(find(table, 'HOST'), find(table, 'host'));
  assert.notEqual(find(table, 'é'), ABSENT);
  assert.equal(find(table, '@'), find(table, '`'));
});

test('only ASCII letters are folded', () => {
  for (let byte = 0; byte < 256; byte++) {
    const char = String.fromCharCode(byte);
    const expected = byte < 128 ? char.toLowerCase().charCodeAt(0) : byte;
    assert.equal(FOLDED_BYTES[byte], expected);
    assert.equal(EXACT_BYTES[byte], byte);
  }
});

test('a table without names finds nothing', () => assert.equal(find(new NameTable([], EXACT_BYTES), 'x'), ABSENT));

test('pairs are found, swapped and absent ones are not', () => {
  const pairs: (readonly [number, number, number])[] = [];
  for (let a = 0; a < 60; a++) for (let b = 0; b < 60; b += 2) pairs.push([a, b, a * 100 + b]);
  const table = new PairTable(pairs);
  for (const [a, b, value] of pairs) assert.equal(table.find(a, b), value);
  for (const [a, b] of [
    [0, 1],
    [59, 59],
    [60, 0],
    [-1, 0],
    [0, -1],
    [-1, -1],
  ] as const)
    assert.equal(table.find(a, b), ABSENT);
  assert.equal(new PairTable([]).find(0, 0), ABSENT);
});
