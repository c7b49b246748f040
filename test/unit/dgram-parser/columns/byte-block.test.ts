/**
 * The copy in words, for every length and alignment that its loops treat differently.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blockOf, copyWords, viewOf } from '../../../../src/dgram-parser/columns/byte-block.ts';

const GUARD = 0xee;

test('copy in words: every length up to 70 at every alignment, and nothing around it', () => {
  const src = blockOf(Buffer.from(Array.from({ length: 80 }, (_, i) => (i * 37 + 1) & 0xff)));
  for (let length = 0; length <= 70; length++) {
    for (let from = 0; from < 5; from++) {
      for (let to = 0; to < 5; to++) {
        const dst = blockOf(Buffer.alloc(80, GUARD));
        assert.equal(copyWords(src.view, from, from + length, dst.view, to), to + length);
        assert.deepEqual(dst.bytes.subarray(to, to + length), src.bytes.subarray(from, from + length));
        assert.ok(dst.bytes.subarray(0, to).every((byte) => byte === GUARD));
        assert.ok(dst.bytes.subarray(to + length).every((byte) => byte === GUARD));
      }
    }
  }
});

test('copy in words: long records, below and above the length from which the engine copies', () => {
  const src = blockOf(Buffer.from(Array.from({ length: 3000 }, (_, i) => (i * 37 + (i >> 8)) & 0xff)));
  for (const length of [500, 511, 512, 513, 2900]) {
    const whole = Buffer.alloc(3100, GUARD);
    const dst = blockOf(whole.subarray(8));
    assert.equal(copyWords(src.view, 3, 3 + length, dst.view, 5), 5 + length);
    assert.deepEqual(dst.bytes.subarray(5, 5 + length), src.bytes.subarray(3, 3 + length));
    assert.ok(whole.subarray(0, 13).every((byte) => byte === GUARD));
    assert.ok(dst.bytes.subarray(5 + length).every((byte) => byte === GUARD));
  }
});

test('copy in words: to the last byte of memory', () => {
  const dst = viewOf(new Uint8Array(19));
  assert.equal(copyWords(viewOf(new Uint8Array(19).fill(7)), 0, 19, dst, 0), 19);
  assert.throws(() => copyWords(viewOf(new Uint8Array(20)), 0, 20, dst, 0), RangeError);
});

test('view: shows a part of a larger memory', () => {
  const whole = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  const view = viewOf(whole.subarray(2, 6));
  assert.equal(view.byteLength, 4);
  assert.equal(view.getUint8(0), 3);
});
