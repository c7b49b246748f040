import assert from 'node:assert/strict';
import { test } from 'node:test';
import { viewOf } from '../../../src/dgram-parser/columns/byte-block.ts';
import { DECIMAL_MAX_BYTES, writeDecimal } from '../../../src/format/bytes/digits.ts';
import { Rfc3339Time } from '../../../src/format/bytes/rfc3339-time.ts';
import { TraditionalTime } from '../../../src/format/traditional/traditional-time.ts';

function rfc3339(sec: number, usec: number, offsetMin: number, time = new Rfc3339Time()): string {
  const dst = Buffer.alloc(40, 0xee);
  assert.equal(time.write(sec, usec, offsetMin, viewOf(dst), 4), 36);
  assert.ok(dst[3] === 0xee && dst[36] === 0xee);
  return dst.toString('latin1', 4, 36);
}

const SEC = Date.UTC(2024, 10, 20, 22, 14, 15) / 1000;

const CASES: readonly (readonly [string, number, number, number, string])[] = [
  ['UTC is +00:00', SEC, 123_456, 0, '2024-11-20T22:14:15.123456+00:00'],
  ['east of UTC', SEC, 0, 60, '2024-11-20T23:14:15.000000+01:00'],
  ['west of UTC, half an hour', SEC, 1, -210, '2024-11-20T18:44:15.000001-03:30'],
  ['largest offset', SEC, 999_999, 1439, '2024-11-21T22:13:15.999999+23:59'],
  ['leap day', Date.UTC(2024, 1, 29) / 1000, 5, 0, '2024-02-29T00:00:00.000005+00:00'],
  ['year 0', -62_167_219_200, 0, 0, '0000-01-01T00:00:00.000000+00:00'],
  ['year 0 of a clock east of UTC', -62_167_219_200 - 3600, 0, 60, '0000-01-01T00:00:00.000000+01:00'],
  ['leap second at the end of the year 9999', 253_402_300_800, 0, 0, '9999-12-31T23:59:59.000000+00:00'],
];

for (const [title, sec, usec, offsetMin, expected] of CASES) {
  test(`RFC 3339 time: ${title}`, () => assert.equal(rfc3339(sec, usec, offsetMin), expected));
}

test('RFC 3339 time: what was written before leaves no trace', () => {
  const time = new Rfc3339Time();
  for (const [, sec, usec, offsetMin, expected] of [...CASES, ...CASES.toReversed(), ...CASES]) {
    assert.equal(rfc3339(sec, usec, offsetMin, time), expected);
    assert.equal(rfc3339(sec, usec, offsetMin, time), expected);
  }
});

test('RFC 3339 time: agrees with Date for days of 10000 years', () => {
  const time = new Rfc3339Time();
  for (let day = -719_528; day < 2_932_896; day += 97) {
    const sec = day * 86_400 + ((((day * 7919) % 86_400) + 86_400) % 86_400);
    const usec = Math.abs(day * 31) % 1_000_000;
    const wall = new Date(sec * 1000).toISOString().slice(0, 19);
    assert.equal(rfc3339(sec, usec, 0, time), `${wall}.${String(usec).padStart(6, '0')}+00:00`);
  }
});

test('traditional time: shows the wall clock of the offset, the day padded with a space', () => {
  const time = new TraditionalTime();
  const dst = Buffer.alloc(15);
  time.write(Date.UTC(2024, 10, 30, 23, 30) / 1000, 999, 60, viewOf(dst), 0);
  assert.equal(dst.toString('latin1'), 'Dec  1 00:30:00');
});

test('decimal: agrees with String at every change of length', () => {
  const powers = Array.from({ length: 10 }, (_, i) => 10 ** i);
  for (const value of [0, 7, 2 ** 31, 2 ** 32 - 1, ...powers, ...powers.map((power) => power - 1)]) {
    const dst = Buffer.alloc(16, 0x78);
    const end = writeDecimal(value, dst, 2);
    assert.equal(dst.toString('latin1', 2, end), String(value));
    assert.ok(end - 2 <= DECIMAL_MAX_BYTES && dst[1] === 0x78 && dst[end] === 0x78);
  }
});
