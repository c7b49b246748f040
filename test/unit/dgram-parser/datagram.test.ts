/**
 * The object API: options, missing fields, structured data.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createReader, parse } from '../../../src/dgram-parser/datagram.ts';
import { fixedZone } from '../../../src/protocol/calendar.ts';

const NOW = { nowMs: Date.UTC(2024, 10, 21, 12) + 0.5, zone: fixedZone(60) };

test('object: a traditional message has exactly its fields', () => {
  assert.deepEqual(parse(Buffer.from('<34>Oct 11 22:14:15 mymachine su: failed'), NOW), {
    format: 'rfc3164',
    parseFailed: false,
    priority: 34,
    facility: 4,
    facilityName: 'auth',
    severity: 2,
    severityName: 'crit',
    time: { epochMs: Date.UTC(2024, 9, 11, 21, 14, 15), micros: 0, offsetMin: 60, fromMessage: true },
    host: 'mymachine',
    appName: 'su',
    structuredData: [],
    text: 'failed',
  });
});

test('object: without a time it is that of receipt, to the microsecond', () => {
  assert.deepEqual(parse(Buffer.from('x'), NOW).time, {
    epochMs: Date.UTC(2024, 10, 21, 12),
    micros: 500,
    offsetMin: 60,
    fromMessage: false,
  });
});

test('object: the clock given with a datagram replaces that of the options', () => {
  assert.equal(createReader(NOW).parse(Buffer.from('x'), 1000).time.epochMs, 1000);
});

test('object: an empty datagram is an empty text', () => {
  const { format, text, priority } = parse(new Uint8Array(0));
  assert.deepEqual({ format, text, priority }, { format: 'text', text: '', priority: 13 });
});

test('object: the datagram stays as it is, though the parser moves bytes', () => {
  const datagram = Buffer.from('<13>Nov 20 22:14:15 (tag)[1]: x\n');
  const before = Buffer.from(datagram);
  const { appName, procId } = parse(datagram, NOW);
  assert.deepEqual([appName, procId], ['tag', '1']);
  assert.deepEqual(datagram, before);
});

test('object: kern is user only if asked', () => {
  assert.equal(parse(Buffer.from('<4>x')).facilityName, 'kern');
  assert.equal(parse(Buffer.from('<4>x'), { keepKern: false }).facilityName, 'user');
});

test('object: names of this machine and of the sender are hosts, in any case', () => {
  const datagram = Buffer.from('<13>Nov 20 22:14:15 Web01 no tag here');
  const options = { ...NOW, keepHost: false };
  assert.equal(parse(datagram, options).host, undefined);
  assert.equal(parse(datagram, { ...options, peerHost: 'web01' }).host, 'Web01');
  assert.equal(parse(datagram, { ...options, origin: 'local', localHost: 'WEB01' }).text, 'no tag here');
  assert.equal(parse(datagram, { ...options, origin: 'local', peerHost: 'Web01' }).host, undefined);
});

test('object: structured data without parameters, with doubled names, with escapes', () => {
  const sd = String.raw`[a][b@1 x="" x="2\]"][c y="\"\\\n"]`;
  const { structuredData, rawStructuredData } = parse(Buffer.from(`<13>1 - - - - - ${sd} text`));
  assert.equal(rawStructuredData, sd);
  assert.deepEqual(structuredData, [
    { id: 'a', params: [] },
    {
      id: 'b@1',
      params: [
        { name: 'x', value: '' },
        { name: 'x', value: '2]' },
      ],
    },
    { id: 'c', params: [{ name: 'y', value: String.raw`"\\n` }] },
  ]);
});

test('object: all strings are safe unless asked otherwise', () => {
  const datagram = Buffer.concat([Buffer.from('<13>1 - - - - - [a x="\x1b\n"] b\x07'), Buffer.of(0xe9)]);
  const safe = parse(datagram);
  assert.deepEqual(
    [safe.rawStructuredData, safe.structuredData[0]?.params[0]?.value, safe.text],
    ['[a x="^[ "]', '^[ ', 'b^GM-i'],
  );
  const raw = parse(datagram, { sanitize: false });
  assert.deepEqual(
    [raw.rawStructuredData, raw.structuredData[0]?.params[0]?.value, raw.text],
    ['[a x="\x1b\n"]', '\x1b\n', 'b\x07\u{fffd}'],
  );
});

test('object: a datagram of 65536 bytes is whole', () => {
  assert.equal(parse(Buffer.from(`<13>${'x'.repeat(65_532)}`)).text.length, 65_532);
});
