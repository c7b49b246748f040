/**
 * Exact bytes of every format for the kinds of messages that there are.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ORIGIN } from '../../../src/dgram-parser/columns/batch.ts';
import { createFormat, FormatSet } from '../../../src/format/create-format.ts';
import { newFormat, PEERS, type Received, receive, render } from './rendered.ts';

/** What each format makes of a datagram, without the LF; the traditional line has a test of its own. */
interface Row {
  readonly title: string;
  readonly datagram: string | Uint8Array;
  readonly how?: Received;
  readonly rfc5424: string;
  readonly iso: string;
  readonly bsd: string;
  readonly rfc3164: string;
  readonly forward5424: string;
}

const T = '2024-11-20T22:14:15.000000+01:00';
const NOW = '2024-11-21T13:00:00.250000+01:00';

const ROWS: readonly Row[] = [
  {
    title: 'traditional, tag, pid and host',
    datagram: '<13>Nov 20 22:14:15 web01 su[42]: hi there',
    rfc5424: `${T} web01 su 42 - - hi there`,
    iso: `${T} web01 su[42]: hi there`,
    bsd: '<13>su[42]: hi there',
    rfc3164: '<13>Nov 20 22:14:15 web01 su[42]: hi there',
    forward5424: `<13>1 ${T} web01 su 42 - - hi there`,
  },
  {
    title: 'traditional, tag without pid, blank missing, no time',
    datagram: '<165>su:x',
    how: { origin: ORIGIN.local },
    rfc5424: `${NOW} thishost su - - - x`,
    iso: `${NOW} thishost su:x`,
    bsd: '<165>su:x',
    rfc3164: '<165>Nov 21 13:00:00 thishost su:x',
    forward5424: `<165>1 ${NOW} thishost su - - - x`,
  },
  {
    title: 'parentheses around the tag, more than a pid behind it',
    datagram: '<13>Nov 20 22:14:15 web01 (su)[42] ([7]): x',
    rfc5424: `${T} web01 su 42 - - ([7]): x`,
    iso: `${T} web01 (su)[42] ([7]): x`,
    bsd: '<13>(su)[42] ([7]): x',
    rfc3164: '<13>Nov 20 22:14:15 web01 (su)[42] ([7]): x',
    forward5424: `<13>1 ${T} web01 su 42 - - ([7]): x`,
  },
  {
    title: 'a tag with blanks is no field',
    datagram: '<13>Nov 20 22:14:15 web01 Google Chrome[42]: x',
    rfc5424: `${T} web01 - - - - Google Chrome[42]: x`,
    iso: `${T} web01 Google Chrome[42]: x`,
    bsd: '<13>Google Chrome[42]: x',
    rfc3164: '<13>Nov 20 22:14:15 web01 Google Chrome[42]: x',
    forward5424: `<13>1 ${T} web01 - - - - Google Chrome[42]: x`,
  },
  {
    title: 'a time and nothing else',
    datagram: '<13>Nov 20 22:14:15',
    rfc5424: `${T} peer1 - - - - `,
    iso: `${T} peer1 `,
    bsd: '<13>',
    rfc3164: '<13>Nov 20 22:14:15 peer1 ',
    forward5424: `<13>1 ${T} peer1 - - - - `,
  },
  {
    title: 'RFC 5424, bare values get quotes',
    datagram: String.raw`<13>1 - h a p m [i x=1 y=a\ z= "q" v=\][j w=é=\x] t`,
    rfc5424: String.raw`${NOW} h a p m [i x="1" y="a\\" z="q" v="\\"][j w="é=\\x"] t`,
    iso: `${NOW} h a[p]: t`,
    bsd: '<13>a[p]: t',
    rfc3164: '<13>Nov 21 13:00:00 h a[p]: t',
    forward5424: String.raw`<13>1 ${NOW} h a p m [i x="1" y="a\\" z="q" v="\\"][j w="é=\\x"] t`,
  },
  {
    title: 'traditional, no tag, host is the sender',
    datagram: '<13>Nov 20 22:14:15 just words, three',
    how: { keepHost: false },
    rfc5424: `${T} peer1 - - - - just words, three`,
    iso: `${T} peer1 just words, three`,
    bsd: '<13>just words, three',
    rfc3164: '<13>Nov 20 22:14:15 peer1 just words, three',
    forward5424: `<13>1 ${T} peer1 - - - - just words, three`,
  },
  {
    title: 'empty datagram',
    datagram: '',
    rfc5424: `${NOW} peer1 - - - - `,
    iso: `${NOW} peer1 `,
    bsd: '<13>',
    rfc3164: '<13>Nov 21 13:00:00 peer1 ',
    forward5424: `<13>1 ${NOW} peer1 - - - - `,
  },
  {
    title: 'no PRI',
    datagram: 'Use the BFG!',
    rfc5424: `${NOW} peer1 - - - - Use the BFG!`,
    iso: `${NOW} peer1 Use the BFG!`,
    bsd: '<13>Use the BFG!',
    rfc3164: '<13>Nov 21 13:00:00 peer1 Use the BFG!',
    forward5424: `<13>1 ${NOW} peer1 - - - - Use the BFG!`,
  },
  {
    title: 'RFC 5424, all fields',
    datagram: '<34>1 2003-10-11T22:14:15.003Z h.example su 7 ID47 [a@1 x="1"] failed',
    rfc5424: '2003-10-11T22:14:15.003000+00:00 h.example su 7 ID47 [a@1 x="1"] failed',
    iso: '2003-10-11T22:14:15.003000+00:00 h.example su[7]: failed',
    bsd: '<34>su[7]: failed',
    rfc3164: '<34>Oct 11 22:14:15 h.example su[7]: failed',
    forward5424: '<34>1 2003-10-11T22:14:15.003000+00:00 h.example su 7 ID47 [a@1 x="1"] failed',
  },
  {
    title: 'RFC 5424, nothing but NILVALUE, no MSG',
    datagram: '<14>1 - - - - - -',
    rfc5424: `${NOW} peer1 - - - - `,
    iso: `${NOW} peer1 `,
    bsd: '<14>',
    rfc3164: '<14>Nov 21 13:00:00 peer1 ',
    forward5424: `<14>1 ${NOW} peer1 - - - - `,
  },
  {
    title: 'RFC 5424, offset of the sender, pid without tag, structured data without MSG',
    datagram: '<14>1 2003-08-24T05:14:15.000003-07:00 h - 99 - [a][b]',
    rfc5424: '2003-08-24T05:14:15.000003-07:00 h - 99 - [a][b] ',
    iso: '2003-08-24T05:14:15.000003-07:00 h ',
    bsd: '<14>',
    rfc3164: '<14>Aug 24 05:14:15 h ',
    forward5424: '<14>1 2003-08-24T05:14:15.000003-07:00 h - 99 - [a][b] ',
  },
  {
    title: 'RFC 5424, byte order mark is gone, UTF-8 passes',
    datagram: '<14>1 2003-10-11T22:14:15Z h app - - - \u{feff}caf\u{e9} \u{2713}',
    rfc5424: '2003-10-11T22:14:15.000000+00:00 h app - - - caf\u{e9} \u{2713}',
    iso: '2003-10-11T22:14:15.000000+00:00 h app: caf\u{e9} \u{2713}',
    bsd: '<14>app: caf\u{e9} \u{2713}',
    rfc3164: '<14>Oct 11 22:14:15 h app: caf\u{e9} \u{2713}',
    forward5424: '<14>1 2003-10-11T22:14:15.000000+00:00 h app - - - caf\u{e9} \u{2713}',
  },
  {
    title: 'RFC 5424, malformed: kept whole',
    datagram: '<34>1 2003-10-11T22:14:15Z h',
    rfc5424: `${NOW} peer1 - - - - 1 2003-10-11T22:14:15Z h`,
    iso: `${NOW} peer1 1 2003-10-11T22:14:15Z h`,
    bsd: '<34>1 2003-10-11T22:14:15Z h',
    rfc3164: '<34>Nov 21 13:00:00 peer1 1 2003-10-11T22:14:15Z h',
    forward5424: `<34>1 ${NOW} peer1 - - - - 1 2003-10-11T22:14:15Z h`,
  },
  {
    title: 'control bytes and invalid bytes of a text',
    datagram: Buffer.from('<13>Nov 20 22:14:15 h su: a\x1b[31m\tb\nc\0d\xff\x85\n', 'latin1'),
    rfc5424: `${T} h su - - - a^[[31m\tb c^@dM-^?M-^E`,
    iso: `${T} h su: a^[[31m\tb c^@dM-^?M-^E`,
    bsd: '<13>su: a^[[31m\tb c^@dM-^?M-^E',
    rfc3164: '<13>Nov 20 22:14:15 h su: a^[[31m\tb c^@dM-^?M-^E',
    forward5424: `<13>1 ${T} h su - - - a^[[31m\tb c^@dM-^?M-^E`,
  },
  {
    title: 'control bytes and invalid bytes of structured data: what escapes them is escaped',
    datagram: Buffer.from('<13>1 - h a p m [i x="\n\x1b\x1c\x1d\x9d\xa2\xdc\xdd" y="]\\]\\o\\\\"] t', 'latin1'),
    rfc5424: String.raw`${NOW} h a p m [i x=" ^[^\\^\]M-^\]M-\"M-\\M-\]" y="\]\]\o\\"] t`,
    iso: `${NOW} h a[p]: t`,
    bsd: '<13>a[p]: t',
    rfc3164: '<13>Nov 21 13:00:00 h a[p]: t',
    forward5424: String.raw`<13>1 ${NOW} h a p m [i x=" ^[^\\^\]M-^\]M-\"M-\\M-\]" y="\]\]\o\\"] t`,
  },
  {
    title: 'letters beyond ASCII in the tag: before the text where the header cannot carry them',
    datagram: '<13>Nov 20 22:14:15 h tr\u{e8}s[7]:  msg',
    rfc5424: `${T} h tr\u{e8}s 7 - -  msg`,
    iso: `${T} h tr\u{e8}s[7]:  msg`,
    bsd: '<13>tr\u{e8}s[7]:  msg',
    rfc3164: '<13>Nov 20 22:14:15 h tr\u{e8}s[7]:  msg',
    forward5424: `<13>1 ${T} h - - - - tr\u{e8}s[7]:  msg`,
  },
  {
    title: 'a tag that means "none" in a header',
    datagram: '<13>Nov 20 22:14:15 h -: x',
    rfc5424: `${T} h - - - - x`,
    iso: `${T} h -: x`,
    bsd: '<13>-: x',
    rfc3164: '<13>Nov 20 22:14:15 h -: x',
    forward5424: `<13>1 ${T} h - - - - -: x`,
  },
  {
    title: 'byte order mark of a traditional text',
    datagram: '<13>Nov 20 22:14:15 h su: \u{feff}x',
    rfc5424: `${T} h su - - - \u{feff}x`,
    iso: `${T} h su: \u{feff}x`,
    bsd: '<13>su: \u{feff}x',
    rfc3164: '<13>Nov 20 22:14:15 h su: \u{feff}x',
    forward5424: `<13>1 ${T} h su - - - \u{feff}\u{feff}x`,
  },
  {
    title: 'cut inside of a letter',
    datagram: '<13>Nov 20 22:14:15 h su: 12345\u{e9}\u{e9}',
    how: { messageBytes: 32 },
    rfc5424: `${T} h su - - - 12345`,
    iso: `${T} h su: 12345`,
    bsd: '<13>su: 12345',
    rfc3164: '<13>Nov 20 22:14:15 h su: 12345',
    forward5424: `<13>1 ${T} h su - - - 12345`,
  },
  {
    title: 'mark of the daemon: facility syslog for others',
    datagram: '<198>tsyslogd[9]: -- MARK --',
    how: { origin: ORIGIN.internal },
    rfc5424: `${NOW} thishost tsyslogd 9 - - -- MARK --`,
    iso: `${NOW} thishost tsyslogd[9]: -- MARK --`,
    bsd: '<46>tsyslogd[9]: -- MARK --',
    rfc3164: '<46>Nov 21 13:00:00 thishost tsyslogd[9]: -- MARK --',
    forward5424: `<46>1 ${NOW} thishost tsyslogd 9 - - -- MARK --`,
  },
];

for (const row of ROWS) {
  const batch = receive(row.datagram, row.how);
  const text = (kind: 'line' | 'forward', name: 'default' | 'rfc3164' | 'rfc5424' | 'iso'): string =>
    render(newFormat(kind, name), batch).toString('utf8');
  test(`RFC 5424 line: ${row.title}`, () => assert.equal(text('line', 'rfc5424'), `${row.rfc5424}\n`));
  test(`ISO line: ${row.title}`, () => assert.equal(text('line', 'iso'), `${row.iso}\n`));
  test(`forwarded, BSD: ${row.title}`, () => assert.equal(text('forward', 'default'), `${row.bsd}\n`));
  test(`forwarded, RFC 3164: ${row.title}`, () => assert.equal(text('forward', 'rfc3164'), `${row.rfc3164}\n`));
  test(`forwarded, RFC 5424: ${row.title}`, () => assert.equal(text('forward', 'rfc5424'), `${row.forward5424}\n`));
}

const HEAD = '<13>1 2003-10-11T22:14:15.000000+00:00';
const LONG = { host: 'h'.repeat(256), app: 'a'.repeat(49), proc: '7'.repeat(129), msgId: 'm'.repeat(33) };
const LONG_SD = `[${'n'.repeat(33)}]`;
const LONG_PARAM = `[a@1 ${'n'.repeat(33)}="]"]`;

/** Fields as sent, and what is forwarded behind time. */
const LIMITS: readonly (readonly [string, string, string])[] = [
  ['fields of the longest size', `${'h'.repeat(255)} ${'a'.repeat(48)} ${'7'.repeat(128)} ${'m'.repeat(32)} - t`, ''],
  ['names of structured data of the longest size', `h a p m [${'n'.repeat(32)} ${'p'.repeat(32)}="v"] t`, ''],
  ['HOSTNAME too long', `${LONG.host} a 1 m - t`, `- a 1 m - ${LONG.host} t`],
  ['APP-NAME too long', `h ${LONG.app} 1 m - t`, `h - - m - ${LONG.app}[1]: t`],
  ['APP-NAME too long, no PROCID', `h ${LONG.app} - - - t`, `h - - - - ${LONG.app}: t`],
  ['PROCID too long', `h a ${LONG.proc} m - t`, `h - - m - a[${LONG.proc}]: t`],
  ['PROCID too long, no APP-NAME', `h - ${LONG.proc} m - t`, `h - - m - ${LONG.proc} t`],
  ['MSGID too long', `h a 1 ${LONG.msgId} - t`, `h a 1 - - ${LONG.msgId} t`],
  ['SD-ID too long', `h a 1 m ${LONG_SD} t`, `h a 1 m - ${LONG_SD} t`],
  ['PARAM-NAME too long', `h a 1 m ${LONG_PARAM} t`, `h a 1 m - ${LONG_PARAM.replace('"]"', '"\\]"')} t`],
  ['SD-ID twice', 'h a 1 m [a x="1"][b][a] t', 'h a 1 m - [a x="1"][b][a] t'],
  [
    'everything at once',
    `${LONG.host} ${LONG.app} ${LONG.proc} ${LONG.msgId} [a][a] \u{feff}\u{feff}t`,
    `- - - - - ${LONG.host} ${LONG.app}[${LONG.proc}]: ${LONG.msgId} [a][a] \u{feff}t`,
  ],
];

for (const [title, sent, expected] of LIMITS) {
  test(`forwarded, RFC 5424: ${title}`, () => {
    const batch = receive(`<13>1 2003-10-11T22:14:15Z ${sent}`);
    const text = render(newFormat('forward', 'rfc5424'), batch).toString('utf8');
    assert.equal(text, `${HEAD} ${expected === '' ? sent : expected}\n`);
  });
}

test('forwarded, RFC 5424: an empty host label is NILVALUE', () => {
  const batch = receive('<13>su: \u{feff}x');
  const text = render(newFormat('forward', 'rfc5424'), batch, false, { bytes: Buffer.alloc(0), off: 0, len: 0 });
  assert.equal(text.toString('utf8'), `<13>1 ${NOW} - su - - - \u{feff}\u{feff}x\n`);
});

test('RFC 5424 and ISO lines end in CR LF for a terminal', () => {
  const batch = receive('<13>su: x');
  assert.equal(render(newFormat('line', 'rfc5424'), batch, true).toString(), `${NOW} peer1 su - - - x\r\n`);
  assert.equal(render(newFormat('line', 'iso'), batch, true).toString(), `${NOW} peer1 su: x\r\n`);
});

test('8-bit bytes pass as they came with -8, also in structured data', () => {
  const batch = receive(Buffer.from('<13>1 - h a p m [i x="\xdd\x1d"] t\xe9\x85', 'latin1'));
  const latin1 = (kind: 'line' | 'forward'): string =>
    render(newFormat(kind, 'rfc5424', true), batch).toString('latin1');
  const expected = `${NOW} h a p m [i x="\xdd^\\]"] t\xe9\x85\n`;
  assert.equal(latin1('line'), expected);
  assert.equal(latin1('forward'), `<13>1 ${expected}`);
});

test('there is no ISO and no JSON for forwarding', () => {
  for (const name of ['iso', 'json'] as const) {
    assert.throws(() => createFormat('forward', name, { keep8bit: false, peers: PEERS }), /no format/);
  }
});

test('format set: one object for what looks the same, another for what does not', () => {
  const formats = new FormatSet({ keep8bit: false, peers: PEERS });
  assert.equal(formats.get('line', 'default'), formats.get('line', 'rfc3164'));
  assert.equal(formats.get('line', 'json'), formats.get('line', 'json'));
  const all = [
    formats.get('line', 'default'),
    formats.get('line', 'rfc5424'),
    formats.get('line', 'iso'),
    formats.get('line', 'json'),
    formats.get('forward', 'default'),
    formats.get('forward', 'rfc3164'),
    formats.get('forward', 'rfc5424'),
  ];
  assert.equal(new Set(all).size, all.length);
});
