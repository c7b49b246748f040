/**
 * Awkward datagrams from the field, rows 1 to 96: PRI, time stamps, hosts and tags, bytes in the text. What
 * other daemons make of them differs from daemon to daemon, and many lose text; here is what tsyslogd does.
 */
import { type DatagramCase, datagramCase, STAMP_TIME, stamped, withoutPri } from './datagram-case.ts';

const BYTES_89 = Buffer.from([0x80, 0x85, 0x9b, 0x9f, 0xa0, 0xff]);
const OVERLONG = Buffer.from([0xc0, 0xaf]);
const HOST_TAG = { host: 'host', tag: 'tag', text: 'x', body: 'tag: x' } as const;

function bytes(...parts: readonly (string | Uint8Array)[]): Uint8Array {
  return Buffer.concat(parts.map((part) => Buffer.from(part)));
}

/** PRI. */
const PRI_ROWS: readonly DatagramCase[] = [
  withoutPri('1 no PRI', 'Use the BFG!'),
  withoutPri('2 no PRI, a tag', 'tag: no pri here'),
  withoutPri('3 no PRI, a whole header', 'Nov 20 22:14:15 host tag: x'),
  withoutPri('4 empty datagram', ''),
  datagramCase('5 PRI only', '<13>', { text: '' }),
  datagramCase('6 PRI and newline', '<13>\n', { text: '' }),
  datagramCase('7 PRI and blank', '<13> ', { text: ' ' }),
  withoutPri('8a NUL only', '\0', ''),
  withoutPri('8b newline only', '\n', ''),
  withoutPri('8c blank only', ' '),
  withoutPri('9 PRI without digits', '<>x: y'),
  withoutPri('10 PRI without end', '<13'),
  withoutPri('11a letter in PRI', '<a>x: y'),
  withoutPri('11b sign in PRI', '<-1>x: y'),
  withoutPri('11c blank in PRI', '< 13>x: y'),
  withoutPri('12 four digits', '<0013>x: y'),
  withoutPri('13 eleven digits', '<00000000013>x: y'),
  datagramCase('14 largest PRI', '<191>x: y', { pri: 191, tag: 'x', text: 'y', body: 'x: y' }),
  withoutPri('15a facility 24', '<192>x: y'),
  withoutPri('15b facility 24, severity 7', '<199>x: y'),
  withoutPri('16a PRI 200', '<200>x: y'),
  withoutPri('16b PRI 999', '<999>x: y'),
  withoutPri('16c PRI 1023', '<1023>x: y'),
  withoutPri('17 PRI 1024', '<1024>x: y'),
  withoutPri('18 PRI beyond 32 bits', '<99999999999>x: y'),
  datagramCase('19 PRI twice', '<13><14>x: y', { text: '<14>x: y' }),
  datagramCase('20a kern.emerg from outside', '<0>kernlike: x', {
    pri: 8,
    tag: 'kernlike',
    text: 'x',
    body: 'kernlike: x',
  }),
  datagramCase('20b kern.info from outside', '<6>kernlike: x', {
    pri: 14,
    tag: 'kernlike',
    text: 'x',
    body: 'kernlike: x',
  }),
  withoutPri('21 blank before PRI', ' <13>tag: x'),
  withoutPri('22 byte order mark before PRI', '\u{feff}<13>Nov 20 22:14:15 host tag: x'),
  withoutPri('23 octet count before PRI', '25 <13>Nov 20 22:14:15 host tag: x'),
];

/** Time stamps. */
const TIME_ROWS: readonly DatagramCase[] = [
  datagramCase('24 one-digit day, one blank', '<13>Nov 2 22:14:15 host tag: x', {
    ...HOST_TAG,
    time: '2024-11-02T22:14:15+01:00',
  }),
  datagramCase('25 day padded with zero', '<13>Nov 02 22:14:15 host tag: x', {
    ...HOST_TAG,
    time: '2024-11-02T22:14:15+01:00',
  }),
  datagramCase('26 lower-case month', '<13>nov 20 22:14:15 host tag: x', { ...HOST_TAG, time: STAMP_TIME }),
  datagramCase(
    '27 upper-case month, no colon behind the tag',
    '<13>AUG 10 22:18:24 host tag x',
    { time: '2024-08-10T22:18:24+01:00', text: 'host tag x' },
    { networkKeep: { time: '2024-08-10T22:18:24+01:00', host: 'host', text: 'tag x' } },
  ),
  datagramCase('28 German month', '<13>Mai 20 22:14:15 host tag: x', { text: 'Mai 20 22:14:15 host tag: x' }),
  datagramCase('29 shape of a time only', '<13>xxx xx xx:xx:xx host tag: x', { text: 'xxx xx xx:xx:xx host tag: x' }),
  datagramCase('30 hour 24', '<13>Nov 20 24:14:15 host tag: x', { text: 'Nov 20 24:14:15 host tag: x' }),
  datagramCase('31 second 60', '<13>Nov 20 22:14:60 host tag: x', { ...HOST_TAG, time: '2024-11-20T22:15:00+01:00' }),
  datagramCase('32 Feb 30', '<13>Feb 30 22:14:15 host tag: x', { text: 'Feb 30 22:14:15 host tag: x' }),
  datagramCase(
    '33 year before the time, host and lone colon (ASA)',
    '<13>Nov 20 2024 22:14:15 fw01 : %ASA-6-302013: Built',
    { time: STAMP_TIME, host: 'fw01', tag: '%ASA-6-302013', text: 'Built', body: ': %ASA-6-302013: Built' },
  ),
  datagramCase('34 year before the time, colon', '<13>Mar 7 2008 19:06:53: example tag: x', {
    ...HOST_TAG,
    host: 'example',
    time: '2008-03-07T19:06:53+01:00',
  }),
  datagramCase('35 year behind the time', '<13>Apr 15 21:28:13 2007 linksys app: msg', {
    time: '2007-04-15T21:28:13+01:00',
    host: 'linksys',
    tag: 'app',
    text: 'msg',
    body: 'app: msg',
  }),
  datagramCase(
    '36 year first, unknown zone, two hosts',
    "<13>1990 Oct 22 10:52:01 TZ-6 scapegoat.dmz.example.org 10.1.2.3 sched[0]: That's All Folks!",
    {
      time: '1990-10-22T10:52:01+01:00',
      text: "TZ-6 scapegoat.dmz.example.org 10.1.2.3 sched[0]: That's All Folks!",
    },
    {
      networkKeep: {
        time: '1990-10-22T10:52:01+01:00',
        host: 'TZ-6',
        text: "scapegoat.dmz.example.org 10.1.2.3 sched[0]: That's All Folks!",
      },
    },
  ),
  datagramCase('37 zone and year behind the time', '<13>Aug 24 05:34:00 CST 1987 mymachine myproc[10]: %% x', {
    time: '1987-08-24T05:34:00-06:00',
    host: 'mymachine',
    tag: 'myproc',
    pid: '10',
    text: '%% x',
    body: 'myproc[10]: %% x',
  }),
  datagramCase('38 milliseconds (Juniper)', '<13>Nov 20 22:14:15.123 host mgd[1234]: x', {
    time: '2024-11-20T22:14:15.123+01:00',
    host: 'host',
    tag: 'mgd',
    pid: '1234',
    text: 'x',
    body: 'mgd[1234]: x',
  }),
  datagramCase('39 colon behind the time (Cisco)', '<13>Nov 20 22:14:15: %SYS-5-RESTART: restart', {
    time: STAMP_TIME,
    tag: '%SYS-5-RESTART',
    text: 'restart',
    body: '%SYS-5-RESTART: restart',
  }),
  datagramCase('40 sequence number (IOS)', '<13>38: Nov 20 22:14:15.123: %SYS-5-CONFIG_I: Configured', {
    time: '2024-11-20T22:14:15.123+01:00',
    text: '38: %SYS-5-CONFIG_I: Configured',
  }),
  datagramCase('41 sequence number, clock not set, zone', '<13>38: *Mar  1 00:00:34.123 UTC: %LINK-3-UPDOWN: up', {
    time: '2024-03-01T00:00:34.123+00:00',
    text: '38: %LINK-3-UPDOWN: up',
  }),
  datagramCase('42 sequence number and name', '<13>38: router1: Nov 20 22:14:15: %SYS-5-CONFIG_I: Configured', {
    time: STAMP_TIME,
    text: '38: router1: %SYS-5-CONFIG_I: Configured',
  }),
  datagramCase('43 lone colon, year first, zone (NX-OS)', '<13>: 2024 Nov 20 22:14:15 UTC: %ETHPORT-5-IF_UP: up', {
    time: '2024-11-20T22:14:15+00:00',
    tag: '%ETHPORT-5-IF_UP',
    text: 'up',
    body: '%ETHPORT-5-IF_UP: up',
  }),
  datagramCase('44 dot before the time', '<13>.Apr 15 2007 21:28:13: %PIX-6-302013: Built', {
    time: '2007-04-15T21:28:13+01:00',
    tag: '%PIX-6-302013',
    text: 'Built',
    body: '%PIX-6-302013: Built',
  }),
  datagramCase('45 ISO time (ESXi)', '<13>2024-11-20T22:14:15.123Z esx01 Hostd: x', {
    time: '2024-11-20T22:14:15.123+00:00',
    host: 'esx01',
    tag: 'Hostd',
    text: 'x',
    body: 'Hostd: x',
  }),
  datagramCase('46 ISO time with a blank', '<13>2006-10-29 02:00:00.156+01:00 host app: x', {
    time: '2006-10-29T02:00:00.156+01:00',
    host: 'host',
    tag: 'app',
    text: 'x',
    body: 'app: x',
  }),
  datagramCase('47 blank behind PRI', '<13> Mar  7 19:06:53 example tag: x', {
    ...HOST_TAG,
    host: 'example',
    time: '2024-03-07T19:06:53+01:00',
  }),
  stamped('48 two blanks behind the time', ' host tag: x', HOST_TAG, { local: { text: ' host tag: x' } }),
  datagramCase('49 five weeks ahead is last year', '<13>Dec 25 22:14:15 host tag: x', {
    ...HOST_TAG,
    time: '2023-12-25T22:14:15+01:00',
  }),
];

const UNIFI = 'U7PG2,f09fc2000000,v4.0';
const LONG_HOST = 'h'.repeat(300);
const LONG_TAG = 't'.repeat(50);

/** Host and tag. */
const HEADER_ROWS: readonly DatagramCase[] = [
  stamped('50 IPv6 address', '2001:db8::1 tag: x', { ...HOST_TAG, host: '2001:db8::1' }),
  stamped('51 IPv6 address with zone', 'fe80::1%eth0 tag: x', { ...HOST_TAG, host: 'fe80::1%eth0' }),
  stamped('52 host of 300 bytes', `${LONG_HOST} tag: x`, { text: `${LONG_HOST} tag: x` }),
  stamped('53 two tags', 'host: tag: x', { tag: 'host', text: 'tag: x', body: 'host: tag: x' }),
  stamped('54 one word', 'X4711', { text: 'X4711' }),
  stamped('55a empty brackets', 'host tag[]: x', { ...HOST_TAG, body: 'tag[]: x' }),
  stamped('55b pid of letters', 'host tag[abc]: x', { ...HOST_TAG, pid: 'abc', body: 'tag[abc]: x' }),
  stamped('56 tag in parentheses', 'host (tag): x', { ...HOST_TAG, body: '(tag): x' }),
  stamped('57 parentheses inside of the tag', 'host systemd(1)[12]: x', {
    host: 'host',
    tag: 'systemd(1)',
    pid: '12',
    text: 'x',
    body: 'systemd(1)[12]: x',
  }),
  stamped('58 slash in the tag', 'host postfix/smtpd[12]: x', {
    host: 'host',
    tag: 'postfix/smtpd',
    pid: '12',
    text: 'x',
    body: 'postfix/smtpd[12]: x',
  }),
  stamped(
    '59 blank in the tag',
    'host my prog: x',
    { text: 'host my prog: x' },
    { networkKeep: { host: 'host', text: 'my prog: x' } },
  ),
  stamped(
    '60 blank before the colon',
    'host tag : msg',
    { text: 'host tag : msg' },
    { networkKeep: { host: 'host', text: 'tag : msg' } },
  ),
  stamped('61a UTF-8 in the tag', 'host très: msg', { host: 'host', tag: 'très', text: 'msg', body: 'très: msg' }),
  stamped('61b plus in the tag', 'host c++prog: msg', {
    host: 'host',
    tag: 'c++prog',
    text: 'msg',
    body: 'c++prog: msg',
  }),
  stamped('61c at sign in the tag', 'host getty@tty1: msg', {
    host: 'host',
    tag: 'getty@tty1',
    text: 'msg',
    body: 'getty@tty1: msg',
  }),
  stamped('62 two pids', 'host prog[12][34]: x', {
    host: 'host',
    tag: 'prog',
    pid: '12',
    text: '[34]: x',
    body: 'prog[12][34]: x',
  }),
  stamped(
    '63 tag of 50 bytes',
    `host ${LONG_TAG}: x`,
    { text: `host ${LONG_TAG}: x` },
    { networkKeep: { host: 'host', text: `${LONG_TAG}: x` } },
  ),
  stamped(
    '64 no tag',
    'host just a message',
    { text: 'host just a message' },
    { networkKeep: { host: 'host', text: 'just a message' } },
  ),
  stamped('65 no host', 'sshd[12]: x', { tag: 'sshd', pid: '12', text: 'x', body: 'sshd[12]: x' }),
  stamped(
    '66 forwarded by AIX',
    'Message forwarded from host: sshd[1]: x',
    { text: 'Message forwarded from host: sshd[1]: x' },
    { networkKeep: { host: 'host', tag: 'sshd', pid: '1', text: 'x', body: 'sshd[1]: x' } },
  ),
  stamped(
    '67 forwarded by FreeBSD',
    'Forwarded from host: sshd[1]: x',
    { text: 'Forwarded from host: sshd[1]: x' },
    { networkKeep: { host: 'host', tag: 'sshd', pid: '1', text: 'x', body: 'sshd[1]: x' } },
  ),
  stamped('68 commas in the host (UniFi)', `${UNIFI} hostapd: x`, {
    host: UNIFI,
    tag: 'hostapd',
    text: 'x',
    body: 'hostapd: x',
  }),
  datagramCase('69 key and value without time (FortiGate)', '<13>date=2024-11-20 time=22:14:15 devname="fg"', {
    text: 'date=2024-11-20 time=22:14:15 devname="fg"',
  }),
  stamped('70 key and value (SonicWall)', 'id=firewall sn=0017C5 time="2024-11-20 22:14:15" fw=10.0.0.1', {
    text: 'id=firewall sn=0017C5 time="2024-11-20 22:14:15" fw=10.0.0.1',
  }),
  stamped(
    '71 comma-separated (PAN-OS)',
    'PA-220 1,2024/11/20 22:14:15,0123,TRAFFIC',
    { text: 'PA-220 1,2024/11/20 22:14:15,0123,TRAFFIC' },
    { networkKeep: { host: 'PA-220', text: '1,2024/11/20 22:14:15,0123,TRAFFIC' } },
  ),
  stamped(
    '72 separated by tabs (Snare)',
    'WINHOST MSWinEventLog\t1\tSecurity',
    { text: 'WINHOST MSWinEventLog\t1\tSecurity' },
    { networkKeep: { host: 'WINHOST', text: 'MSWinEventLog\t1\tSecurity' } },
  ),
  stamped('73 no blank behind the colon (CEF)', 'host CEF:0|Vendor|Product', {
    host: 'host',
    tag: 'CEF',
    text: '0|Vendor|Product',
    body: 'CEF:0|Vendor|Product',
  }),
  datagramCase('74 JSON without time', '<13>{"msg":"hello"}', { text: '{"msg":"hello"}' }),
  stamped('75 path as tag', 'host ../../etc/passwd: x', {
    host: 'host',
    tag: '../../etc/passwd',
    text: 'x',
    body: '../../etc/passwd: x',
  }),
  stamped(
    '76 tag in brackets',
    'host [tag]: msg',
    { text: 'host [tag]: msg' },
    { networkKeep: { host: 'host', text: '[tag]: msg' } },
  ),
  stamped('77 line of a repeat', 'last message repeated 5 times', { text: 'last message repeated 5 times' }),
  stamped(
    '78 mark of a relay',
    'serverX -- MARK --',
    { text: 'serverX -- MARK --' },
    { networkKeep: { host: 'serverX', text: '-- MARK --' } },
  ),
];

/** Rows of the form `host tag: TEXT`. */
function inText(name: string, text: string | Uint8Array, expected: string | Uint8Array = text): DatagramCase {
  return stamped(name, bytes('host tag: ', text), {
    host: 'host',
    tag: 'tag',
    text: expected,
    body: bytes('tag: ', expected),
  });
}

const LF_IN_SD = '<13>1 2003-10-11T22:14:15.003Z host app 1 ID [a@1 x="li\nne"] x';
const ESC_IN_SD = '<13>1 2003-10-11T22:14:15.003Z host app 1 ID [a@1 x="\x1b[31m"] x';
const SD_ROW = {
  time: '2003-10-11T22:14:15.003+00:00',
  host: 'host',
  tag: 'app',
  pid: '1',
  msgId: 'ID',
  text: 'x',
  rfc5424: true,
} as const;

/** Bytes in the text. */
const TEXT_ROWS: readonly DatagramCase[] = [
  inText('79 NUL', 'a\0b'),
  datagramCase('80 two messages with NULs', '<13>tag: one\0<14>tag: two\0', {
    tag: 'tag',
    text: 'one\0<14>tag: two',
    body: 'tag: one\0<14>tag: two',
  }),
  inText('81 trailing newline', 'x\n', 'x'),
  inText('82 trailing carriage return and newline', 'x\r\n', 'x\r'),
  inText('83 forged second line', 'x\nNov 20 22:14:15 host sshd[1]: forged'),
  stamped('84 newline in the host', 'ho\nst tag: x', { text: 'ho\nst tag: x' }),
  datagramCase('85a newline in structured data', LF_IN_SD, {
    ...SD_ROW,
    sd: '[a@1 x="li\nne"]',
    body: 'app 1 ID [a@1 x="li\nne"] x',
  }),
  datagramCase('85b escape in structured data', ESC_IN_SD, {
    ...SD_ROW,
    sd: '[a@1 x="\x1b[31m"]',
    body: 'app 1 ID [a@1 x="\x1b[31m"] x',
  }),
  inText('86 escape and bell', '\x1b[31mred\x07'),
  inText('87 tab', 'a\tb'),
  inText('88 delete', 'a\x7fb'),
  inText('89 bytes above 0x7f', BYTES_89),
  inText('90 UTF-8', 'café ✓ 😀'),
  inText('91 overlong UTF-8', OVERLONG),
  inText('92 byte order mark', '\u{feff}x'),
  inText('93 format characters', String.raw`%s%n%d a\nb`),
  inText('94 blanks around the text', '   x   '),
  inText('95 Java trace', 'java.lang.Error\n\tat A.b(A.java:1)\n\tat C.d(C.java:2)'),
  inText('96a 2048 bytes', 'x'.repeat(2048)),
  inText('96b 2100 bytes', 'x'.repeat(2100)),
  inText('96c 65000 bytes', 'x'.repeat(65_000)),
];

/** Rows 1 to 96. */
export const AWKWARD_TRADITIONAL: readonly DatagramCase[] = [...PRI_ROWS, ...TIME_ROWS, ...HEADER_ROWS, ...TEXT_ROWS];
