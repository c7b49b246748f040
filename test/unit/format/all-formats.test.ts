/**
 * What holds of every format for every message: one line, within its bound, safe, and nothing lost.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { type Batch, F_RFC5424, ORIGIN } from '../../../src/dgram-parser/columns/batch.ts';
import { sanitize } from '../../../src/dgram-parser/sanitize.ts';
import { decodeStructuredData } from '../../../src/dgram-parser/structured/structured-data.ts';
import { FACILITY_NAMES, SEVERITY_NAMES } from '../../../src/protocol/priority.ts';
import { DATAGRAM_CASES } from '../../cases/datagrams.ts';
import { anyDatagram } from '../../property/parser-bytes.ts';
import { ALL_FORMATS, hostOf, newFormat, receive, render } from './rendered.ts';

const numRuns = Number(process.env['FORMAT_RUNS'] ?? 3000);
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const formats = ALL_FORMATS.map(([kind, name]) => ({ kind, name, format: newFormat(kind, name) }));
const json = newFormat('line', 'json');

function safe(bytes: Uint8Array): string {
  const dst = Buffer.alloc(bytes.length * 4);
  return dst.toString('utf8', 0, sanitize(bytes, 0, bytes.length, dst, 0, false));
}

function assertSafeLine(line: Buffer): void {
  const text = strict.decode(line);
  assert.equal(text.at(-1), '\n');
  assert.doesNotMatch(text.slice(0, -1).replaceAll('\t', ''), /\p{Cc}/u);
}

function sdOf(batch: Batch): unknown {
  const sd = Buffer.from(batch.bytes.subarray(batch.sdOff[0], batch.sdOff[0]! + batch.sdLen[0]!));
  const elements = new Map<string, Map<string, string[]>>();
  for (const { id, params } of decodeStructuredData(sd, safe)) {
    const element = elements.get(id) ?? new Map<string, string[]>();
    elements.set(id, element);
    for (const { name, value } of params) element.set(name, [...(element.get(name) ?? []), value]);
  }
  const object = (map: ReadonlyMap<string, unknown>): unknown => Object.fromEntries(map);
  const value = (values: readonly string[]): unknown => (values.length === 1 ? values[0] : values);
  return object(
    new Map([...elements].map(([id, params]) => [id, object(new Map([...params].map(([n, v]) => [n, value(v)])))])),
  );
}

/** What the object must say, from the columns. */
function fieldsOf(batch: Batch): Record<string, unknown> {
  const cut = (off: number, len: number): string | undefined =>
    len === 0 ? undefined : safe(batch.bytes.subarray(off, off + len));
  const host = hostOf(batch);
  const pri = batch.pri[0]!;
  const text = batch.textOff[0]!;
  const fields = {
    host: safe(host.bytes.subarray(host.off, host.off + host.len)),
    facility: FACILITY_NAMES[pri >> 3],
    severity: SEVERITY_NAMES[pri & 7],
    app: cut(batch.tagOff[0]!, batch.tagLen[0]!),
    procid: cut(batch.pidOff[0]!, batch.pidLen[0]!),
    msgid: cut(batch.msgIdOff[0]!, batch.msgIdLen[0]!),
    sd: batch.sdLen[0] === 0 ? undefined : sdOf(batch),
    message: safe(batch.bytes.subarray(text, batch.endOff[0])),
    source: batch.origin[0] === ORIGIN.network ? '192.0.2.7' : undefined,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function assertJson(batch: Batch): void {
  const line = render(json, batch).toString('utf8');
  const time = /^\{"time":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}[+-]\d\d:\d\d)"/.exec(line)?.[1];
  assert.deepEqual(JSON.parse(line), { time, ...fieldsOf(batch) });
  const wall = Date.parse(`${time?.slice(0, 23)}Z`) / 1000 - batch.timeOffsetMin[0]! * 60;
  assert.ok(Math.abs(wall - batch.timeSec[0]! - batch.timeUsec[0]! / 1e6) < 0.001);
}

const WAYS = [
  { origin: ORIGIN.network, keepHost: true },
  { origin: ORIGIN.network, keepHost: false },
  { origin: ORIGIN.local, keepHost: true },
  { origin: ORIGIN.local, keepHost: false },
] as const;

for (const { name, datagram } of DATAGRAM_CASES) {
  test(`all formats: ${name}: one safe line each, JSON gives back the fields`, () => {
    for (const way of WAYS) {
      const batch = receive(datagram, way);
      for (const { format } of formats) assertSafeLine(render(format, batch));
      assertJson(batch);
    }
  });
}

test('all formats: any datagram is one safe line, and JSON gives back the fields', () => {
  fc.assert(
    fc.property(anyDatagram, fc.constantFrom(...WAYS), (datagram, way) => {
      const batch = receive(datagram, { ...way, messageBytes: 1024 });
      for (const { format } of formats) assertSafeLine(render(format, batch));
      assertJson(batch);
    }),
    { numRuns },
  );
});

test('all formats: with -8 every datagram stays within its bound, and no control byte passes', () => {
  const raw = ALL_FORMATS.map(([kind, name]) => newFormat(kind, name, true));
  fc.assert(
    fc.property(anyDatagram, (datagram) => {
      const batch = receive(datagram, { messageBytes: 1024 });
      for (const format of raw) {
        const line = render(format, batch);
        assert.ok(line.subarray(0, -1).every((byte) => byte === 9 || (byte >= 0x20 && byte !== 0x7f)));
        assert.equal(line.at(-1), 0x0a);
      }
    }),
    { numRuns: Math.ceil(numRuns / 3) },
  );
});

test('all formats: stay within their bound for every byte repeated, as text and as value', () => {
  for (let byte = 0; byte < 256; byte++) {
    const bytes = Buffer.alloc(450, byte);
    const value = Buffer.concat([Buffer.from('<13>1 - h a p m [i x="'), bytes, Buffer.from('"] '), bytes]);
    for (const datagram of [bytes, Buffer.concat([Buffer.from('<13>su: '), bytes]), value]) {
      const batch = receive(datagram, { messageBytes: 1024 });
      for (const { format } of formats) assertSafeLine(render(format, batch));
    }
  }
});

test('all formats: stay within their bound for the densest structured data', () => {
  for (const sd of ['[a]'.repeat(300), `[a${' b=""'.repeat(300)}]`, `[a${' b="]"'.repeat(300)}]`, '["\\"]']) {
    const batch = receive(`<13>1 - h - - - ${sd}`, { messageBytes: 4096 });
    for (const { format } of formats) assertSafeLine(render(format, batch));
    assert.equal((batch.flags[0]! & F_RFC5424) !== 0, sd.startsWith('[a'));
  }
});
