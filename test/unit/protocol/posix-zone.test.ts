/**
 * Zones as POSIX writes them: what glibc makes of the same text.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePosixZone } from '../../../src/protocol/posix-zone.ts';

/** Minutes east of UTC at instants in UTC. */
type Row = readonly [zone: string, ...instants: (readonly [at: string, offsetMin: number])[]];

const ROWS: readonly Row[] = [
  [
    'CET-1CEST,M3.5.0,M10.5.0/3',
    ['2024-01-01T00:00:00', 60],
    ['2024-03-31T00:59:59', 60],
    ['2024-03-31T01:00:00', 120],
    ['2024-10-27T00:59:59', 120],
    ['2024-10-27T01:00:00', 60],
    ['2025-03-30T01:00:00', 120],
    ['1969-06-15T00:00:00', 120],
  ],
  ['<+03>-3', ['2024-07-01T00:00:00', 180]],
  ['<-0330>+3:30', ['2024-07-01T00:00:00', -210]],
  ['UTC0', ['2024-07-01T00:00:00', 0]],
  // South of the equator summer goes over the end of the year.
  [
    'AEST-10AEDT,M10.1.0,M4.1.0/3',
    ['2023-12-31T23:59:59', 660],
    ['2024-01-01T00:00:00', 660],
    ['2024-04-06T15:59:59', 660],
    ['2024-04-06T16:00:00', 600],
    ['2024-10-05T15:59:59', 600],
    ['2024-10-05T16:00:00', 660],
  ],
  // Rules of the United States where there are none.
  ['EST5EDT', ['2024-03-10T06:59:59', -300], ['2024-03-10T07:00:00', -240], ['2024-11-03T06:00:00', -300]],
  ['ABC-1DEF-2:30', ['2024-07-01T00:00:00', 150], ['2024-12-01T00:00:00', 60]],
  // Days of the year: with and without 29 February.
  ['ABC0DEF,J60/0,J61/0', ['2024-02-29T12:00:00', 0], ['2024-03-01T12:00:00', 60], ['2023-03-01T12:00:00', 60]],
  ['ABC0DEF,59/0,60/0', ['2024-02-29T12:00:00', 60], ['2024-03-01T12:00:00', 0], ['2023-03-01T12:00:00', 60]],
  // Summer all the year, and times beyond a day. Source: RFC 8536 §3.3.1
  ['ABC3DEF,0/0,J365/25', ['2024-01-01T02:59:59', -120], ['2024-01-01T03:00:00', -120], ['2024-07-01T00:00:00', -120]],
  ['<-02>2<-01>,M3.5.0/-1,M10.5.0/0', ['2024-03-31T00:59:59', -120], ['2024-03-31T01:00:00', -60]],
  ['IST-2IDT,M3.4.4/26,M10.5.0', ['2024-03-28T23:59:59', 120], ['2024-03-29T00:00:00', 180]],
  // A first week that begins with the day asked for, and a fifth that does not exist.
  ['ABC0DEF,M9.1.0/0,M9.5.6/0', ['2024-08-31T23:59:59', 0], ['2024-09-01T00:00:00', 60], ['2024-09-28T00:00:00', 0]],
  // What cannot be read behind the standard offset is left out.
  ...['CET-1xx', 'CET-1CEST,M3.5.0', 'CET-1CEST,M13.5.0,M10.5.0', 'CET-1CEST,M3.6.0,M10.5.0', 'CET-1CEST,xx'].map(
    (zone): Row => [zone, ['2024-07-01T00:00:00', 60]],
  ),
  ['CET-1CEST,J0,J100', ['2024-02-01T00:00:00', 60]],
  // Numbers too large are cut.
  ['ABC-25', ['2024-07-01T00:00:00', 1440]],
  ['ABC-1:99', ['2024-07-01T00:00:00', 119]],
  ['ABC0:00:29', ['2024-07-01T00:00:00', 0]],
];

for (const [zone, ...instants] of ROWS) {
  test(`POSIX zone ${zone}`, () => {
    const parsed = parsePosixZone(zone);
    assert.ok(parsed !== null);
    for (const [at, offsetMin] of instants)
      assert.equal(parsed.offsetMinAt(Date.parse(`${at}Z`) / 1000), offsetMin, at);
  });
}

for (const zone of [
  '',
  ':',
  'CET',
  'Europe/Berlin',
  'X5',
  '<+3>-3',
  '<+03-3',
  '12',
  'iso3166.tab',
  ' CET-1',
  'CE\u{54}\u{301}-1',
  '-1',
]) {
  test(`"${zone}" is no POSIX zone`, () => assert.equal(parsePosixZone(zone), null));
}
