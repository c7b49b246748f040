/**
 * Payloads: where records end and where they are cut.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { payloadEnd, recordEnd } from '../../../../src/output/forward/payload.ts';

test('a record ends behind its LF; the end of the bytes is never passed', () => {
  const bytes = Buffer.from('one\ntwo\nthree\n');
  assert.equal(recordEnd(bytes, 0, bytes.length), 4);
  assert.equal(recordEnd(bytes, 4, bytes.length), 8);
  assert.equal(recordEnd(bytes, 8, 10), 10);
});

test('a cut falls between characters, whatever their length and the limit', () => {
  for (const ch of ['a', '\u00e9', '\u4e16', '\u{1f600}']) {
    const bytes = Buffer.from(ch.repeat(20));
    const step = Buffer.byteLength(ch);
    for (let begin = 0; begin < 3 * step; begin += step)
      for (let limit = 4; limit < 40; limit++) {
        const end = payloadEnd(bytes, begin, bytes.length, limit);
        const expected = Math.min(bytes.length - begin, Math.floor(limit / step) * step);
        assert.equal(end - begin, expected, `${ch} from ${begin}, limit ${limit}`);
      }
  }
});

test('bytes that are no UTF-8 are cut at the limit', () => {
  assert.equal(payloadEnd(Buffer.alloc(100, 0x80), 10, 100, 50), 60);
});
