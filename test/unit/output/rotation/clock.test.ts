/**
 * The end of a period is told once, whatever happens to the system's clock.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixedZone } from '../../../../src/protocol/calendar.ts';
import { RotationCalendar, RotationClock } from '../../../../src/output/rotation/clock.ts';

const ZONE = fixedZone(330);
const NOON = Date.parse('2026-11-20T12:00:00+05:30');
const MIDNIGHT = Date.parse('2026-11-21T00:00:00+05:30');
const HOUR_MS = 3_600_000;

test('a period ends once, at its boundary', () => {
  const calendar = new RotationCalendar('daily', NOON, ZONE);
  assert.equal(calendar.endMs, MIDNIGHT);
  assert.equal(calendar.advance(MIDNIGHT - 1), false);
  assert.equal(calendar.advance(MIDNIGHT), true);
  assert.equal(calendar.advance(MIDNIGHT), false);
  assert.equal(calendar.isBefore(MIDNIGHT - 1), true);
  assert.equal(calendar.isBefore(MIDNIGHT), false);
});

test('a clock that steps back over the boundary ends no period twice', () => {
  const calendar = new RotationCalendar('daily', NOON, ZONE);
  assert.equal(calendar.advance(MIDNIGHT), true);
  assert.equal(calendar.advance(MIDNIGHT - HOUR_MS), false);
  assert.equal(calendar.advance(MIDNIGHT + HOUR_MS), false);
});

test('a clock that was years ahead: the next period is one of today', () => {
  const calendar = new RotationCalendar('daily', new Date(2099, 0, 1, 12).getTime(), ZONE);
  assert.equal(calendar.advance(NOON), false);
  assert.equal(calendar.advance(MIDNIGHT), true);
});

test('several periods that passed unseen end once', () => {
  const calendar = new RotationCalendar('hourly', NOON, ZONE);
  assert.equal(calendar.advance(NOON + 10 * HOUR_MS), true);
  assert.equal(calendar.advance(NOON + 10 * HOUR_MS), false);
});

test('the clock tells every calendar whose period has ended, until it is taken away', () => {
  let nowMs = NOON;
  const clock = new RotationClock(() => nowMs);
  const told: string[] = [];
  const leave = clock.add(new RotationCalendar('hourly', nowMs, ZONE), () => told.push('hourly'));
  const leaveToo = clock.add(new RotationCalendar('daily', nowMs, ZONE), () => told.push('daily'));
  clock.look();
  nowMs = NOON + HOUR_MS;
  clock.look();
  assert.deepEqual(told, ['hourly']);
  leave();
  nowMs = MIDNIGHT;
  clock.look();
  leaveToo();
  assert.deepEqual(told, ['hourly', 'daily']);
});
