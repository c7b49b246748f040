import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appendRow, Batch, ORIGIN } from '../../../../src/dgram-parser/columns/batch.ts';
import { NO_HOST_WORDS } from '../../../../src/dgram-parser/header/host-words.ts';
import { DatagramParser } from '../../../../src/dgram-parser/parser.ts';
import { JsonFormat } from '../../../../src/format/json/json.ts';
import { isJsonPlain } from '../../../../src/format/json/json-text.ts';
import { fixedZone } from '../../../../src/protocol/calendar.ts';
import { newFormat, type Received, receive, render } from '../rendered.ts';

const NOW = '2024-11-21T13:00:00.250000+01:00';
const T = '2024-11-20T22:14:15.000000+01:00';
const NET = ',"source":"192.0.2.7"}';
const USER = '"facility":"user","severity":"notice"';

function json(datagram: string | Uint8Array, how?: Received): string {
  const text = render(newFormat('line', 'json'), receive(datagram, how)).toString('utf8');
  assert.ok(text.endsWith('}\n') && text.indexOf('\n') === text.length - 1, 'one line');
  JSON.parse(text);
  return text.slice(0, -1);
}

const CASES: readonly (readonly [string, string | Uint8Array, string, Received?])[] = [
  [
    'traditional, all fields',
    '<13>Nov 20 22:14:15 web01 su[42]: hi there',
    `{"time":"${T}","host":"web01",${USER},"app":"su","procid":"42","message":"hi there"${NET}`,
  ],
  [
    'traditional, no tag; local senders have no source',
    '<191>just words',
    `{"time":"${NOW}","host":"thishost","facility":"local7","severity":"debug","message":"just words"}`,
    { origin: ORIGIN.local },
  ],
  ['empty datagram', '', `{"time":"${NOW}","host":"peer1",${USER},"message":""${NET}`],
  [
    'RFC 5424, all fields',
    String.raw`<34>1 2003-10-11T22:14:15.003Z h a p m [i@1 x="1" y="q\"w\\e\]"][j] hi`,
    '{"time":"2003-10-11T22:14:15.003000+00:00","host":"h","facility":"auth","severity":"crit",' +
      '"app":"a","procid":"p","msgid":"m","sd":{"i@1":{"x":"1","y":"q\\"w\\\\e]"},"j":{}},' +
      `"message":"hi"${NET}`,
  ],
  [
    'names that stand more than once have arrays, elements that do are one',
    '<13>1 - h - - - [a x="1" y="2" x="3"][b][a x="4" z=""] t',
    `{"time":"${NOW}","host":"h",${USER},"sd":{"a":{"x":["1","3","4"],"y":"2","z":""},"b":{}},"message":"t"${NET}`,
  ],
  [
    'names that objects have already',
    '<13>1 - h - - - [__proto__ constructor="1" __proto__="2"] t',
    `{"time":"${NOW}","host":"h",${USER},"sd":{"__proto__":{"constructor":"1","__proto__":"2"}},"message":"t"${NET}`,
  ],
  [
    'quotes, backslashes and tabs',
    '<13>su: C:\\dir "x"\ty',
    `{"time":"${NOW}","host":"peer1",${USER},"app":"su","message":"C:\\\\dir \\"x\\"\\ty"${NET}`,
  ],
  [
    'control bytes and invalid bytes',
    Buffer.from('<13>su: a\x1b[31m\nb\0c\x1c\x7f\xff\x85\x9c\xa2\xdc\n', 'latin1'),
    `{"time":"${NOW}","host":"peer1",${USER},"app":"su","message":"a^[[31m b^@c^\\\\^?M-^?M-^EM-^\\\\M-\\"M-\\\\"${NET}`,
  ],
  [
    'UTF-8, also in the tag and in structured data',
    '<13>tr\u{e8}s: \u{2713}\u{2028}\u{1f600}',
    `{"time":"${NOW}","host":"peer1",${USER},"app":"tr\u{e8}s","message":"\u{2713}\u{2028}\u{1f600}"${NET}`,
  ],
  [
    'line ends and stray bytes in structured data',
    Buffer.from('<13>1 - h - - - [a x="li\nne" y="\xdc"] t', 'latin1'),
    `{"time":"${NOW}","host":"h",${USER},"sd":{"a":{"x":"li ne","y":"M-\\\\"}},"message":"t"${NET}`,
  ],
  [
    'quotes in header fields',
    String.raw`<13>1 - h" a\ "p" m" - t`,
    String.raw`{"time":"${NOW}","host":"h\"",${USER},"app":"a\\","procid":"\"p\"","msgid":"m\"","message":"t"${NET}`,
  ],
  [
    'byte order mark of an RFC 5424 message is gone',
    '<13>1 - h - - - - \u{feff}t',
    `{"time":"${NOW}","host":"h",${USER},"message":"t"${NET}`,
  ],
  [
    'mark of the daemon',
    '<198>-- MARK --',
    `{"time":"${NOW}","host":"thishost","facility":"mark","severity":"info","message":"-- MARK --"}`,
    { origin: ORIGIN.internal },
  ],
  [
    'cut inside of a letter',
    '<13>su: 1234\u{e9}\u{e9}',
    `{"time":"${NOW}","host":"peer1",${USER},"app":"su","message":"1234"${NET}`,
    { messageBytes: 13 },
  ],
];

for (const [title, datagram, expected, how] of CASES) {
  test(`JSON line: ${title}`, () => assert.equal(json(datagram, how), expected));
}

test('JSON line: the kernel tells pid, uid and gid, unsigned, where it knows them', () => {
  const batch = receive('<13>x', { origin: ORIGIN.local });
  const tail = (pid: number, uid: number, gid: number): string => {
    [batch.credPid[0], batch.credUid[0], batch.credGid[0]] = [pid, uid, gid];
    return render(newFormat('line', 'json'), batch)
      .toString()
      .replace(/.*"message":"x"/, '');
  };
  assert.equal(tail(1234, 0, 0), ',"_PID":1234,"_UID":0,"_GID":0}\n');
  assert.equal(tail(1, -2, 65_534), ',"_PID":1,"_UID":4294967294,"_GID":65534}\n');
  assert.equal(tail(0, 1000, -1), ',"_UID":1000}\n');
  assert.equal(tail(-1, -1, -1), '}\n');
});

test('JSON line: ends in CR LF for a terminal', () => {
  assert.ok(render(newFormat('line', 'json'), receive('<13>x'), true).toString().endsWith('}\r\n'));
});

test('JSON line: each sender has its own source; one that is not known is asked for again', () => {
  const known = new Map([
    [7, '192.0.2.7'],
    [8, '2001:db8::8'],
  ]);
  const format = new JsonFormat({ address: (peer) => known.get(peer) ?? null });
  const batch = receive('<13>x');
  const source = (peer: number): string | undefined => {
    batch.peer[0] = peer;
    return /"source":"(.*?)"/.exec(render(format, batch).toString())?.[1];
  };
  assert.deepEqual([7, 8, 8, 7, 9].map(source), ['192.0.2.7', '2001:db8::8', '2001:db8::8', '192.0.2.7', undefined]);
  known.set(9, '192.0.2.9');
  assert.equal(source(9), '192.0.2.9');
});

test('JSON line: -8 does not count, what is not UTF-8 is escaped', () => {
  const text = render(newFormat('line', 'json', true), receive(Buffer.from('<13>x\xe9', 'latin1'))).toString();
  assert.match(text, /"message":"xM-i"/);
});

test('JSON text: every clean byte at every place of a word is found, or found to be plain', () => {
  const batch = new Batch(1, 64);
  const parser = new DatagramParser(
    { keepHost: false, keepKern: false, receiptTime: false },
    NO_HOST_WORDS,
    fixedZone(0),
  );
  for (let byte = 0x20; byte < 0x80; byte++) {
    const clean = byte === 0x7f ? 0x09 : byte;
    for (let place = 0; place < 12; place++) {
      batch.count = 0;
      const text = Buffer.alloc(12, 'x');
      text[place] = clean;
      appendRow(batch, Buffer.concat([Buffer.from('<13>'), text]), ORIGIN.local);
      parser.parse(batch, 0, 1);
      const plain = clean !== 0x22 && clean !== 0x5c && clean !== 0x09;
      assert.equal(isJsonPlain(batch, batch.textOff[0]!, batch.endOff[0]!), plain, `byte ${clean} at ${place}`);
      assert.equal(isJsonPlain(batch, 4 + place, 5 + place), plain, `byte ${clean} alone`);
    }
  }
});
