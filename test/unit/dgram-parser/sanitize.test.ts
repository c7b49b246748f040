/**
 * Escapes of each kind of byte.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SANITIZE_MAX_EXPANSION, sanitize } from '../../../src/dgram-parser/sanitize.ts';

function run(input: string | Uint8Array, keep8bit = false): string {
  const bytes = Buffer.from(input);
  const dst = Buffer.alloc(bytes.length * SANITIZE_MAX_EXPANSION);
  return dst.toString('latin1', 0, sanitize(bytes, 0, bytes.length, dst, 0, keep8bit));
}

const ROWS: ReadonlyArray<readonly [name: string, input: string | Uint8Array, output: string]> = [
  ['newline becomes a blank', 'a\nb\n', 'a b '],
  ['tab stays', 'a\tb', 'a\tb'],
  ['NUL', 'a\0b', 'a^@b'],
  ['carriage return', 'x\r', 'x^M'],
  ['escape and bell', '\x1b[31m\x07', '^[[31m^G'],
  ['last C0 control', '\x1f', '^_'],
  ['DEL', '\x7f', '^?'],
  ['C1 as bytes', Buffer.from([0x80, 0x85, 0x9b, 0x9f]), 'M-^@M-^EM-^[M-^_'],
  ['high bytes that are not UTF-8', Buffer.from([0xa0, 0xe9, 0xff]), 'M- M-iM-^?'],
  ['C1 as UTF-8', '\u{80}\u{9f}', 'M-BM-^@M-BM-^_'],
  ['overlong form', Buffer.from([0xc0, 0xaf]), 'M-@M-/'],
  ['surrogate', Buffer.from([0xed, 0xa0, 0x80]), 'M-mM- M-^@'],
  ['sequence cut at the end', Buffer.from([0x61, 0xe2, 0x9c]), 'aM-bM-^\\'],
  ['percent and backslash stay', '%s%n\\n', '%s%n\\n'],
];

for (const [name, input, output] of ROWS) {
  test(`sanitize: ${name}`, () => {
    assert.equal(run(input), output);
  });
}

test('sanitize: UTF-8 passes', () => {
  const text = 'café ✓ 😀 \u{a0}\u{feff}';
  assert.equal(Buffer.from(run(text), 'latin1').toString(), text);
});

test('sanitize: every C0 control has its own letter', () => {
  const seen = new Set(Array.from({ length: 0x20 }, (_, byte) => run(Buffer.of(byte))));
  assert.equal(seen.size, 0x20);
});

test('sanitize: with keep8bit bytes above 0x7f pass, control characters do not', () => {
  const bytes = Buffer.from([0x80, 0xff, 0x1b, 0x0a, 0x7f, 0xc0]);
  assert.equal(run(bytes, true), '\x80\xff^[ ^?\xc0');
});

test('sanitize: reads and writes at the given offsets only', () => {
  const dst = Buffer.alloc(12, '.');
  assert.equal(sanitize(Buffer.from('ab\ncd'), 1, 4, dst, 3, false), 6);
  assert.equal(dst.toString(), '...b c......');
});
