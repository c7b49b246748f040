/**
 * The table of character classes, over all 256 bytes.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  C_DIGIT,
  C_GRAPH,
  C_HEX,
  C_HOST,
  C_NUMERIC,
  C_SD_NAME,
  C_TAG,
  C_UPPER,
  CHAR_CLASS,
} from '../../../src/protocol/char-class.ts';

const CLASSES: ReadonlyArray<readonly [name: string, mask: number, pattern: RegExp]> = [
  ['graph', C_GRAPH, /^[!-~]$/],
  ['tag', C_TAG, /^[A-Za-z0-9._/@()+~#%-]$/],
  ['digit', C_DIGIT, /^[0-9]$/],
  ['hex', C_HEX, /^[0-9a-fA-F]$/],
  ['SD-NAME', C_SD_NAME, /^(?![="\]])[!-~]$/],
  ['host', C_HOST, /^[A-Za-z0-9._-]$/],
  ['upper', C_UPPER, /^[A-Z]$/],
  ['numeric', C_NUMERIC, /^[0-9.Tt-]$/],
];

for (const [name, mask, pattern] of CLASSES) {
  test(`character class: ${name} has exactly its bytes`, () => {
    const members = [...CHAR_CLASS.keys()].filter((byte) => ((CHAR_CLASS[byte] ?? 0) & mask) !== 0);
    const expected = [...CHAR_CLASS.keys()].filter((byte) => byte < 0x80 && pattern.test(String.fromCharCode(byte)));
    assert.deepEqual(members, expected);
  });
}

test('character class: NUL, newline and all bytes from 0x80 are in none', () => {
  assert.ok([0x00, 0x0a, ...Array.from({ length: 0x80 }, (_, i) => i + 0x80)].every((byte) => CHAR_CLASS[byte] === 0));
  assert.equal(CHAR_CLASS.length, 256);
});
