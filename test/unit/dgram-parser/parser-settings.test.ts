/**
 * What depends on settings, origin and clock: `-k`, `-T`, the kernel and the daemon itself, years and zones,
 * rows that were cut, batches that are used again.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  appendRow,
  Batch,
  F_CLEAN,
  F_CUT,
  F_MSG_HOST,
  F_MSG_TIME,
  F_NO_PRI,
  F_RFC5424,
  ORIGIN,
  type Origin,
} from '../../../src/dgram-parser/columns/batch.ts';
import { NO_HOST_WORDS } from '../../../src/dgram-parser/header/host-words.ts';
import { DatagramParser, type ParseSettings } from '../../../src/dgram-parser/parser.ts';
import { fixedZone, type Zone } from '../../../src/protocol/calendar.ts';

const DEFAULTS: ParseSettings = { keepHost: false, keepKern: false, receiptTime: false };

interface Given extends Partial<ParseSettings> {
  readonly origin?: Origin;
  readonly now?: string;
  readonly zone?: Zone;
}

function parseOne(
  datagram: string,
  { origin = ORIGIN.local, now = '2024-11-21T12:00:00Z', zone = fixedZone(0), ...settings }: Given = {},
): Batch {
  const batch = new Batch(1, 1024);
  batch.nowSec = Date.parse(now) / 1000;
  batch.nowUsec = 5;
  appendRow(batch, Buffer.from(datagram), origin);
  new DatagramParser({ ...DEFAULTS, ...settings }, NO_HOST_WORDS, zone).parse(batch, 0, 1);
  return batch;
}

function isoTime(batch: Batch): string {
  return new Date(batch.timeSec[0]! * 1000).toISOString().slice(0, 19);
}

function text(batch: Batch, row = 0): string {
  return batch.bytes.toString('latin1', batch.textOff[row], batch.endOff[row]);
}

test('PRI: kern becomes user on log sockets and from the network', () => {
  assert.deepEqual(
    [ORIGIN.local, ORIGIN.network].map((origin) => parseOne('<7>x', { origin }).pri[0]),
    [15, 15],
  );
});

test('PRI: kern stays with -k, and that of the kernel and the daemon always', () => {
  assert.equal(parseOne('<7>x', { keepKern: true, origin: ORIGIN.network }).pri[0], 7);
  assert.deepEqual(
    [ORIGIN.kernel, ORIGIN.internal].map((origin) => parseOne('<7>x', { origin }).pri[0]),
    [7, 7],
  );
});

test('PRI: mark belongs to the daemon alone', () => {
  assert.equal(parseOne('<198>-- MARK --', { origin: ORIGIN.internal }).pri[0], 198);
  assert.equal(parseOne('<200>x', { origin: ORIGIN.internal }).flags[0]! & F_NO_PRI, F_NO_PRI);
  for (const origin of [ORIGIN.local, ORIGIN.network, ORIGIN.kernel]) {
    assert.equal(parseOne('<198>x', { origin }).flags[0]! & F_NO_PRI, F_NO_PRI);
  }
});

for (const [name, datagram] of [
  ['RFC 3164', '<13>Nov 20 22:14:15 tag: x'],
  ['ISO', '<13>2024-11-20T22:14:15+05:00 tag: x'],
  ['RFC 5424', '<13>1 2024-11-20T22:14:15+05:00 h tag - - - x'],
] as const) {
  test(`time: with -T the ${name} time is recognised and not used`, () => {
    const batch = parseOne(datagram, { receiptTime: true, zone: fixedZone(-60) });
    assert.deepEqual(
      [isoTime(batch), batch.timeUsec[0], batch.timeOffsetMin[0], batch.flags[0]! & F_MSG_TIME, text(batch)],
      ['2024-11-21T12:00:00', 5, -60, 0, 'x'],
    );
  });
}

const YEARS: ReadonlyArray<readonly [now: string, stamp: string, expected: string]> = [
  ['2024-12-31T23:59:50Z', 'Jan  1 00:00:05', '2025-01-01T00:00:05'],
  ['2025-01-01T00:00:05Z', 'Dec 31 23:59:50', '2024-12-31T23:59:50'],
  ['2025-01-03T00:00:00Z', 'Jan 10 00:00:00', '2025-01-10T00:00:00'],
  ['2025-01-03T00:00:00Z', 'Jan 10 00:00:01', '2024-01-10T00:00:01'],
  ['2024-12-28T00:00:00Z', 'Jan  4 00:00:00', '2025-01-04T00:00:00'],
  ['2024-12-28T00:00:00Z', 'Jan  4 00:00:01', '2024-01-04T00:00:01'],
  ['2025-03-01T00:00:00Z', 'Feb 29 10:00:00', '2024-02-29T10:00:00'],
  ['2024-02-25T00:00:00Z', 'Feb 29 10:00:00', '2024-02-29T10:00:00'],
];

for (const [now, stamp, expected] of YEARS) {
  test(`time: ${stamp} received ${now} is ${expected}`, () => {
    assert.equal(isoTime(parseOne(`<13>${stamp} tag: x`, { now })), expected);
  });
}

test('time: Feb 29 with no leap year near is text', () => {
  const batch = parseOne('<13>Feb 29 10:00:00 tag: x', { now: '2026-06-01T00:00:00Z' });
  assert.deepEqual([batch.flags[0]! & F_MSG_TIME, text(batch)], [0, 'Feb 29 10:00:00 tag: x']);
});

test('time: the year is chosen again when the clock moves on', () => {
  const batch = new Batch(1, 1024);
  const parser = new DatagramParser(DEFAULTS, NO_HOST_WORDS, fixedZone(0));
  const years = ['2023-06-01T00:00:00Z', '2024-06-01T00:00:00Z'].map((now) => {
    batch.count = 0;
    batch.nowSec = Date.parse(now) / 1000;
    appendRow(batch, Buffer.from('<13>May 20 22:14:15 tag: x'), ORIGIN.local);
    parser.parse(batch, 0, 1);
    return isoTime(batch).slice(0, 4);
  });
  assert.deepEqual(years, ['2023', '2024']);
});

test('time: offset is that of the zone then, not now', () => {
  const zone: Zone = { offsetMinAt: (sec) => (sec < Date.parse('2024-10-27T01:00:00Z') / 1000 ? 120 : 60) };
  const summer = parseOne('<13>Aug 20 22:14:15 tag: x', { zone });
  assert.deepEqual([isoTime(summer), summer.timeOffsetMin[0]], ['2024-08-20T20:14:15', 120]);
  const now = parseOne('<13>tag: x', { zone });
  assert.deepEqual([isoTime(now), now.timeOffsetMin[0]], ['2024-11-21T12:00:00', 60]);
});

test('time: a fraction does not come back with the next stamp of the same second', () => {
  const batch = new Batch(3, 1024);
  batch.nowSec = Date.parse('2024-11-21T12:00:00Z') / 1000;
  for (const stamp of ['22:14:15', '22:14:15.5', '22:14:15']) {
    appendRow(batch, Buffer.from(`<13>Nov 20 ${stamp} tag: x`), ORIGIN.local);
  }
  new DatagramParser(DEFAULTS, NO_HOST_WORDS, fixedZone(0)).parse(batch, 0, 3);
  assert.deepEqual([...batch.timeUsec], [0, 500_000, 0]);
  assert.deepEqual([...batch.timeSec], [1_732_140_855, 1_732_140_855, 1_732_140_855]);
});

test('time: a stamp with a zone behind it is not taken for the one before', () => {
  const batch = new Batch(4, 1024);
  batch.nowSec = Date.parse('2024-11-21T12:00:00Z') / 1000;
  for (const rest of ['tag: x', 'CET: tag: x', '2023 tag: x', 'tag: x']) {
    appendRow(batch, Buffer.from(`<13>Nov 20 22:14:15 ${rest}`), ORIGIN.local);
  }
  new DatagramParser(DEFAULTS, NO_HOST_WORDS, fixedZone(0)).parse(batch, 0, 4);
  assert.deepEqual([...batch.timeSec], [1_732_140_855, 1_732_137_255, 1_700_518_455, 1_732_140_855]);
  assert.deepEqual(
    [0, 1, 2, 3].map((row) => text(batch, row)),
    ['x', 'x', 'x', 'x'],
  );
});

test('RFC 5424: HOSTNAME of a local message is kept with -H only', () => {
  const datagram = '<13>1 - h app - - - x';
  assert.equal(parseOne(datagram, { keepHost: true }).flags[0], F_RFC5424 | F_MSG_HOST | F_CLEAN);
  assert.equal(parseOne(datagram).flags[0], F_RFC5424 | F_CLEAN);
  assert.equal(parseOne('<13>1 - - app - - - x', { keepHost: true }).flags[0], F_RFC5424 | F_CLEAN);
});

test('flags: a cut row stays marked, and nothing else of an old row does', () => {
  const batch = new Batch(1, 16);
  const parser = new DatagramParser(DEFAULTS, NO_HOST_WORDS, fixedZone(0));
  appendRow(batch, Buffer.from('<13>tag: 0123456789'), ORIGIN.local);
  parser.parse(batch, 0, 1);
  assert.deepEqual([batch.flags[0], text(batch)], [F_CUT | F_CLEAN, '0123456']);
  parser.parse(batch, 0, 1);
  assert.equal(batch.flags[0], F_CUT | F_CLEAN);
});

test('parser: returns the number of failures in the rows it was given', () => {
  const batch = new Batch(4, 64);
  for (const datagram of ['<13>1 bad', '<13>1 bad', 'no pri', '<13>1 bad'])
    appendRow(batch, Buffer.from(datagram), ORIGIN.network);
  const parser = new DatagramParser(DEFAULTS, NO_HOST_WORDS, fixedZone(0));
  assert.equal(parser.parse(batch, 1, 4), 2);
  assert.equal(batch.flags[0], 0);
});
