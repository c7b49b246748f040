/**
 * Further datagrams as programs and devices send them, and the edges of what the parser takes for a header.
 */
import { type DatagramCase, datagramCase, STAMP_TIME, stamped } from './datagram-case.ts';

const HOST_TAG = { host: 'host', tag: 'tag', text: 'x', body: 'tag: x' } as const;
const TAG_48 = 't'.repeat(48);
const TAG_49 = 't'.repeat(49);
const PID_128 = 'p'.repeat(128);
const PID_129 = 'p'.repeat(129);
const HOST_255 = 'h'.repeat(255);
const HOST_256 = 'h'.repeat(256);

const PROGRAMS: readonly DatagramCase[] = [
  stamped('glibc syslog(3)', 'cron[811]: (root) CMD (run-parts)', {
    tag: 'cron',
    pid: '811',
    text: '(root) CMD (run-parts)',
    body: 'cron[811]: (root) CMD (run-parts)',
  }),
  stamped('systemd, process before its program starts', '(sd-pam)[123]: pam_unix', {
    tag: 'sd-pam',
    pid: '123',
    text: 'pam_unix',
    body: '(sd-pam)[123]: pam_unix',
  }),
  stamped('two pairs of parentheses are not one', '(a)(b): x', { tag: '(a)(b)', text: 'x', body: '(a)(b): x' }),
  stamped('parentheses in parentheses', '(a(b)): x', { tag: 'a(b)', text: 'x', body: '(a(b)): x' }),
  stamped('parenthesis that nothing closes', '((a): x', { tag: '((a)', text: 'x', body: '((a): x' }),
  datagramCase('blanks before a tag in parentheses', '<13>  (tag)[1]: x', {
    tag: 'tag',
    pid: '1',
    text: 'x',
    body: '  (tag)[1]: x',
  }),
  stamped('parentheses around nothing', '(): x', { text: '(): x' }),
  stamped('kernel line with a clock', 'kernel: [   12.345678] eth0: link up', {
    tag: 'kernel',
    text: '[   12.345678] eth0: link up',
    body: 'kernel: [   12.345678] eth0: link up',
  }),
  stamped('Solaris message id', 'host su: [ID 810491 auth.crit] failed', {
    host: 'host',
    tag: 'su',
    text: '[ID 810491 auth.crit] failed',
    body: 'su: [ID 810491 auth.crit] failed',
  }),
  stamped('Docker', 'host docker/3f2a/web[77]: GET /', {
    host: 'host',
    tag: 'docker/3f2a/web',
    pid: '77',
    text: 'GET /',
    body: 'docker/3f2a/web[77]: GET /',
  }),
  stamped(
    'MikroTik',
    'MikroTik system,info,account user admin logged in',
    {
      text: 'MikroTik system,info,account user admin logged in',
    },
    { networkKeep: { host: 'MikroTik', text: 'system,info,account user admin logged in' } },
  ),
  stamped(
    'HP ProCurve',
    '10.0.0.5 00076 ports: port 1 is now on-line',
    {
      text: '10.0.0.5 00076 ports: port 1 is now on-line',
    },
    { networkKeep: { host: '10.0.0.5', text: '00076 ports: port 1 is now on-line' } },
  ),
  stamped('tag of an empty text', 'host tag:', { ...HOST_TAG, text: '', body: 'tag:' }),
  stamped('two blanks between host and tag', 'host  tag: x', { ...HOST_TAG, body: ' tag: x' }),
  stamped('address behind a time that looks like a year', '2001:db8::1 tag: x', { ...HOST_TAG, host: '2001:db8::1' }),
  stamped('IPv4 address', '192.0.2.1 tag: x', { ...HOST_TAG, host: '192.0.2.1' }),
  stamped('IPv4 address in an IPv6 address', '::ffff:192.0.2.1 tag: x', { ...HOST_TAG, host: '::ffff:192.0.2.1' }),
  stamped('IPv6 address that ends in colons', 'fe80:: tag: x', { ...HOST_TAG, host: 'fe80::' }),
  stamped('IPv6 address in brackets', '[2001:db8::1] tag: x', { ...HOST_TAG, host: '[2001:db8::1]' }),
  stamped(
    'IPv6 address without tag',
    '2001:db8::1 no tag',
    { text: '2001:db8::1 no tag' },
    {
      networkKeep: { host: '2001:db8::1', text: 'no tag' },
    },
  ),
  stamped('MAC address as host', '00:11:22:33:44:55 tag: x', { ...HOST_TAG, host: '00:11:22:33:44:55' }),
  stamped('address with port', '192.0.2.1:514 connected', { text: '192.0.2.1:514 connected' }),
  stamped('time of day', '22:14:15 up', { text: '22:14:15 up' }),
  stamped('too many groups for an address', 'a:2:3:4:5:6:7:8:9 tag: x', {
    tag: 'a',
    text: '2:3:4:5:6:7:8:9 tag: x',
    body: 'a:2:3:4:5:6:7:8:9 tag: x',
  }),
  datagramCase('tag without time', '<13>tag[1]: x', { tag: 'tag', pid: '1', text: 'x', body: 'tag[1]: x' }),
  datagramCase('tag without time behind a blank', '<13> tag: x', { tag: 'tag', text: 'x', body: ' tag: x' }),
  datagramCase('time alone', '<13>Nov 20 22:14:15', { time: STAMP_TIME, text: '' }),
  datagramCase('time alone, newline', '<13>Nov 20 22:14:15\n', { time: STAMP_TIME, text: '' }),
  datagramCase('time alone, colon', '<13>Nov 20 22:14:15:', { time: STAMP_TIME, text: '' }),
  datagramCase('time alone, year', '<13>Nov 20 22:14:15 2023', { time: '2023-11-20T22:14:15+01:00', text: '' }),
  datagramCase('time alone, zone and year', '<13>Aug 24 05:34:00 CST 1987', {
    time: '1987-08-24T05:34:00-06:00',
    text: '',
  }),
  datagramCase('time alone, ISO', '<13>2024-11-20T22:14:15Z', { time: '2024-11-20T22:14:15+00:00', text: '' }),
  datagramCase('time alone behind a number (IOS)', '<13>38: Nov 20 22:14:15', { time: STAMP_TIME, text: '38: ' }),
  datagramCase('time and blank', '<13>Nov 20 22:14:15 ', { time: STAMP_TIME, text: '' }),
  datagramCase('program that logs a time of its own', '<13>prog: Nov 20 22:14:15 x', {
    tag: 'prog',
    text: 'Nov 20 22:14:15 x',
    body: 'prog: Nov 20 22:14:15 x',
  }),
  datagramCase('names and numbers before the time (IOS)', '<13>148: R1: 000146: *Nov 20 22:14:15.9: %SYS-5-X: y', {
    time: '2024-11-20T22:14:15.9+01:00',
    text: '148: R1: 000146: %SYS-5-X: y',
  }),
];

const NAMES: readonly DatagramCase[] = [
  stamped('word that names the sender, no tag', 'peer1 -- MARK --', { host: 'peer1', text: '-- MARK --' }),
  stamped('word that names the sender, alone', 'peer1', { host: 'peer1', text: '' }, { local: { text: 'peer1' } }),
  stamped(
    'word that names this machine, no tag',
    'thishost -- MARK --',
    { text: 'thishost -- MARK --' },
    {
      networkKeep: { host: 'thishost', text: '-- MARK --' },
      local: { host: 'thishost', text: '-- MARK --' },
    },
  ),
  stamped(
    'word that names this machine, tag',
    'thishost tag: x',
    { ...HOST_TAG, host: 'thishost' },
    {
      local: { ...HOST_TAG, host: 'thishost' },
    },
  ),
  stamped('JSON with time', '{"msg": "hello"}', { text: '{"msg": "hello"}' }),
  stamped('host of 255 bytes', `${HOST_255} tag: x`, { ...HOST_TAG, host: HOST_255 }),
  stamped('host of 256 bytes', `${HOST_256} tag: x`, { text: `${HOST_256} tag: x` }),
  stamped('UTF-8 in the host', 'hôte tag: x', { text: 'hôte tag: x' }),
  stamped('word with a colon is no host', '{"error": tag: x', { text: '{"error": tag: x' }),
  stamped('control character in the host', 'h\x1bst tag: x', { text: 'h\x1bst tag: x' }),
  stamped('tag of 48 bytes', `host ${TAG_48}: x`, { host: 'host', tag: TAG_48, text: 'x', body: `${TAG_48}: x` }),
  stamped('tag of 49 bytes', `${TAG_49}: x`, { text: `${TAG_49}: x` }),
  stamped('tag of 48 bytes in parentheses', `(${TAG_48}): x`, { tag: TAG_48, text: 'x', body: `(${TAG_48}): x` }),
  stamped('pid of 128 bytes', `tag[${PID_128}]: x`, {
    tag: 'tag',
    pid: PID_128,
    text: 'x',
    body: `tag[${PID_128}]: x`,
  }),
  stamped('pid of 129 bytes', `tag[${PID_129}]: x`, { text: `tag[${PID_129}]: x` }),
  stamped('blank in the pid', 'tag[1 2]: x', { text: 'tag[1 2]: x' }),
  stamped('C1 control in the tag', 't\u{85}g: x', { text: 't\u{85}g: x' }),
  stamped('invalid UTF-8 in the tag', Buffer.from('t\xe9g: x', 'latin1'), { text: Buffer.from('t\xe9g: x', 'latin1') }),
];

function timed(name: string, stamp: string, time: string): DatagramCase {
  return datagramCase(name, `<13>${stamp} host tag: x`, { ...HOST_TAG, time });
}

function untimed(name: string, stamp: string): DatagramCase {
  return datagramCase(name, `<13>${stamp} host tag: x`, { text: `${stamp} host tag: x` });
}

const TIMES: readonly DatagramCase[] = [
  timed('year, zone and colon (ASA)', 'Nov 20 2024 22:14:15 CEST:', '2024-11-20T22:14:15+02:00'),
  timed('year and colon behind the time', 'Nov 20 22:14:15 2023:', '2023-11-20T22:14:15+01:00'),
  timed('ISO time, comma', '2024-11-20T22:14:15,5Z', '2024-11-20T22:14:15.5+00:00'),
  timed('ISO time without zone', '2024-11-20T22:14:15', '2024-11-20T22:14:15+01:00'),
  timed('ISO time, offset in hours', '2024-11-20 22:14:15-05', '2024-11-20T22:14:15-05:00'),
  timed('ISO time, colon', '2024-11-20T22:14:15.123456+05:30:', '2024-11-20T22:14:15.123456+05:30'),
  timed('fraction of nine digits', 'Nov 20 22:14:15.123456789', '2024-11-20T22:14:15.123456+01:00'),
  timed('fraction of ten digits', 'Nov 20 22:14:15.1234567890', '2024-11-20T22:14:15.123456+01:00'),
  timed('fraction without digits', 'Nov 20 22:14:15.', '2024-11-20T22:14:15+01:00'),
  timed('fraction without digits, comma', '2024-11-20 22:14:15,', '2024-11-20T22:14:15+01:00'),
  timed('seven days ahead', 'Nov 28 13:00:00', '2024-11-28T13:00:00+01:00'),
  timed('seven days and a second ahead', 'Nov 28 13:00:01', '2023-11-28T13:00:01+01:00'),
  timed('leap day of this year', 'Feb 29 22:14:15', '2024-02-29T22:14:15+01:00'),
  untimed('second 61', 'Nov 20 22:14:61'),
  untimed('minute 60', 'Nov 20 22:60:15'),
  untimed('day 0', 'Nov 0 22:14:15'),
  untimed('day 31 of a month of 30', 'Nov 31 22:14:15'),
  untimed('leap day of a common year', 'Feb 29 2023 22:14:15'),
  untimed('ISO month 13', '2024-13-20T22:14:15Z'),
  untimed('ISO Feb 30', '2024-02-30T22:14:15Z'),
  untimed('ISO offset of 60 minutes', '2024-11-20T22:14:15+01:60'),
  untimed('ISO offset of 24 hours', '2024-11-20T22:14:15+24:00'),
  untimed('time glued to the next word', 'Nov 20 22:14:15x'),
  untimed('fraction glued to the next word', 'Nov 20 22:14:15.x'),
  stamped('number that is no year is a host', '1234 tag: x', { ...HOST_TAG, host: '1234' }),
  stamped(
    'number that could be a year, and no header',
    '2000 packets dropped',
    { text: '2000 packets dropped' },
    {
      networkKeep: { host: '2000', text: 'packets dropped' },
    },
  ),
  datagramCase('second number of a year is a host', '<13>Nov 20 2024 22:14:15 2023 tag: x', {
    ...HOST_TAG,
    host: '2023',
    time: STAMP_TIME,
  }),
  stamped('zone alone may be a host', 'UTC tag: x', { ...HOST_TAG, host: 'UTC' }),
  stamped('unknown zone is a tag', 'XYZ: x', { tag: 'XYZ', text: 'x', body: 'XYZ: x' }),
];

/** Further field formats and edges. */
export const FIELD_DATAGRAMS: readonly DatagramCase[] = [...PROGRAMS, ...NAMES, ...TIMES];
