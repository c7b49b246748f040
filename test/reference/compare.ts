/**
 * Holds the parser and the formats to the reference, datagram by datagram: every column, and the lines.
 *
 * Rows go through in batches of changing size, and parsers live on from batch to batch, so that what they remember
 * between rows is tried too.
 */
import assert from 'node:assert/strict';
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
import { blockOf } from '../../src/dgram-parser/columns/byte-block.ts';
import { DatagramParser } from '../../src/dgram-parser/parser.ts';
import { createFormat } from '../../src/format/create-format.ts';
import type { RecordFormat } from '../../src/format/record-format.ts';
import { fixedZone } from '../../src/protocol/calendar.ts';
import { isoStamp, referenceLines, safe } from './lines.ts';
import { datagrams, Dice } from './mutations.ts';
import { type Receipt, type ReferenceRow, referenceRow } from './parser.ts';

const ROWS_MAX = 24;
const MESSAGE_BYTES = 1024;
/** 2024-11-21 12:00:00 UTC */
const NOW_SEC = 1_732_190_400;
const LOCAL_NAME = 'thishost';
const PEER_NAME = 'peer1';
const LABEL = { bytes: Buffer.from('sender'), off: 0, len: 6 };
/** Members of JSON lines that the reference says nothing of. */
const UNTOLD: ReadonlySet<string> = new Set(['facility', 'severity', 'sd']);
const ORIGINS = ['local', 'network', 'local', 'network', 'kernel', 'internal'] as const;

/** One parser with its settings, and the formats, for as long as a comparison runs. */
interface Rig {
  readonly receipt: Omit<Receipt, 'origin' | 'nowSec'>;
  readonly parser: DatagramParser;
  readonly keep8bit: boolean;
  readonly formats: readonly (readonly [name: string, format: RecordFormat])[];
}

function isWord(name: string, bytes: Uint8Array, off: number, len: number): boolean {
  return Buffer.from(bytes.subarray(off, off + len)).toString('latin1') === name;
}

function createRig(bits: number): Rig {
  const settings = { keepHost: (bits & 1) !== 0, keepKern: (bits & 2) !== 0, receiptTime: (bits & 12) === 12 };
  const keep8bit = (bits & 4) !== 0;
  const offsetMin = (bits & 8) !== 0 ? 60 : -570;
  const names = {
    isLocalHost: (bytes: Uint8Array, off: number, len: number) => isWord(LOCAL_NAME, bytes, off, len),
    isPeer: (_peer: number, bytes: Uint8Array, off: number, len: number) => isWord(PEER_NAME, bytes, off, len),
  };
  const make = (kind: 'line' | 'forward', name: 'default' | 'rfc3164' | 'rfc5424' | 'iso' | 'json') =>
    [`${kind} ${name}`, createFormat(kind, name, { keep8bit, peers: { address: () => null } })] as const;
  return {
    receipt: {
      nowUsec: 250_000,
      offsetMin,
      settings,
      isLocalHost: (word) => word === LOCAL_NAME,
      isPeer: (word) => word === PEER_NAME,
    },
    parser: new DatagramParser(settings, names, fixedZone(offsetMin)),
    keep8bit,
    formats: [
      make('line', 'default'),
      make('line', 'iso'),
      make('line', 'rfc5424'),
      make('line', 'json'),
      make('forward', 'default'),
      make('forward', 'rfc3164'),
    ],
  };
}

/** @returns what the columns say, in the words of the reference */
function rowOf(batch: Batch, row: number): ReferenceRow {
  const begin = slotOff(batch, row);
  const flags = batch.flags[row]!;
  const cut = (off: number, end: number): string => batch.bytes.toString('latin1', off, end);
  const field = (off: Int32Array, len: Int32Array): string => cut(off[row]!, off[row]! + len[row]!);
  const [body, text, end] = [batch.bodyOff[row]!, batch.textOff[row]!, batch.endOff[row]!];
  return {
    pri: batch.pri[row]!,
    noPri: (flags & F_NO_PRI) !== 0,
    failed: (flags & F_PARSE_FAILED) !== 0,
    rfc5424: (flags & F_RFC5424) !== 0,
    msgTime: (flags & F_MSG_TIME) !== 0,
    msgHost: (flags & F_MSG_HOST) !== 0,
    blanks: (flags & F_TAG_BLANKS) !== 0,
    clean: (flags & F_CLEAN) !== 0,
    sec: batch.timeSec[row]!,
    usec: batch.timeUsec[row]!,
    offsetMin: batch.timeOffsetMin[row]!,
    host: field(batch.hostOff, batch.hostLen),
    tag: field(batch.tagOff, batch.tagLen),
    pid: field(batch.pidOff, batch.pidLen),
    msgId: field(batch.msgIdOff, batch.msgIdLen),
    sd: field(batch.sdOff, batch.sdLen),
    body: cut(body, end),
    text: cut(text, end),
    bodyOff: body - begin,
    textOff: text - begin,
    endOff: end - begin,
  };
}

const dst = blockOf(Buffer.alloc(MESSAGE_BYTES * 16));

function compareLines(rig: Rig, batch: Batch, row: number, expected: ReferenceRow): void {
  const host = expected.msgHost ? { bytes: batch.bytes, off: batch.hostOff[row]!, len: batch.hostLen[row]! } : LABEL;
  const hostText = expected.msgHost ? expected.host : 'sender';
  const lines = referenceLines(expected, hostText, rig.keep8bit);
  for (const [name, format] of rig.formats) {
    const end = format.write(batch, row, host, dst, 0, false);
    assert.ok(end <= format.bound(batch, row, host), `${name} stays within its bound`);
    if (name === 'line json') compareJson(dst.bytes.toString('utf8', 0, end), expected, hostText);
    else assert.equal(dst.bytes.toString('latin1', 0, end), lines[name], name);
  }
}

function compareJson(line: string, row: ReferenceRow, host: string): void {
  const record: unknown = JSON.parse(line, (key, value: unknown) => (UNTOLD.has(key) ? undefined : value));
  const utf8 = (bytes: string): string => Buffer.from(safe(bytes, false), 'latin1').toString('utf8');
  const optional = (key: string, value: string): Record<string, string> => (value === '' ? {} : { [key]: utf8(value) });
  const expected = {
    time: isoStamp(row),
    host,
    ...optional('app', row.tag),
    ...optional('procid', row.pid),
    ...optional('msgid', row.msgId),
    message: utf8(row.text),
  };
  assert.deepEqual(record, expected, 'line json');
}

/**
 * Compares `count` datagrams.
 *
 * @throws AssertionError which names the seed, the number and the datagram of the first difference
 */
export function compareWithReference(seed: number, count: number, progress: (done: number) => void = () => {}): void {
  const dice = new Dice(seed);
  const source = datagrams(dice);
  const first = createRig(0);
  const rigs = [first, ...Array.from({ length: 15 }, (_, i) => createRig(i + 1))];
  const batch = new Batch(ROWS_MAX, MESSAGE_BYTES);
  for (let done = 0; done < count; ) {
    const rig = dice.pick(rigs, first);
    const origin = dice.pick(ORIGINS, 'local');
    // The same second for a while, as under load; some years away now and then.
    const nowSec = NOW_SEC + (dice.chance(10) ? dice.below(400) * 86_400 : 0);
    const rows = Math.min(count - done, 1 + dice.below(ROWS_MAX));
    const sent: Buffer[] = [];
    batch.count = 0;
    batch.nowSec = nowSec;
    batch.nowUsec = rig.receipt.nowUsec;
    for (let row = 0; row < rows; row++) {
      const datagram = source.next().value.subarray(0, MESSAGE_BYTES);
      sent.push(datagram);
      appendRow(batch, datagram, ORIGIN[origin]);
      if (dice.chance(50)) batch.flags[row] = F_CUT;
    }
    const failed = rig.parser.parse(batch, 0, rows);
    let failedExpected = 0;
    for (const [row, datagram] of sent.entries()) {
      const expected = referenceRow(datagram, { ...rig.receipt, origin, nowSec });
      if (expected.failed) failedExpected++;
      try {
        assert.deepEqual(rowOf(batch, row), expected);
        compareLines(rig, batch, row, expected);
      } catch (error) {
        const { settings, offsetMin } = rig.receipt;
        const how = JSON.stringify({ seed, number: done + row, origin, nowSec, offsetMin, ...settings });
        throw new Error(`differs from the reference: ${JSON.stringify(datagram.toString('latin1'))} ${how}`, {
          cause: error,
        });
      }
    }
    assert.equal(failed, failedExpected);
    done += rows;
    progress(done);
  }
}
