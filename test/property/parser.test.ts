/**
 * What holds of the datagram parser for every datagram, whatever its bytes. fast-check prints seed and path of
 * a failure; PARSER_RUNS raises the number of runs.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  appendRow,
  Batch,
  F_CLEAN,
  F_CUT,
  F_MSG_HOST,
  F_MSG_TIME,
  F_NO_PRI,
  F_PARSE_FAILED,
  F_RFC5424,
  F_TAG_BLANKS,
  ORIGIN,
  slotOff,
} from '../../src/dgram-parser/columns/batch.ts';
import { DatagramParser, type ParseSettings } from '../../src/dgram-parser/parser.ts';
import { CASE_HOSTS, CASE_NOW_SEC, CASE_PEER, CASE_ZONE } from '../cases/datagram-case.ts';
import { anyDatagram } from './parser-bytes.ts';

const numRuns = Number(process.env['PARSER_RUNS'] ?? 4000);
const MESSAGE_BYTES = 1024;
const ALL_FLAGS = F_CUT | F_RFC5424 | F_PARSE_FAILED | F_MSG_TIME | F_MSG_HOST | F_CLEAN | F_NO_PRI | F_TAG_BLANKS;

const settings: fc.Arbitrary<ParseSettings> = fc.record({
  keepHost: fc.boolean(),
  keepKern: fc.boolean(),
  receiptTime: fc.boolean(),
});
const origin = fc.constantFrom(ORIGIN.local, ORIGIN.network, ORIGIN.kernel, ORIGIN.internal);

type Origin = 0 | 1 | 2 | 3;

function newParser(parseSettings: ParseSettings): DatagramParser {
  return new DatagramParser(parseSettings, CASE_HOSTS, CASE_ZONE);
}

function append(batch: Batch, datagram: Uint8Array, from: Origin): number {
  const row = appendRow(batch, datagram, from);
  batch.peer[row] = CASE_PEER;
  batch.nowSec = CASE_NOW_SEC;
  batch.nowUsec = 1;
  return row;
}

/** All columns of a row that the parser writes, offsets relative to the slot, and the bytes of the body. */
function snapshot(batch: Batch, row: number): Record<string, unknown> {
  const at = slotOff(batch, row);
  return {
    flags: batch.flags[row],
    pri: batch.pri[row],
    time: [batch.timeSec[row], batch.timeUsec[row], batch.timeOffsetMin[row]],
    host: [batch.hostOff[row]! - at, batch.hostLen[row]],
    tag: [batch.tagOff[row]! - at, batch.tagLen[row]],
    pid: [batch.pidOff[row]! - at, batch.pidLen[row]],
    msgId: [batch.msgIdOff[row]! - at, batch.msgIdLen[row]],
    sd: [batch.sdOff[row]! - at, batch.sdLen[row]],
    text: [batch.bodyOff[row]! - at, batch.textOff[row]! - at, batch.endOff[row]! - at],
    body: batch.bytes.toString('latin1', batch.bodyOff[row], batch.endOff[row]),
  };
}

test('parser: offsets are ordered and inside of the datagram', () => {
  fc.assert(
    fc.property(anyDatagram, settings, origin, (datagram, parseSettings, from) => {
      const batch = new Batch(2, MESSAGE_BYTES);
      append(batch, Buffer.from('x'), from);
      const row = append(batch, datagram, from);
      newParser(parseSettings).parse(batch, row, row + 1);
      const begin = slotOff(batch, row);
      const end = begin + datagram.length;
      const [body, text, stop] = [batch.bodyOff[row]!, batch.textOff[row]!, batch.endOff[row]!];
      assert.ok(begin <= body && body <= text && text <= stop && stop <= end && end - stop <= 1);
      for (const [off, len] of [
        [batch.hostOff[row]!, batch.hostLen[row]!],
        [batch.tagOff[row]!, batch.tagLen[row]!],
        [batch.pidOff[row]!, batch.pidLen[row]!],
        [batch.msgIdOff[row]!, batch.msgIdLen[row]!],
        [batch.sdOff[row]!, batch.sdLen[row]!],
      ] as const) {
        assert.ok(off >= begin && len >= 0 && off + len <= stop);
      }
      const pri = batch.pri[row]!;
      assert.ok(pri <= (from === ORIGIN.internal ? 199 : 191));
      assert.equal(batch.flags[row]! & ~ALL_FLAGS, 0);
      const time = batch.timeUsec[row]!;
      assert.ok(Number.isInteger(batch.timeSec[row]) && time >= 0 && time < 1_000_000);
    }),
    { numRuns },
  );
});

test('parser: a row depends on nothing around its datagram, and changes nothing there', () => {
  const quiet = new Batch(3, MESSAGE_BYTES);
  const noisy = new Batch(3, MESSAGE_BYTES);
  fc.assert(
    fc.property(anyDatagram, anyDatagram, settings, origin, (datagram, noise, parseSettings, from) => {
      quiet.bytes.fill(0);
      noisy.bytes.fill(noise.length === 0 ? 0xff : noise);
      const seen = [quiet, noisy].map((batch) => {
        batch.count = 1;
        append(batch, datagram, from);
        const before = Buffer.from(batch.bytes);
        newParser(parseSettings).parse(batch, 1, 2);
        const [begin, end] = [slotOff(batch, 1), slotOff(batch, 2)];
        assert.equal(before.compare(batch.bytes, 0, begin, 0, begin), 0);
        assert.equal(before.compare(batch.bytes, end, end + batch.slotBytes, end, end + batch.slotBytes), 0);
        for (const column of Object.values(batch)) {
          if (!(column instanceof Int32Array) || column === batch.words) continue;
          const old = new Int32Array(before.buffer, before.byteOffset + column.byteOffset, 3);
          assert.deepEqual([column[0], column[2]], [old[0], old[2]]);
        }
        return snapshot(batch, 1);
      });
      assert.deepEqual(seen[0], seen[1]);
    }),
    { numRuns },
  );
});

/** The batch, with memory that refuses to be read or written outside of one slot. */
function guarded(batch: Batch, row: number): Batch {
  const inside = (memory: Uint8Array | Int32Array, begin: number, end: number): unknown => {
    const check = (key: string | symbol): void => {
      const index = typeof key === 'string' && /^-?\d+$/.test(key) ? Number(key) : begin;
      if (index < begin || index >= end) throw new RangeError(`index ${index} is outside of ${begin} to ${end}`);
    };
    return new Proxy(memory, {
      get(target, key) {
        check(key);
        const value: unknown = Reflect.get(target, key);
        if (typeof value !== 'function') return value;
        const bound: unknown = value.bind(target);
        return bound;
      },
      set(target, key, value) {
        check(key);
        return Reflect.set(target, key, value);
      },
    });
  };
  const [begin, end] = [slotOff(batch, row), slotOff(batch, row + 1)];
  const view = new Proxy(batch.view, {
    get(target, key) {
      if (key !== 'getInt32') throw new RangeError(`${String(key)} is not watched`);
      return (at: number, littleEndian: boolean): number => {
        if (at < begin || at + 4 > end) throw new RangeError(`word at ${at} is outside of ${begin} to ${end}`);
        return target.getInt32(at, littleEndian);
      };
    },
  });
  const bytes = inside(batch.bytes, begin, end);
  const words = inside(batch.words, begin / 4, end / 4);
  return new Proxy(batch, {
    get(target, key): unknown {
      if (key === 'bytes') return bytes;
      if (key === 'view') return view;
      return key === 'words' ? words : Reflect.get(target, key);
    },
  });
}

test('parser: nothing is read or written outside of the slot', () => {
  const stamped = new Batch(1, MESSAGE_BYTES);
  append(stamped, Buffer.from('<13>Nov 20 22:14:15 tag: x'), ORIGIN.local);
  fc.assert(
    fc.property(anyDatagram, settings, origin, (datagram, parseSettings, from) => {
      const batch = new Batch(3, Math.max(1, datagram.length));
      batch.bytes.fill('<13>Nov 20 22:14:15 "]');
      batch.count = 1;
      append(batch, datagram, from);
      const parser = newParser(parseSettings);
      // Leaves a time stamp behind that the next one is compared with.
      parser.parse(stamped, 0, 1);
      parser.parse(guarded(batch, 1), 1, 2);
    }),
    { numRuns },
  );
});

/** Where the brackets are empty, nothing is left of the pid of the row before. */
const EMPTY_PID_AFTER_ANOTHER: [Buffer[], ParseSettings, number] = [
  [Buffer.from('<13>Nov 20 22:14:15 ::1 tag[1]: x'), Buffer.from('<13>Nov 20 22:14:15 host tag[]: x')],
  { keepHost: false, keepKern: false, receiptTime: false },
  ORIGIN.network,
];

test('parser: a batch gives each datagram what it gets alone', () => {
  fc.assert(
    fc.property(
      fc.array(anyDatagram, { minLength: 1, maxLength: 6 }),
      settings,
      origin,
      (datagrams, parseSettings, from) => {
        const together = new Batch(datagrams.length, MESSAGE_BYTES);
        for (const datagram of datagrams) append(together, datagram, from);
        const failed = newParser(parseSettings).parse(together, 0, datagrams.length);
        let failedAlone = 0;
        for (const [row, datagram] of datagrams.entries()) {
          const alone = new Batch(1, MESSAGE_BYTES);
          append(alone, datagram, from);
          failedAlone += newParser(parseSettings).parse(alone, 0, 1);
          assert.deepEqual(snapshot(together, row), snapshot(alone, 0));
        }
        assert.equal(failed, failedAlone);
      },
    ),
    { numRuns: numRuns / 4, examples: [EMPTY_PID_AFTER_ANOTHER] },
  );
});

const STAMP =
  '(?:[*.]?(?:\\d{4} )?[A-Za-z]{3} {1,2}\\d{1,2} (?:\\d{4} )?\\d\\d:\\d\\d:\\d\\d(?:[.,]\\d*)?' +
  '(?: [A-Z]{1,4}(?= \\d{4}|:))?(?: \\d{4})?' +
  '|\\d{4}-\\d\\d-\\d\\d[Tt ]\\d\\d:\\d\\d:\\d\\d(?:[.,]\\d*)?(?:[Zz]|[+-]\\d\\d(?::?\\d\\d)?)?):?(?: |$)';
/** What may be missing before the body: time stamp and host. */
const HEADER = new RegExp(`^ *(?:: +)?${STAMP}(?: *(?<host>[!-~]{1,255}) ?)?$`);
/** The same, where a number that could be a year is the host. */
const HEADER_NUMBER = new RegExp(HEADER.source.replace('(?: \\d{4})?|', '|'));
/** The same, where a relay says so in words. */
const FORWARDED = new RegExp(`^ *(?:: +)?${STAMP} *(?:Message f|F)orwarded from (?<host>[!-~]{1,255}): $`);
/** Words before the time stamp that are moved behind it. */
const PREFIXED = new RegExp(`^ *(?<prefix>\\d+: (?: *[\\w.-]+: ){0,2} *)${STAMP}`);

/** A host without a time, which a tag must follow. */
const HOST_ALONE = /^ *(?<host>[!-~]{1,255}) $/;

const HEADERS = [HEADER, HEADER_NUMBER, FORWARDED];

interface Row {
  readonly host: string;
  readonly tag: string;
  readonly pid: string;
  readonly msgId: string;
  readonly sd: string;
  readonly body: string;
  readonly text: string;
}

function rowOf(batch: Batch): Row {
  const cut = (off: number, len: number): string => batch.bytes.toString('latin1', off, off + len);
  return {
    host: cut(batch.hostOff[0]!, batch.hostLen[0]!),
    tag: cut(batch.tagOff[0]!, batch.tagLen[0]!),
    pid: cut(batch.pidOff[0]!, batch.pidLen[0]!),
    msgId: cut(batch.msgIdOff[0]!, batch.msgIdLen[0]!),
    sd: cut(batch.sdOff[0]!, batch.sdLen[0]!),
    body: cut(batch.bodyOff[0]!, batch.endOff[0]! - batch.bodyOff[0]!),
    text: cut(batch.textOff[0]!, batch.endOff[0]! - batch.textOff[0]!),
  };
}

/** RFC 5424: the fields, joined again, are the message. */
function assertRfc5424Whole(rest: string, { host, tag, pid, msgId, sd, body, text }: Row): void {
  const nil = (field: string): string => (field === '' ? '-' : field);
  const head = [tag, pid, msgId, sd].map(nil).join(' ');
  assert.ok(['', ' ', ' \xef\xbb\xbf'].some((between) => body === head + between + text));
  const dropped = rest.slice(0, rest.length - body.length);
  assert.ok(rest.endsWith(body));
  assert.ok(/^1 [!-~]+ [!-~]+ $/.test(dropped) && dropped.endsWith(` ${nil(host)} `));
}

/** What stands before the text in a body: blanks or a lone colon, the tag, its pid, and what ends them. */
function isTagHead(head: string, { tag, pid, text }: Row): boolean {
  const tags = [tag, `(${tag})`];
  const pids = pid === '' ? ['', '[]'] : [`[${pid}]`];
  const ends = [':', ': ', ...(/^[[(]/.test(text) ? [''] : []), ...(text.startsWith('(') ? [' '] : [])];
  return tags.some((word) =>
    pids.some((bracketed) =>
      ends.some((end) => {
        const tail = word + bracketed + end;
        return head.endsWith(tail) && /^ *(?:: +)?$/.test(head.slice(0, head.length - tail.length));
      }),
    ),
  );
}

/** Traditional: body and recognised header make up the message. */
function assertTraditionalWhole(rest: string, row: Row): void {
  const { host, tag, body, text } = row;
  const head = body.slice(0, body.length - text.length);
  assert.ok(body.endsWith(text));
  if (tag === '') assert.equal(head, '');
  else assert.ok(isTagHead(head, row), `head ${JSON.stringify(head)}`);
  if (rest.endsWith(body)) {
    const dropped = rest.slice(0, rest.length - body.length);
    if (dropped === '' && host === '') return;
    const forms = tag === '' ? HEADERS : [...HEADERS, HOST_ALONE];
    const found = forms.map((form) => form.exec(dropped)).filter((match) => match !== null);
    if (found.some(({ groups }) => (groups?.['host'] ?? '') === host)) return;
  }
  const moved = PREFIXED.exec(rest);
  assert.ok(moved !== null && host === '' && body === (moved.groups?.['prefix'] ?? '') + rest.slice(moved[0].length));
}

test('parser: header and body together are the datagram', () => {
  fc.assert(
    fc.property(anyDatagram, settings, origin, (datagram, parseSettings, from) => {
      const batch = new Batch(1, MESSAGE_BYTES);
      append(batch, datagram, from);
      newParser(parseSettings).parse(batch, 0, 1);
      const flags = batch.flags[0]!;
      const row = rowOf(batch);
      const whole = datagram.toString('latin1').replace(/[\n\0]$/, '');
      assert.equal((flags & F_CLEAN) !== 0, /^[\x20-\x7e\t]*$/.test(row.body));
      assert.equal((flags & F_MSG_HOST) !== 0, parseSettings.keepHost && row.host !== '');
      if ((flags & F_NO_PRI) !== 0) {
        assert.deepEqual([row.body, row.text, row.tag, batch.pri[0]], [whole, whole, '', 13]);
        return;
      }
      const rest = whole.replace(/^<\d{1,3}>/, '');
      assert.ok(rest.length < whole.length);
      if ((flags & F_PARSE_FAILED) !== 0) assert.deepEqual([row.body, row.text, row.tag], [rest, rest, '']);
      else if ((flags & F_RFC5424) !== 0) assertRfc5424Whole(rest, row);
      else assertTraditionalWhole(rest, row);
    }),
    { numRuns: numRuns * 2 },
  );
});

const word = (maxLength: number): fc.Arbitrary<string> =>
  fc
    .string({
      unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
      minLength: 1,
      maxLength,
    })
    .filter((text) => text !== '-');
const sdName = word(32).map((text) => text.replaceAll(/[=\]"]/g, 'n'));
const sdValue = fc.string({ unit: 'grapheme', maxLength: 20 });
const sdElement = fc.record({
  id: sdName,
  params: fc.array(fc.record({ name: sdName, value: sdValue }), { maxLength: 3 }),
});

test('parser: what is written as RFC 5424 is read back', () => {
  fc.assert(
    fc.property(
      fc.record({
        pri: fc.nat({ max: 191 }),
        host: word(255),
        tag: word(48),
        pid: word(128),
        msgId: word(32),
        sd: fc.array(sdElement, { minLength: 1, maxLength: 3 }),
        text: fc.string({ unit: 'grapheme', maxLength: 100 }).filter((text) => !/[\n\0]$|^\u{feff}/u.test(text)),
      }),
      fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
      fc.integer({ min: -1439, max: 1439 }),
      ({ pri, host, tag, pid, msgId, sd: elements, text }, date, offset) => {
        const escape = (value: string): string => value.replaceAll(/["\\\]]/g, String.raw`\$&`);
        const sd = elements
          .map(({ id, params }) => `[${id}${params.map(({ name, value }) => ` ${name}="${escape(value)}"`).join('')}]`)
          .join('');
        const offsetMin = date.getUTCFullYear() === 1 || date.getUTCFullYear() === 9999 ? 0 : offset;
        const wall = new Date(date.getTime() + offsetMin * 60_000).toISOString().slice(0, -1);
        const zone = [Math.floor(Math.abs(offsetMin) / 60), Math.abs(offsetMin) % 60]
          .map((n) => String(n).padStart(2, '0'))
          .join(':');
        const datagram = Buffer.from(
          `<${pri}>1 ${wall}${offsetMin < 0 ? '-' : '+'}${zone} ${host} ${tag} ${pid} ${msgId} ${sd} ${text}`,
        );
        const batch = new Batch(1, 4096);
        append(batch, datagram, ORIGIN.network);
        newParser({ keepHost: true, keepKern: true, receiptTime: false }).parse(batch, 0, 1);
        const latin1 = (value: string): string => Buffer.from(value).toString('latin1');
        const { body: _body, ...row } = rowOf(batch);
        assert.deepEqual(row, { host, tag, pid, msgId, sd: latin1(sd), text: latin1(text) });
        assert.equal(batch.pri[0], pri);
        assert.equal(batch.timeSec[0]! * 1000 + batch.timeUsec[0]! / 1000, date.getTime());
        assert.equal(batch.timeOffsetMin[0]! - offsetMin, 0);
      },
    ),
    { numRuns: numRuns / 2 },
  );
});
