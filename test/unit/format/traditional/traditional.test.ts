import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Batch, ORIGIN } from '../../../../src/dgram-parser/columns/batch.ts';
import { blockOf, viewOf } from '../../../../src/dgram-parser/columns/byte-block.ts';
import type { HostLabel } from '../../../../src/format/record-format.ts';
import { TraditionalFormat } from '../../../../src/format/traditional/traditional.ts';
import { TraditionalTime } from '../../../../src/format/traditional/traditional-time.ts';
import { parsedBatch } from '../../../support/rows.ts';

const HOST: HostLabel = { bytes: Buffer.from('..web1'), off: 2, len: 4 };

function format(batch: Batch, row = 0, crlf = false, keep8bit = false): string {
  const writer = new TraditionalFormat(keep8bit);
  const bound = writer.bound(batch, row, HOST);
  const dst = Buffer.alloc(bound + 8, 0xee);
  const end = writer.write(batch, row, HOST, blockOf(dst), 4, crlf);
  assert.ok(end - 4 <= bound, `${end - 4} bytes stay within the bound ${bound}`);
  return dst.toString('utf8', 4, end);
}

function line(datagram: string | Uint8Array): string {
  return format(parsedBatch([datagram]));
}

const CASES: readonly (readonly [string, string | Uint8Array, string])[] = [
  ['tag, pid and text as they came', '<13>Nov  2 01:02:03 su[7]:  x', 'Nov  2 01:02:03 web1 su[7]:  x\n'],
  ['a missing blank is not invented', '<13>Nov 12 01:02:03 su:x', 'Nov 12 01:02:03 web1 su:x\n'],
  ['no tag', '<13>just words', 'Nov 20 22:14:15 web1 just words\n'],
  ['an empty datagram is a line', '', 'Nov 20 22:14:15 web1 \n'],
  ['control bytes are made safe', '<13>su: a\u001b[31m\u0007\tb\nc', 'Nov 20 22:14:15 web1 su: a^[[31m^G\tb c\n'],
  ['UTF-8 passes', '<13>su: caf\u00e9 \u2713', 'Nov 20 22:14:15 web1 su: caf\u00e9 \u2713\n'],
  ['other bytes are escaped', Buffer.from('<13>su: \xff\x85', 'latin1'), 'Nov 20 22:14:15 web1 su: M-^?M-^E\n'],
  [
    'RFC 5424 is put together',
    '<34>1 2003-10-11T22:14:15.003Z mymachine su 12 ID47 [a@1 x="1"] hi',
    'Oct 11 22:14:15 web1 su[12]: hi\n',
  ],
  ['RFC 5424 without PROCID', '<34>1 2003-10-11T22:14:15.003Z - su - - - hi', 'Oct 11 22:14:15 web1 su: hi\n'],
  ['RFC 5424 without APP-NAME', '<34>1 2003-10-11T22:14:15.003Z - - 1 - - hi', 'Oct 11 22:14:15 web1 hi\n'],
  [
    "RFC 5424 shows the sender's wall clock",
    '<34>1 2003-10-11T22:14:15+05:30 - su - - - hi',
    'Oct 11 22:14:15 web1 su: hi\n',
  ],
];

for (const [title, datagram, expected] of CASES) {
  test(`traditional line: ${title}`, () => assert.equal(line(datagram), expected));
}

test('traditional line: ends in CR LF for a terminal', () => {
  assert.equal(format(parsedBatch(['<13>a: b']), 0, true), 'Nov 20 22:14:15 web1 a: b\r\n');
});

test('traditional line: 8-bit bytes pass as they came with -8', () => {
  const writer = new TraditionalFormat(true);
  const batch = parsedBatch([Buffer.from('<13>su: \xe9\x85', 'latin1')]);
  const dst = Buffer.alloc(writer.bound(batch, 0, HOST));
  const end = writer.write(batch, 0, HOST, blockOf(dst), 0, false);
  assert.equal(dst.toString('latin1', 0, end), 'Nov 20 22:14:15 web1 su: \xe9\x85\n');
});

test('traditional line: stays within its bound for every byte repeated', () => {
  for (let byte = 0; byte < 256; byte++) {
    for (const origin of [ORIGIN.local, ORIGIN.network]) format(parsedBatch([Buffer.alloc(300, byte)], { origin }));
  }
});

test('traditional time: agrees with Date for each day of 500 years and odd seconds', () => {
  const time = new TraditionalTime();
  const dst = Buffer.alloc(15);
  for (let day = -80_000; day < 110_000; day += 1) {
    const sec = day * 86_400 + ((day * 7919) % 86_400);
    const expected = new Date(sec * 1000);
    const months = 'JanFebMarAprMayJunJulAugSepOctNovDec';
    const month = months.slice(expected.getUTCMonth() * 3, expected.getUTCMonth() * 3 + 3);
    const text = `${month} ${String(expected.getUTCDate()).padStart(2)} ${expected.toISOString().replace(/^.*T|\..*$/g, '')}`;
    assert.equal(time.write(sec, 0, 0, viewOf(dst), 0), 15);
    assert.equal(dst.toString('latin1'), text);
  }
});
