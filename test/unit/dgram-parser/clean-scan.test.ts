/**
 * The scan in words, at every alignment, with every byte at every place.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isCleanRange } from '../../../src/dgram-parser/clean-scan.ts';

const memory = new ArrayBuffer(128);
const bytes = new Uint8Array(memory);
const words = new Int32Array(memory);

test('clean scan: every byte at every place of every range', () => {
  for (let from = 0; from < 9; from++) {
    for (let end = from; end <= from + 13; end++) {
      for (let byte = 0; byte < 256; byte++) {
        const isClean = (byte >= 0x20 && byte <= 0x7e) || byte === 0x09;
        for (let at = Math.max(0, from - 1); at <= end; at++) {
          bytes.fill(0x41);
          bytes[at] = byte;
          const expected = isClean || at < from || at >= end;
          if (isCleanRange(words, bytes, from, end) !== expected)
            assert.fail(`byte ${byte} at ${at} of ${from} to ${end}`);
        }
      }
    }
  }
});

test('clean scan: what surrounds the range does not count', () => {
  for (let from = 1; from < 9; from++) {
    for (let end = from; end <= from + 13; end++) {
      bytes.fill(0xff);
      bytes.fill(0x09, from, end);
      assert.equal(isCleanRange(words, bytes, from, end), true);
    }
  }
});

test('clean scan: two bytes at any places of a long range, where whole groups of words are looked at', () => {
  const odd = [0x00, 0x09, 0x0a, 0x1f, 0x20, 0x7e, 0x7f, 0x80, 0xa0, 0xe0, 0xff];
  const isClean = (byte: number): boolean => byte === 0x09 || (byte >= 0x20 && byte < 0x7f);
  for (const [from, end] of [
    [0, 64],
    [1, 67],
    [3, 90],
    [6, 53],
  ] as const) {
    for (let a = from; a < end; a++) {
      for (let b = from; b < end; b += 3) {
        for (const [i, byte] of odd.entries()) {
          const other = odd[(i * 7 + a + b) % odd.length] ?? 0;
          bytes.fill(0x41);
          bytes[a] = byte;
          bytes[b] = other;
          const expected = isClean(other) && (a === b || isClean(byte));
          if (isCleanRange(words, bytes, from, end) !== expected)
            assert.fail(`bytes ${byte} at ${a}, ${other} at ${b} of ${from} to ${end}`);
        }
      }
    }
  }
});
