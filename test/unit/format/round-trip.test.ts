/**
 * What is forwarded is read back as what it was, by a peer that believes host names (`-H`). Where the form cannot
 * carry a field, no byte of it is lost.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { type Batch, F_MSG_HOST, F_RFC5424, ORIGIN } from '../../../src/dgram-parser/columns/batch.ts';
import { sanitize } from '../../../src/dgram-parser/sanitize.ts';
import { decodeStructuredData } from '../../../src/dgram-parser/structured/structured-data.ts';
import { DATAGRAM_CASES } from '../../cases/datagrams.ts';
import { anyDatagram } from '../../property/parser-bytes.ts';
import { hostOf, newFormat, receive, render } from './rendered.ts';

const numRuns = Number(process.env['FORMAT_RUNS'] ?? 3000);
const rfc3164 = newFormat('forward', 'rfc3164');
const rfc5424 = newFormat('forward', 'rfc5424');
const bsd = newFormat('forward', 'default');
const traditional = newFormat('line', 'default');

const WAYS = [
  { origin: ORIGIN.network, keepHost: true },
  { origin: ORIGIN.network, keepHost: false },
  { origin: ORIGIN.local, keepHost: true },
  { origin: ORIGIN.local, keepHost: false },
] as const;
const way = fc.constantFrom(...WAYS);

function safe(bytes: Uint8Array): string {
  const dst = Buffer.alloc(bytes.length * 4);
  return dst.toString('utf8', 0, sanitize(bytes, 0, bytes.length, dst, 0, false));
}

interface Row {
  readonly host: string;
  readonly tag: string;
  readonly pid: string;
  readonly msgId: string;
  readonly sd: unknown;
  readonly sdText: string;
  readonly body: string;
  readonly text: string;
}

function rowOf(batch: Batch): Row {
  const cut = (off: number, len: number): string => safe(batch.bytes.subarray(off, off + len));
  const [body, text, end] = [batch.bodyOff[0]!, batch.textOff[0]!, batch.endOff[0]!];
  const sd = Buffer.from(batch.bytes.subarray(batch.sdOff[0], batch.sdOff[0]! + batch.sdLen[0]!));
  const host = hostOf(batch);
  return {
    host: safe(host.bytes.subarray(host.off, host.off + host.len)),
    tag: cut(batch.tagOff[0]!, batch.tagLen[0]!),
    pid: cut(batch.pidOff[0]!, batch.pidLen[0]!),
    msgId: cut(batch.msgIdOff[0]!, batch.msgIdLen[0]!),
    sd: decodeStructuredData(sd, safe),
    sdText: safe(sd),
    body: cut(body, end - body),
    text: cut(text, end - text),
  };
}

function timeOf(batch: Batch): readonly unknown[] {
  return [batch.timeSec[0], batch.timeUsec[0], batch.timeOffsetMin[0]];
}

/** @returns the row that a peer makes of a forwarded record, and the datagram. */
function forwardedRow(record: Buffer): { batch: Batch; datagram: string } {
  assert.equal(record.at(-1), 0x0a);
  const datagram = record.subarray(0, -1);
  return { batch: receive(datagram, { messageBytes: datagram.length }), datagram: datagram.toString('utf8') };
}

const NAME = '[!#-<>-\\\\^-~]{1,32}';
const VALUE = '"(?:[^"\\\\\\]]|\\\\[^])*"';
/** The grammar of RFC 5424 §6, written without a look at the code. */
const GRAMMAR = new RegExp(
  '^<(?:0|[1-9]\\d?|1[0-8]\\d|19[01])>1 \\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}[+-]\\d\\d:\\d\\d ' +
    `[!-~]{1,255} [!-~]{1,48} [!-~]{1,128} [!-~]{1,32} (?:-|(?:\\[${NAME}(?: ${NAME}=${VALUE})*\\])+) `,
);

/** What the header of RFC 5424 carries so that it is read back. */
function isField(text: string, maxBytes: number): boolean {
  return text !== '-' && /^[!-~]*$/.test(text) && text.length <= maxBytes;
}

function hasStandardSd(batch: Batch): boolean {
  const sd = Buffer.from(batch.bytes.subarray(batch.sdOff[0], batch.sdOff[0]! + batch.sdLen[0]!));
  const elements = decodeStructuredData(sd, (bytes) => bytes.toString('latin1'));
  const names = elements.flatMap(({ id, params }) => [id, ...params.map(({ name }) => name)]);
  return names.every((name) => name.length <= 32) && new Set(elements.map(({ id }) => id)).size === elements.length;
}

function assertRfc5424(batch: Batch): void {
  const sent = rowOf(batch);
  const { batch: back, datagram } = forwardedRow(render(rfc5424, batch));
  assert.match(datagram, GRAMMAR);
  assert.equal(back.flags[0]! & F_RFC5424, F_RFC5424);
  assert.equal(back.pri[0], batch.pri[0]);
  assert.deepEqual(timeOf(back), timeOf(batch));
  const got = rowOf(back);
  // A host `-` says that there is none: the peer puts its own word.
  const host = isField(sent.host, 255) || sent.host === '-' ? '' : `${sent.host} `;
  if (host === '' && sent.host !== '-') assert.equal(got.host, sent.host);
  const isTagged = isField(sent.tag, 48) && isField(sent.pid, 128);
  assert.deepEqual([got.tag, got.pid], isTagged ? [sent.tag, sent.pid] : ['', '']);
  const isTraditional = (batch.flags[0]! & F_RFC5424) === 0;
  const pid = sent.pid === '' ? '' : `[${sent.pid}]`;
  const tag = isTagged || isTraditional ? '' : sent.tag === '' ? `${sent.pid} ` : `${sent.tag}${pid}: `;
  const msgId = isField(sent.msgId, 32) ? '' : `${sent.msgId} `;
  assert.equal(got.msgId, msgId === '' ? sent.msgId : '');
  const isStandard = hasStandardSd(batch);
  assert.deepEqual(got.sd, isStandard ? sent.sd : []);
  const text = isTagged || !isTraditional ? sent.text : sent.body;
  if (isStandard) assert.equal(got.text, `${host}${tag}${msgId}${text}`);
  // Brackets of the elements may have got backslashes.
  else assert.ok(got.text.startsWith(`${host}${tag}${msgId}[`) && got.text.endsWith(` ${text}`));
}

/** A time stamp, and what stands behind its blank. */
const LINE = /^<\d{1,3}>([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d) ([^]*)$/;
/** Words that behind a time are not surely a host: years, zones, phrases of relays. */
const PLAIN_HOST = /^(?!(?:Message|Forwarded|last|[A-Z]{1,4})$)[A-Za-z][\w.-]{0,254}$/;
const PLAIN_TAG = /^[A-Za-z][\w.-]{0,47}$/;

function assertRfc3164(batch: Batch): void {
  const sent = rowOf(batch);
  const { batch: back, datagram } = forwardedRow(render(rfc3164, batch));
  const [, stamp = '', rest = ''] = LINE.exec(datagram) ?? [];
  const line = render(traditional, batch).toString('utf8').slice(0, -1);
  assert.equal(`${stamp} ${rest}`, line);
  assert.equal(back.pri[0], batch.pri[0]);
  if (!PLAIN_HOST.test(sent.host)) return;
  assert.equal(render(traditional, back).toString('utf8').slice(0, 15), stamp);
  const got = rowOf(back);
  const isHost = (back.flags[0]! & F_MSG_HOST) !== 0;
  // A word alone, and words before a text like `last message repeated`, are no host: then it stays in the text.
  assert.equal(isHost ? `${got.host} ${got.body}` : got.body, rest);
  if (!PLAIN_TAG.test(sent.tag) || sent.pid.includes(']') || sent.pid.length > 128) return;
  assert.deepEqual([isHost, got.host, got.tag, got.pid], [true, sent.host, sent.tag, sent.pid]);
  // A newline behind the colon became a blank, and that belongs to the tag.
  assert.ok([got.text, ` ${got.text}`].includes(sent.text));
}

function assertBsd(batch: Batch): void {
  const record = render(bsd, batch).toString('utf8').slice(0, -1);
  const line = render(traditional, batch).toString('utf8').slice(0, -1);
  assert.equal(record, `<${batch.pri[0]}>${line.slice(16 + rowOf(batch).host.length + 1)}`);
}

for (const { name, datagram } of DATAGRAM_CASES) {
  test(`forwarded: ${name}: read back as it was`, () => {
    for (const how of WAYS) {
      const batch = receive(datagram, how);
      assertRfc5424(batch);
      assertRfc3164(batch);
      assertBsd(batch);
    }
  });
}

test('forwarded as RFC 5424: any datagram is valid, and read back as it was', () => {
  fc.assert(
    fc.property(anyDatagram, way, (datagram, how) => assertRfc5424(receive(datagram, { ...how, messageBytes: 1024 }))),
    { numRuns: numRuns * 2 },
  );
});

test('forwarded as RFC 3164: any datagram is read back without loss', () => {
  fc.assert(
    fc.property(anyDatagram, way, (datagram, how) => assertRfc3164(receive(datagram, { ...how, messageBytes: 1024 }))),
    { numRuns: numRuns * 2 },
  );
});

test('forwarded as BSD: any datagram is the traditional line without time and host', () => {
  fc.assert(
    fc.property(anyDatagram, way, (datagram, how) => assertBsd(receive(datagram, { ...how, messageBytes: 1024 }))),
    { numRuns },
  );
});

const word = (unit: string, maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...unit.split('')), minLength: 1, maxLength });
const message = fc.record({
  pri: fc.nat({ max: 191 }),
  host: word('abc.-19', 20).map((text) => `h${text}`),
  tag: word('abcXYZ019._-', 40).map((text) => `t${text}`),
  pid: fc.option(word('0123456789', 7)),
  text: fc.string({ unit: 'grapheme', maxLength: 80 }).map((text) => text.replaceAll(/\p{Cc}|^\u{feff}/gu, '.')),
});

test('forwarded: a message with host, tag and pid comes back whole in both forms', () => {
  fc.assert(
    fc.property(message, ({ pri, host, tag, pid, text }) => {
      const head = pid === null ? tag : `${tag}[${pid}]`;
      const batch = receive(`<${pri}>Nov 20 22:14:15 ${host} ${head}: ${text}`);
      const { sd: _sd, sdText: _sdText, body: _body, ...sent } = rowOf(batch);
      assert.deepEqual(sent, { host, tag, pid: pid ?? '', msgId: '', text });
      for (const format of [rfc3164, rfc5424]) {
        const { batch: back } = forwardedRow(render(format, batch));
        const { sd: _backSd, sdText: _backSdText, body: _backBody, ...got } = rowOf(back);
        assert.deepEqual(got, sent);
        assert.deepEqual([back.pri[0], ...timeOf(back)], [pri, ...timeOf(batch)]);
      }
    }),
    { numRuns },
  );
});
