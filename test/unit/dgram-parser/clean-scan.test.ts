/**
 * The scan in words, at every alignment, with every byte at every place.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isCleanRange } from '../../../src/dgram-parser/clean-scan.ts';

const memory = new ArrayBuffer(32);
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
