/**
 * Calendar and wall clocks against `Date`, which computes the same by other means.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type CivilDate,
  civilFromDays,
  DAY_SEC,
  daysFromCivil,
  daysInMonth,
  fixedZone,
  isLeapYear,
  utcFromWall,
  wallDate,
  type Zone,
} from '../../../src/protocol/calendar.ts';

function wall(text: string): number {
  return Date.parse(`${text}Z`) / 1000;
}

test('calendar: days and dates agree with Date from the year 0 to 4000', () => {
  const civil: CivilDate = { year: 0, month: 0, day: 0 };
  const from = Date.parse('0000-01-01T00:00:00Z') / (DAY_SEC * 1000);
  const to = Date.parse('4000-12-31T00:00:00Z') / (DAY_SEC * 1000);
  for (let days = from; days <= to; days++) {
    const date = new Date(days * DAY_SEC * 1000);
    const expected = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()] as const;
    civilFromDays(days, civil);
    if (civil.year !== expected[0] || civil.month !== expected[1] || civil.day !== expected[2]) {
      assert.deepEqual(civil, { year: expected[0], month: expected[1], day: expected[2] });
    }
    if (daysFromCivil(...expected) !== days) assert.equal(daysFromCivil(...expected), days);
  }
});

test('calendar: length of February follows the rule of 400 years', () => {
  assert.deepEqual(
    [1900, 2000, 2023, 2024, 2100].map((year) => daysInMonth(year, 2)),
    [28, 29, 28, 29, 28],
  );
  assert.deepEqual(
    [0, 1, 4, 13].map((month) => daysInMonth(2024, month)),
    [0, 31, 30, 0],
  );
  assert.equal(isLeapYear(2400), true);
});

test('wall clock: a date shows in its UTC fields what clocks of the zone show', () => {
  const { zone, noon } = changing(60, 120);
  const shown = [-1, 0].map((sec) => wallDate(zone, (noon + sec) * 1000 + 250).toISOString());
  assert.deepEqual(shown, ['2024-06-15T12:59:59.250Z', '2024-06-15T14:00:00.250Z']);
});

/** Minutes east of UTC change from `before` to `after` at noon UTC of a day. */
function changing(before: number, after: number): { zone: Zone; noon: number } {
  const noon = wall('2024-06-15T12:00:00');
  return { zone: { offsetMinAt: (sec) => (sec < noon ? before : after) }, noon };
}

test('wall clock: an hour that exists twice means the instant nearer to now', () => {
  const { zone, noon } = changing(120, 60);
  const twice = noon + 60 * 60 + 1800;
  assert.equal(utcFromWall(zone, twice, noon - 1800), noon - 1800);
  assert.equal(utcFromWall(zone, twice, noon + 1800), noon + 1800);
});

test('wall clock: an hour that was left out counts with the offset before', () => {
  const { zone, noon } = changing(60, 120);
  const missing = noon + 60 * 60 + 1800;
  assert.equal(utcFromWall(zone, missing, noon), noon + 1800);
});

test('wall clock: times around a change belong to their side', () => {
  const { zone, noon } = changing(60, 120);
  assert.equal(utcFromWall(zone, noon + 3599, noon), noon - 1);
  assert.equal(utcFromWall(zone, noon + 7200, noon), noon);
  assert.equal(utcFromWall(fixedZone(-330), 0, 0), 330 * 60);
});
