/**
 * A reader keeps memory from datagram to datagram: nothing of one may show in another, and its short cuts must
 * yield what the columns and sanitize() yield.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { appendRow, Batch, F_CLEAN, ORIGIN } from '../../../src/dgram-parser/columns/batch.ts';
import { createReader, type ParsedDatagram, parse, type ReadOptions } from '../../../src/dgram-parser/datagram.ts';
import { NO_HOST_WORDS } from '../../../src/dgram-parser/header/host-words.ts';
import { DatagramParser } from '../../../src/dgram-parser/parser.ts';
import { SANITIZE_MAX_EXPANSION, sanitize } from '../../../src/dgram-parser/sanitize.ts';
import { decodeStructuredData } from '../../../src/dgram-parser/structured/structured-data.ts';
import { fixedZone } from '../../../src/protocol/calendar.ts';
import { DATAGRAM_CASES } from '../../cases/datagrams.ts';
import { anyDatagram } from '../../property/parser-bytes.ts';

const numRuns = Number(process.env['PARSER_RUNS'] ?? 2000);
const ZONE = fixedZone(60);
const NOW_MS = Date.UTC(2024, 10, 21, 12);
const CASES = DATAGRAM_CASES.map(({ datagram }) => Buffer.from(datagram));

/** Datagrams that leave as much behind as they can, each unlike the one before. */
const UNLIKE = [
  '<34>Oct 11 22:14:15 mymachine su[42]: failed',
  '<165>1 2003-10-11T22:14:15.003Z web01 shop 8710 ID47 [a@1 x="7" y="\\"\\]"][b] paid',
  'x',
  '<13>1 - - - - - [e@1 x="é\\""] \u{feff}é\x07',
  '<13>Nov 20 22:14:15 é[7]: \x1b[2J',
  '<34>1 2003-02-30T00:00:00Z host app - - - x',
  '',
  '<191>38: router1: Nov 20 22:14:15: %SYS-5-CONFIG_I: changed',
  '<13>Nov 20 22:14:15 web01 (tag)[1]: a tag with a host and a long text behind it',
].map((text) => Buffer.from(text));

/** An object made from the columns the long way, for traditional settings and safe strings or not. */
function fromColumns(datagram: Uint8Array, isSafe: boolean): unknown {
  const batch = new Batch(1, datagram.length);
  batch.nowSec = NOW_MS / 1000;
  appendRow(batch, datagram, ORIGIN.network);
  new DatagramParser({ keepHost: true, keepKern: true, receiptTime: false }, NO_HOST_WORDS, ZONE).parse(batch, 0, 1);
  const decode = (bytes: Buffer): string => {
    if (!isSafe) return bytes.toString('utf8');
    const safe = Buffer.alloc(bytes.length * SANITIZE_MAX_EXPANSION);
    return safe.toString('utf8', 0, sanitize(bytes, 0, bytes.length, safe, 0, false));
  };
  const part = (off: number, len: number): Buffer => batch.bytes.subarray(off, off + len);
  const field = (name: string, off: number, len: number): Record<string, string> =>
    len === 0 ? {} : { [name]: decode(part(off, len)) };
  return {
    ...field('host', batch.hostOff[0]!, batch.hostLen[0]!),
    ...field('appName', batch.tagOff[0]!, batch.tagLen[0]!),
    ...field('procId', batch.pidOff[0]!, batch.pidLen[0]!),
    ...field('msgId', batch.msgIdOff[0]!, batch.msgIdLen[0]!),
    ...field('rawStructuredData', batch.sdOff[0]!, batch.sdLen[0]!),
    structuredData: decodeStructuredData(part(batch.sdOff[0]!, batch.sdLen[0]!), decode),
    text: decode(part(batch.textOff[0]!, batch.endOff[0]! - batch.textOff[0]!)),
  };
}

const COMMON = ['format', 'parseFailed', 'priority', 'facility', 'facilityName', 'severity', 'severityName', 'time'];
const ORDER = [...COMMON, 'host', 'appName', 'procId', 'msgId', 'rawStructuredData', 'structuredData', 'text'];

/** What is behind the common fields. */
function stringsOf(parsed: ParsedDatagram): unknown {
  return Object.fromEntries(Object.entries(parsed).filter(([name]) => !COMMON.includes(name)));
}

const OPTIONS: readonly ReadOptions[] = [
  { zone: ZONE, nowMs: NOW_MS },
  { zone: ZONE, nowMs: NOW_MS, sanitize: false, keepHost: false, keepKern: false },
  { zone: ZONE, nowMs: NOW_MS, origin: 'local', localHost: 'thishost', peerHost: 'peer1' },
];

test('reader: every datagram after every unlike one reads as it does alone', () => {
  for (const options of OPTIONS) {
    const reader = createReader(options);
    const alone = [...UNLIKE, ...CASES].map((datagram) => ({ datagram, expected: parse(datagram, options) }));
    for (const before of UNLIKE) {
      for (const { datagram, expected } of alone) {
        reader.parse(before);
        assert.deepEqual(reader.parse(datagram), expected, datagram.toString('latin1'));
      }
    }
  }
});

test('reader: any datagrams in a row read as they do alone', () => {
  const readers = OPTIONS.map((options) => ({ options, reader: createReader(options) }));
  const row = fc.array(anyDatagram, { minLength: 2, maxLength: 4 });
  const holds = fc.property(row, fc.constantFrom(...readers), (datagrams, { options, reader }) => {
    for (const datagram of datagrams) assert.deepEqual(reader.parse(datagram), parse(datagram, options));
  });
  fc.assert(holds, { numRuns });
});

for (const isSafe of [true, false]) {
  test(`reader: strings are those of the columns, ${isSafe ? 'made safe' : 'as they came'}`, () => {
    const reader = createReader({ zone: ZONE, nowMs: NOW_MS, sanitize: isSafe });
    const check = (datagram: Uint8Array): void =>
      assert.deepEqual(stringsOf(reader.parse(datagram)), fromColumns(datagram, isSafe));
    for (const datagram of [...UNLIKE, ...CASES]) check(datagram);
    fc.assert(fc.property(anyDatagram, check), { numRuns });
  });
}

test('reader: fields are plain properties, always in the same order, and absent ones are not there', () => {
  const reader = createReader({ zone: ZONE, nowMs: NOW_MS });
  for (const datagram of [...UNLIKE, ...CASES]) {
    const parsed = reader.parse(datagram);
    const keys = Object.keys(parsed);
    assert.deepEqual(
      keys,
      ORDER.filter((name) => keys.includes(name)),
    );
    assert.ok(!Object.values(parsed).includes(undefined));
    assert.equal(Object.getPrototypeOf(parsed), Object.prototype);
  }
});

test('reader: an object stays as it is when the reader goes on and the datagram is written to', () => {
  const reader = createReader({ zone: ZONE, nowMs: NOW_MS });
  const datagrams = UNLIKE.map((datagram) => Buffer.from(datagram));
  const kept = datagrams.map((datagram) => {
    const parsed = reader.parse(datagram);
    datagram.fill('#');
    return parsed;
  });
  assert.deepEqual(
    kept,
    UNLIKE.map((datagram) => parse(datagram, { zone: ZONE, nowMs: NOW_MS })),
  );
});

test('reader: objects share nothing that can be written to', () => {
  const reader = createReader({ zone: ZONE, nowMs: NOW_MS });
  for (const datagram of UNLIKE) {
    const [one, two] = [reader.parse(datagram), reader.parse(datagram)];
    assert.notEqual(one, two);
    assert.notEqual(one.time, two.time);
    assert.notEqual(one.structuredData, two.structuredData);
  }
});

test('reader: the clock of one datagram does not count for the next', () => {
  const reader = createReader({ zone: ZONE });
  const stamped = Buffer.from('<13>Dec 31 23:59:59 web01 app: x');
  const bare = Buffer.from('<13>app: x');
  for (const year of [2024, 2011, 2024, 1999]) {
    const nowMs = Date.UTC(year, 5, 1, 0, 0, 0, 250);
    assert.equal(new Date(reader.parse(stamped, nowMs).time.epochMs).getUTCFullYear(), year - 1);
    assert.equal(reader.parse(bare, nowMs).time.epochMs, nowMs);
  }
});

test('reader: datagrams of any length, long and short ones in turn, are whole', () => {
  const reader = createReader({ zone: ZONE, nowMs: NOW_MS });
  for (const length of [2047, 2048, 2049, 10, 8192, 65_536, 65_537, 3, 200_000, 2049, 0]) {
    const { text, appName } = reader.parse(Buffer.from(`<13>app: ${'x'.repeat(length)}`));
    assert.deepEqual([appName, text.length], ['app', length]);
    const escaped = reader.parse(Buffer.from(`<13>1 - - - - - [e x="é${'\x07'.repeat(length)}"] é`));
    // Not assert.equal: nobody wants to read the difference.
    assert.ok(escaped.structuredData[0]?.params[0]?.value === `é${'^G'.repeat(length)}`, `${length} escapes`);
    assert.equal(escaped.text, 'é');
  }
});

test('reader: a datagram may be a part of a larger block', () => {
  const block = Buffer.from('junk<34>Oct 11 22:14:15 web01 su: okjunk');
  const part = new Uint8Array(block.buffer, block.byteOffset + 4, block.length - 8);
  const { host, appName, text } = createReader({ zone: ZONE, nowMs: NOW_MS }).parse(part);
  assert.deepEqual([host, appName, text], ['web01', 'su', 'ok']);
});

test('reader: the datagrams of these tests take both ways, clean and not', () => {
  const flags = UNLIKE.map((datagram) => {
    const batch = new Batch(1, datagram.length);
    appendRow(batch, datagram, ORIGIN.network);
    new DatagramParser({ keepHost: true, keepKern: true, receiptTime: false }, NO_HOST_WORDS, ZONE).parse(batch, 0, 1);
    return batch.flags[0]! & F_CLEAN;
  });
  assert.deepEqual(new Set(flags), new Set([0, F_CLEAN]));
});
