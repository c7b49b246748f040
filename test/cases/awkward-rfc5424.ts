/**
 * Awkward datagrams from the field, rows 97 to 120: RFC 5424 and what pretends to be it.
 */
import { type DatagramCase, type Differences, datagramCase, type Expected } from './datagram-case.ts';

const TIME = '2003-10-11T22:14:15.003+00:00';
const BASE = { time: TIME, host: 'host', tag: 'app', pid: '1', msgId: 'ID47', rfc5424: true } as const;

/** `<13>1 TIME host app 1 ID47 REST`. */
function withSd(name: string, rest: string, sd: string, text: string): DatagramCase {
  return datagramCase(name, `<13>1 2003-10-11T22:14:15.003Z host app 1 ID47 ${rest}`, {
    ...BASE,
    sd,
    text,
    body: `app 1 ID47 ${rest}`,
  });
}

/** All behind PRI is text. */
function malformed(name: string, rest: string, pri = 13): DatagramCase {
  return datagramCase(name, `<${pri}>${rest}`, { pri, text: rest, failed: true });
}

/** `<13>1 STAMP host app - - - x`. */
function withTime(name: string, stamp: string, time: string): DatagramCase {
  return datagramCase(name, `<13>1 ${stamp} host app - - - x`, {
    time,
    host: 'host',
    tag: 'app',
    text: 'x',
    body: 'app - - - x',
    rfc5424: true,
  });
}

function badTime(name: string, stamp: string): DatagramCase {
  return malformed(name, `1 ${stamp} host app - - - x`);
}

function traditional(name: string, datagram: string, expected: Expected, differences?: Differences): DatagramCase {
  return datagramCase(name, datagram, expected, differences);
}

const SD_HEAD = '1 2003-10-11T22:14:15.003Z host app 1 ID47 ';
const LONG_NAME = 'n'.repeat(60);
const LONG_PROC = '7'.repeat(200);
const LONG_HOST = 'h'.repeat(300);
const LONG_APP = 'a'.repeat(60);

/** Rows 97 to 120. */
export const AWKWARD_RFC5424: readonly DatagramCase[] = [
  datagramCase('97 byte order mark', "<34>1 2003-10-11T22:14:15.003Z mymachine su - ID47 - \u{feff}'su root' failed", {
    pri: 34,
    time: TIME,
    host: 'mymachine',
    tag: 'su',
    msgId: 'ID47',
    text: "'su root' failed",
    body: "su - ID47 - \u{feff}'su root' failed",
    rfc5424: true,
  }),
  withSd('98 no MSG and no blank', '[a@1 x="1"]', '[a@1 x="1"]', ''),
  withSd('99 blank and no MSG', '[a@1 x="1"] ', '[a@1 x="1"]', ''),
  malformed('100 MSG glued to structured data', `${SD_HEAD}[a@1 x="1"]msg`),
  withSd('101 bracket in a value', '[a@1 x="q]r"] m', '[a@1 x="q]r"]', 'm'),
  withSd('102a value without quotes', '[a@1 x=1] m', '[a@1 x=1]', 'm'),
  malformed('102b quote in a value', `${SD_HEAD}[a i=""ok"] m`),
  malformed('102c blank before SD-ID', `${SD_HEAD}[ a@1 x="1"] m`),
  withSd('102d blank behind the equals sign', '[a@1 x= "App"] m', '[a@1 x= "App"]', 'm'),
  malformed('102e no value', `${SD_HEAD}[a@1 x=] m`),
  malformed('102f blank and no value', `${SD_HEAD}[a@1 x= ] m`),
  malformed('102g quote in a value without quotes', `${SD_HEAD}[a@1 x=q"r] m`),
  malformed('102h tab in a value without quotes', `${SD_HEAD}[a@1 x=q\tr] m`),
  withSd(
    '102i values without quotes, with a backslash, and with them (ESXi)',
    String.raw`[Originator@6876 sub=Vimsvc.ha-eventmgr user=EXAMPLE\root n="1"][b y=é=z] m`,
    String.raw`[Originator@6876 sub=Vimsvc.ha-eventmgr user=EXAMPLE\root n="1"][b y=é=z]`,
    'm',
  ),
  withSd('103 needless escape', String.raw`[a i="\ok"] m`, String.raw`[a i="\ok"]`, 'm'),
  withSd('104 blank between elements', '[a@1 x="1"] [b@1 y="2"] m', '[a@1 x="1"]', '[b@1 y="2"] m'),
  withSd('105a same SD-ID twice', '[a@1][a@1 x="1"] m', '[a@1][a@1 x="1"]', 'm'),
  withSd('105b SD-ID of 60 bytes', `[${LONG_NAME}] m`, `[${LONG_NAME}]`, 'm'),
  datagramCase('105c PROCID of 200 bytes', `<13>1 2003-10-11T22:14:15.003Z host app ${LONG_PROC} ID47 - m`, {
    ...BASE,
    pid: LONG_PROC,
    text: 'm',
    body: `app ${LONG_PROC} ID47 - m`,
  }),
  datagramCase('106 nothing but NILVALUE', '<14>1 - - - - - -', { pri: 14, text: '', body: '- - - -', rfc5424: true }),
  withTime('107a nine digits of fraction', '2003-10-11T22:14:15.123456789Z', '2003-10-11T22:14:15.123456+00:00'),
  withTime('107b seven digits of fraction', '2003-10-11T22:14:15.1234567Z', '2003-10-11T22:14:15.123456+00:00'),
  withTime('107c twelve digits of fraction', '2003-10-11T22:14:15.123456789012Z', '2003-10-11T22:14:15.123456+00:00'),
  withTime('107d fraction without digits', '2003-10-11T22:14:15.Z', '2003-10-11T22:14:15+00:00'),
  withTime('108 second 60', '2003-10-11T22:14:60Z', '2003-10-11T22:15:00+00:00'),
  withTime('109a lower case', '2003-10-11t22:14:15.003z', TIME),
  withTime('109b no zone', '2003-10-11T22:14:15', '2003-10-11T22:14:15+01:00'),
  withTime('109c offset without colon', '2003-10-11T22:14:15+0200', '2003-10-11T22:14:15+02:00'),
  withTime('109d no zone, fraction', '2003-10-11T22:14:15.25', '2003-10-11T22:14:15.25+01:00'),
  badTime('109e blank for the T', '2003-10-11 22:14:15Z'),
  badTime('110a offset of 99 hours', '2003-10-11T22:14:15+99:99'),
  badTime('110b offset of 24 hours', '2003-10-11T22:14:15+24:00'),
  badTime('111a month 13', '2003-13-11T22:14:15Z'),
  badTime('111b hour 24', '2003-10-11T24:14:15Z'),
  badTime('112a Feb 30', '2003-02-30T22:14:15Z'),
  withTime('112b year 0', '0000-01-01T00:00:00Z', '0000-01-01T00:00:00+00:00'),
  withTime('112c year 2099', '2099-12-31T23:59:59Z', '2099-12-31T23:59:59+00:00'),
  malformed('113 two blanks between fields', '1 2003-10-11T22:14:15.003Z host  app 1 ID47 - m'),
  traditional('114a version 2', '<14>2 2003-10-11T22:14:15.003Z host app 1 ID47 - m', {
    pri: 14,
    text: '2 2003-10-11T22:14:15.003Z host app 1 ID47 - m',
  }),
  traditional('114b version 10', '<14>10 2003-10-11T22:14:15.003Z host app 1 ID47 - m', {
    pri: 14,
    text: '10 2003-10-11T22:14:15.003Z host app 1 ID47 - m',
  }),
  traditional('114c version 01', '<34>01 2003-10-11T22:14:15.003Z host app 1 ID47 - m', {
    pri: 34,
    text: '01 2003-10-11T22:14:15.003Z host app 1 ID47 - m',
  }),
  traditional(
    '115 version missing',
    '<34> 2024-01-01T00:00:00Z h app - - - msg',
    { pri: 34, time: '2024-01-01T00:00:00+00:00', text: 'h app - - - msg' },
    { networkKeep: { pri: 34, time: '2024-01-01T00:00:00+00:00', host: 'h', text: 'app - - - msg' } },
  ),
  traditional('116a version without blank', '<34>1', { pri: 34, text: '1' }),
  malformed('116b version only', '1 ', 34),
  malformed('116c version and time', '1 2024-01-01T00:00:00Z', 34),
  malformed('116d header that ends early', '1 2024-01-01T00:00:00Z h app', 34),
  datagramCase('117 HOSTNAME of 300 bytes', `<13>1 2003-10-11T22:14:15.003Z ${LONG_HOST} app 1 ID47 - m`, {
    ...BASE,
    host: LONG_HOST,
    text: 'm',
    body: 'app 1 ID47 - m',
  }),
  malformed('118 UTF-8 in APP-NAME', '1 2003-10-11T22:14:15.003Z host très 1 ID47 - m'),
  datagramCase('119 APP-NAME of 60 bytes', `<13>1 2003-10-11T22:14:15.003Z host ${LONG_APP} 1 ID47 - m`, {
    ...BASE,
    tag: LONG_APP,
    text: 'm',
    body: `${LONG_APP} 1 ID47 - m`,
  }),
  malformed('120 epoch as time (Meraki)', '1 1732140855.123456789 MX64 flows src=10.0.0.1', 134),
];
