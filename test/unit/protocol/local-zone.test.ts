/**
 * The zone of the process as a library finds it, without reading a file, and what it remembers.
 */
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { LocalZone } from '../../../src/protocol/local-zone.ts';

const savedZone = process.env['TZ'];
afterEach(() => {
  if (savedZone === undefined) delete process.env['TZ'];
  else process.env['TZ'] = savedZone;
});

function wall(text: string): number {
  return Date.parse(`${text}Z`) / 1000;
}

test('local zone: offsets are those of the process, remembered or not', () => {
  process.env['TZ'] = 'Europe/Berlin';
  const zone = new LocalZone();
  for (const _ of [1, 2]) {
    assert.equal(zone.offsetMinAt(wall('2024-03-31T00:59:59')), 60);
    assert.equal(zone.offsetMinAt(wall('2024-03-31T01:00:00')), 120);
  }
  // Same place in the table of 256 minutes.
  assert.equal(zone.offsetMinAt(wall('2024-03-31T01:00:00') - 256 * 60 * 500), 60);
  assert.equal(zone.offsetMinAt(-1e9), 60);
});

test('local zone: a change one minute past midnight is seen to the minute', () => {
  process.env['TZ'] = 'America/St_Johns';
  const zone = new LocalZone();
  const change = wall('2010-03-14T03:31:00');
  assert.deepEqual(
    [change - 61, change - 1, change, change + 60].map((sec) => zone.offsetMinAt(sec)),
    [-210, -210, -150, -150],
  );
});

test('local zone: reset forgets what was remembered', () => {
  process.env['TZ'] = 'Europe/Berlin';
  const zone = new LocalZone();
  assert.equal(zone.offsetMinAt(0), 60);
  process.env['TZ'] = 'Asia/Tokyo';
  assert.equal(zone.offsetMinAt(0), 60);
  zone.reset();
  assert.equal(zone.offsetMinAt(0), 540);
});

test('local zone: rules of POSIX are known, names that look so keep their history', () => {
  const offsets = (name: string, ...times: readonly string[]): number[] => {
    process.env['TZ'] = name;
    const zone = new LocalZone();
    return times.map((time) => zone.offsetMinAt(wall(time)));
  };
  assert.deepEqual(offsets('CET-1CEST,M3.5.0,M10.5.0/3', '2024-03-31T00:59:59', '2024-03-31T01:00:00'), [60, 120]);
  assert.deepEqual(offsets(':<+03>-3', '2024-03-31T00:59:59'), [180]);
  // The United States changed its rules in 2007.
  assert.deepEqual(offsets('EST5EDT', '2006-03-20T12:00:00', '2024-03-20T12:00:00'), [-300, -240]);
  assert.deepEqual(offsets('nonsense', '2024-03-20T12:00:00'), [0]);
});
