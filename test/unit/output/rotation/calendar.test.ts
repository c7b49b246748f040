/**
 * Periods at local boundaries, over changes of the clocks too. Each zone needs a process of its own.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { test } from 'node:test';
import { builtPath } from '../../../support/project.ts';

const MODULE = pathToFileURL(builtPath('src', 'output', 'rotation', 'calendar.js')).href;
const ZONE_MODULE = pathToFileURL(builtPath('src', 'protocol', 'local-zone.js')).href;

/** @returns starts of the period at `from` and of the `count` following ones, as UTC. */
function boundaries(zone: string, interval: string, from: string, count: number): string[] {
  const script = `
    import { periodAt } from '${MODULE}';
    import { LocalZone } from '${ZONE_MODULE}';
    const zone = new LocalZone();
    let at = Date.parse('${from}');
    const found = [];
    for (let i = 0; i <= ${count}; i++) {
      const { startMs, endMs } = periodAt('${interval}', at, zone);
      if (!(startMs <= at && at < endMs)) throw new Error('outside its own period: ' + new Date(at).toISOString());
      found.push(new Date(startMs).toISOString().replace(':00.000Z', 'Z'));
      at = endMs;
    }
    console.log(JSON.stringify(found));
  `;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    env: { ...process.env, TZ: zone },
    encoding: 'utf8',
  });
  const found: unknown = JSON.parse(output);
  assert.ok(Array.isArray(found));
  return found.map(String);
}

const CASES: readonly (readonly [title: string, zone: string, interval: string, from: string, ...starts: string[]])[] =
  [
    ['hours', 'UTC', 'hourly', '2026-03-05T23:59:59.999Z', '2026-03-05T23:00Z', '2026-03-06T00:00Z'],
    [
      'hours of a zone with a half',
      'Asia/Kolkata',
      'hourly',
      '2026-03-05T10:31:00Z',
      '2026-03-05T10:30Z',
      '2026-03-05T11:30Z',
    ],
    [
      'hours while an hour is repeated',
      'Europe/Berlin',
      'hourly',
      '2026-10-25T00:10:00Z',
      '2026-10-25T00:00Z',
      '2026-10-25T01:00Z',
      '2026-10-25T02:00Z',
    ],
    [
      'hours where half an hour is repeated',
      'Australia/Lord_Howe',
      'hourly',
      '2026-04-04T14:10:00Z',
      '2026-04-04T14:00Z',
      '2026-04-04T15:30Z',
      '2026-04-04T16:30Z',
    ],
    ['days', 'Europe/Berlin', 'daily', '2026-01-31T12:00:00Z', '2026-01-30T23:00Z', '2026-01-31T23:00Z'],
    ['a day of 23 hours', 'Europe/Berlin', 'daily', '2026-03-29T12:00:00Z', '2026-03-28T23:00Z', '2026-03-29T22:00Z'],
    ['a day of 25 hours', 'Europe/Berlin', 'daily', '2026-10-25T12:00:00Z', '2026-10-24T22:00Z', '2026-10-25T23:00Z'],
    [
      'a day without midnight',
      'Africa/Cairo',
      'daily',
      '2026-04-24T12:00:00Z',
      '2026-04-23T22:00Z',
      '2026-04-24T21:00Z',
    ],
    [
      'a day with two midnights',
      'America/Havana',
      'daily',
      '2026-11-01T05:30:00Z',
      '2026-11-01T04:00Z',
      '2026-11-02T05:00Z',
    ],
    [
      'a day of 23 hours, by rules',
      'CET-1CEST,M3.5.0,M10.5.0/3',
      'daily',
      '2026-03-29T12:00:00Z',
      '2026-03-28T23:00Z',
      '2026-03-29T22:00Z',
    ],
    ['weeks begin on Sunday', 'UTC', 'weekly', '2026-11-21T10:00:00Z', '2026-11-15T00:00Z', '2026-11-22T00:00Z'],
    ['a Sunday is the first day', 'UTC', 'weekly', '2026-11-22T00:00:00Z', '2026-11-22T00:00Z', '2026-11-29T00:00Z'],
    [
      'months over the end of a year',
      'UTC',
      'monthly',
      '2026-12-31T23:59:59Z',
      '2026-12-01T00:00Z',
      '2027-01-01T00:00Z',
    ],
    [
      'a month with a change',
      'Europe/Berlin',
      'monthly',
      '2026-03-31T12:00:00Z',
      '2026-02-28T23:00Z',
      '2026-03-31T22:00Z',
    ],
  ];

for (const [title, zone, interval, from, ...starts] of CASES) {
  test(`periods: ${title}`, () => assert.deepEqual(boundaries(zone, interval, from, starts.length - 1), starts));
}
