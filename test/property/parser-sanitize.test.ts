/**
 * What holds of sanitised bytes, whatever they were.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { SANITIZE_MAX_EXPANSION, sanitize } from '../../src/dgram-parser/sanitize.ts';
import { anyBytes } from './parser-bytes.ts';

const numRuns = Number(process.env['PARSER_RUNS'] ?? 4000);
const GUARD = 0xaa;
const CONTROLS = /\p{Cc}/gu;
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function run(bytes: Buffer, keep8bit: boolean): Buffer {
  const room = bytes.length * SANITIZE_MAX_EXPANSION;
  const dst = Buffer.alloc(room + 8, GUARD);
  const end = sanitize(bytes, 0, bytes.length, dst, 4, keep8bit);
  assert.ok(end <= room + 4);
  assert.ok(dst.subarray(0, 4).every((byte) => byte === GUARD) && dst.subarray(end).every((byte) => byte === GUARD));
  return dst.subarray(4, end);
}

test('sanitize: what comes out is UTF-8 without control characters but tab', () => {
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      assert.doesNotMatch(strict.decode(run(bytes, false)).replaceAll('\t', ''), CONTROLS);
    }),
    { numRuns },
  );
});

test('sanitize: what came out passes unchanged', () => {
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      const once = Buffer.from(run(bytes, false));
      assert.deepEqual(run(once, false), once);
    }),
    { numRuns },
  );
});

test('sanitize: valid UTF-8 without control characters passes unchanged', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll(CONTROLS, '.')),
      (text) => {
        assert.equal(run(Buffer.from(text), false).toString(), text);
      },
    ),
    { numRuns },
  );
});

test('sanitize: with keep8bit all bytes above 0x7f pass, and no control character below', () => {
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      const out = run(bytes, true);
      const high = (from: Buffer): number[] => [...from].filter((byte) => byte >= 0x80);
      assert.deepEqual(high(out), high(bytes));
      assert.ok(out.every((byte) => byte >= 0x80 || byte === 0x09 || (byte >= 0x20 && byte !== 0x7f)));
    }),
    { numRuns },
  );
});
