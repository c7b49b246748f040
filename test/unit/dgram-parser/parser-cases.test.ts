/**
 * Every row of the tables of datagrams: in a fresh batch and in the middle of a batch full of noise, from the
 * network and on a log socket, with and without `-H`.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  appendRow,
  Batch,
  F_CLEAN,
  F_MSG_HOST,
  F_MSG_TIME,
  F_NO_PRI,
  F_PARSE_FAILED,
  F_RFC5424,
  F_TAG_BLANKS,
  ORIGIN,
  slotOff,
} from '../../../src/dgram-parser/columns/batch.ts';
import { DatagramParser } from '../../../src/dgram-parser/parser.ts';
import {
  CASE_HOSTS,
  CASE_NOW_SEC,
  CASE_NOW_USEC,
  CASE_PEER,
  CASE_ZONE,
  type Expected,
} from '../../cases/datagram-case.ts';
import { DATAGRAM_CASES } from '../../cases/datagrams.ts';

const MESSAGE_BYTES = 65_536;
const RFC3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?([+-])(\d\d):(\d\d)$/;

const WAYS = ['network', 'networkKeep', 'local', 'localKeep'] as const;
type Way = (typeof WAYS)[number];

const parsers = {
  keep: new DatagramParser({ keepHost: true, keepKern: false, receiptTime: false }, CASE_HOSTS, CASE_ZONE),
  replace: new DatagramParser({ keepHost: false, keepKern: false, receiptTime: false }, CASE_HOSTS, CASE_ZONE),
};

function isKeep(way: Way): boolean {
  return way === 'networkKeep' || way === 'localKeep';
}

/** What a row says, as strings of bytes, to be compared as a whole. */
function describe(batch: Batch, row: number): Record<string, unknown> {
  const cut = (off: number, len: number): string => batch.bytes.toString('latin1', off, off + len);
  const end = batch.endOff[row]!;
  return {
    pri: batch.pri[row],
    sec: batch.timeSec[row],
    usec: batch.timeUsec[row],
    offsetMin: batch.timeOffsetMin[row],
    host: cut(batch.hostOff[row]!, batch.hostLen[row]!),
    tag: cut(batch.tagOff[row]!, batch.tagLen[row]!),
    pid: cut(batch.pidOff[row]!, batch.pidLen[row]!),
    msgId: cut(batch.msgIdOff[row]!, batch.msgIdLen[row]!),
    sd: cut(batch.sdOff[row]!, batch.sdLen[row]!),
    text: cut(batch.textOff[row]!, end - batch.textOff[row]!),
    body: cut(batch.bodyOff[row]!, end - batch.bodyOff[row]!),
    flags: batch.flags[row],
  };
}

function timeOf(stamp: string | undefined): { sec: number; usec: number; offsetMin: number } {
  if (stamp === undefined) return { sec: CASE_NOW_SEC, usec: CASE_NOW_USEC, offsetMin: 60 };
  const [, wall = '', fraction = '', sign = '', hours = '', minutes = ''] = RFC3339.exec(stamp) ?? [];
  const offsetMin = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
  return {
    sec: Date.parse(`${wall}Z`) / 1000 - offsetMin * 60,
    usec: Number(fraction.padEnd(6, '0')),
    offsetMin: offsetMin || 0,
  };
}

function expectedRow(expected: Expected, keep: boolean): Record<string, unknown> {
  const { host = '', tag = '', pid = '', msgId = '', sd = '', text, body = text } = expected;
  const latin1 = (value: string | Uint8Array): string => Buffer.from(value).toString('latin1');
  const flags =
    (expected.noPri === true ? F_NO_PRI : 0) |
    (expected.failed === true ? F_PARSE_FAILED : 0) |
    (expected.rfc5424 === true ? F_RFC5424 : 0) |
    (expected.blanks === true ? F_TAG_BLANKS : 0) |
    (expected.time === undefined ? 0 : F_MSG_TIME) |
    (keep && host !== '' ? F_MSG_HOST : 0) |
    (/^[\x20-\x7e\t]*$/.test(latin1(body)) ? F_CLEAN : 0);
  return {
    pri: expected.pri ?? 13,
    ...timeOf(expected.time),
    host: latin1(host),
    tag: latin1(tag),
    pid: latin1(pid),
    msgId: latin1(msgId),
    sd: latin1(sd),
    text: latin1(text),
    body: latin1(body),
    flags,
  };
}

function addRow(batch: Batch, datagram: Uint8Array, way: Way): number {
  const isLocal = way === 'local' || way === 'localKeep';
  const row = appendRow(batch, datagram, isLocal ? ORIGIN.local : ORIGIN.network);
  batch.peer[row] = isLocal ? 0 : CASE_PEER;
  batch.nowSec = CASE_NOW_SEC;
  batch.nowUsec = CASE_NOW_USEC;
  return row;
}

const fresh = new Batch(1, MESSAGE_BYTES);
const dirty = new Batch(3, MESSAGE_BYTES);
const NOISE = ['<13>1 ', 'Nov 20 22:14:15 ', '[a@1 x="1"] ', 'tag[1]: ', '\0', '\n', 'é'].join('');

for (const { name, datagram, ...ways } of DATAGRAM_CASES) {
  for (const way of WAYS) {
    const parser = isKeep(way) ? parsers.keep : parsers.replace;
    const expected = expectedRow(ways[way], isKeep(way));
    test(`parser: ${name}, ${way}`, () => {
      new Uint8Array(fresh.memory).fill(0);
      fresh.count = 0;
      addRow(fresh, datagram, way);
      const failed = parser.parse(fresh, 0, 1);
      assert.deepEqual(describe(fresh, 0), expected);
      assert.equal(failed, ways[way].failed === true ? 1 : 0);
    });
    test(`parser: ${name}, ${way}, amid noise`, () => {
      dirty.bytes.fill(NOISE);
      dirty.count = 1;
      addRow(dirty, datagram, way);
      const around = Buffer.from(dirty.bytes);
      parser.parse(dirty, 1, 2);
      assert.deepEqual(describe(dirty, 1), expected);
      const [begin, end] = [slotOff(dirty, 1), slotOff(dirty, 2)];
      assert.ok(around.subarray(0, begin).equals(dirty.bytes.subarray(0, begin)));
      assert.ok(around.subarray(end, end + dirty.slotBytes).equals(dirty.bytes.subarray(end, end + dirty.slotBytes)));
    });
  }
}

test('cases: rows 1 to 120 are all there', () => {
  const numbers = new Set(DATAGRAM_CASES.map(({ name }) => Number(/^(\d+)/.exec(name)?.[1])));
  assert.deepEqual(
    Array.from({ length: 120 }, (_, i) => i + 1).filter((row) => !numbers.has(row)),
    [],
  );
});
