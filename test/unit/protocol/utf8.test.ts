/**
 * Well-formed UTF-8, against TextDecoder.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utf8Len, utf8TextLen } from '../../../src/protocol/utf8.ts';

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @returns the length of the one character that the bytes begin with, as TextDecoder sees it; 0: none. */
function referenceLen(bytes: Uint8Array): number {
  for (let len = 2; len <= bytes.length; len++) {
    try {
      if (Array.from(strict.decode(bytes.subarray(0, len))).length === 1) return len;
    } catch {
      continue;
    }
  }
  return 0;
}

test('UTF-8: every first byte with every edge of the bytes behind it agrees with TextDecoder', () => {
  const edges = [0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff];
  const bytes = new Uint8Array(4);
  for (let lead = 0x80; lead < 0x100; lead++) {
    for (const second of edges) {
      for (const third of edges) {
        for (const fourth of edges) {
          bytes.set([lead, second, third, fourth]);
          const expected = referenceLen(bytes);
          if (utf8Len(bytes, 0, 4) !== expected)
            assert.equal(utf8Len(bytes, 0, 4), expected, Buffer.from(bytes).toString('hex'));
        }
      }
    }
  }
});

test('UTF-8: a sequence that the end cuts is none', () => {
  for (const char of ['é', '✓', '😀']) {
    const bytes = Buffer.from(char);
    assert.equal(utf8Len(bytes, 0, bytes.length), bytes.length);
    for (let end = 1; end < bytes.length; end++) assert.equal(utf8Len(bytes, 0, end), 0);
  }
});

test('UTF-8: C1 controls are no text, U+00A0 is', () => {
  assert.deepEqual(
    ['\u{80}', '\u{9f}', '\u{a0}', 'é'].map((char) => utf8TextLen(Buffer.from(char), 0, 2)),
    [0, 0, 2, 2],
  );
});
