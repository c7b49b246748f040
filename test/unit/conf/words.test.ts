/**
 * Small parts of the language: sizes, modes, addresses, suggestions, places.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseForwardTarget, parseListenAddress } from '../../../src/conf/words/addresses.ts';
import { ConfigLine, commentStart, findBadByte } from '../../../src/conf/config-line.ts';
import { quoteWord } from '../../../src/conf/problems.ts';
import { parseCount, parseMode, parseSize } from '../../../src/conf/words/sizes.ts';
import { nearestWord, slipCount } from '../../../src/conf/words/suggest.ts';

test('sizes: letters alone are powers of 1024, with B of 1000', () => {
  const sizes: readonly (readonly [string, number | null])[] = [
    ['0', 0],
    ['512', 512],
    ['1k', 1024],
    ['2K', 2048],
    ['3M', 3 * 1024 ** 2],
    ['1G', 1024 ** 3],
    ['1kB', 1000],
    ['1KB', 1000],
    ['2MB', 2_000_000],
    ['1GB', 1_000_000_000],
    ['', null],
    ['k', null],
    ['1m', null],
    ['1 k', null],
    ['1T', null],
    ['1.5M', null],
    ['-1', null],
    ['0x10', null],
    ['1e3', null],
    ['99999999999999999999', null],
    ['9000000000G', null],
  ];
  for (const [text, size] of sizes) assert.equal(parseSize(text), size, text);
});

test('counts keep their bounds', () => {
  assert.deepEqual(
    ['0', '1', '9', '10', '', '+1', '1x', '00000000001'].map((text) => parseCount(text, 1, 9)),
    [null, 1, 9, null, null, null, null, null],
  );
});

test('modes are three octal digits, a zero may lead', () => {
  assert.deepEqual(['600', '0640', '000', '64', '1777', '888', '0o640', ''].map(parseMode), [
    0o600,
    0o640,
    0,
    null,
    null,
    null,
    null,
    null,
  ]);
});

const ANY = { host: null, port: null, iface: null };

const SERVICES = `syslog 514/udp # log
syslog-tls 6514/tcp
new-log 1514/udp nl newlog
zero 0/udp
huge 65536/udp
`;

test('listen addresses', () => {
  const sound: readonly (readonly [string, object])[] = [
    [':514', { ...ANY, port: 514 }],
    ['*', ANY],
    ['*:1514', { ...ANY, port: 1514 }],
    ['%eth0', { ...ANY, iface: 'eth0' }],
    [':514%eth0', { ...ANY, port: 514, iface: 'eth0' }],
    ['192.0.2.1', { ...ANY, host: '192.0.2.1' }],
    ['192.0.2.1:1%br-lan', { host: '192.0.2.1', port: 1, iface: 'br-lan' }],
    ['loghost.example:514', { ...ANY, host: 'loghost.example', port: 514 }],
    ['::', { ...ANY, host: '::' }],
    ['[::]:514', { ...ANY, host: '::', port: 514 }],
    ['fe80::1%eth0', { ...ANY, host: 'fe80::1', iface: 'eth0' }],
    ['[fe80::1%eth0]:514', { host: 'fe80::1', port: 514, iface: 'eth0' }],
    ['[ff02::1]:514%eth0', { host: 'ff02::1', port: 514, iface: 'eth0' }],
    ['[::1]', { ...ANY, host: '::1' }],
    ['[1.2.3.4]:1', { ...ANY, host: '1.2.3.4', port: 1 }],
    [':syslog', { ...ANY, port: 514 }],
    ['*:nl', { ...ANY, port: 1514 }],
    ['[::1]:new-log%lo', { host: '::1', port: 1514, iface: 'lo' }],
  ];
  for (const [text, address] of sound)
    assert.deepEqual(
      parseListenAddress(text, () => SERVICES),
      address,
      text,
    );
  for (const text of [
    '',
    ':',
    'a b',
    '[::1',
    '[]',
    '[]:514',
    '[1.2.3]:1',
    '[*]:514',
    ':syslog-tls',
    ':Syslog',
    ':zero',
    ':huge',
    '1.2.3',
    ':99999',
    ':x',
    '::1%',
    'a..b',
    '-a',
    '[fe80::1%a]:1%b',
    '1.2.3.4%',
    'x/y',
  ]) {
    assert.ok('expected' in parseListenAddress(text, () => SERVICES), text);
  }
});

test('forwarding targets', () => {
  const syslog = { host: '127.0.0.1', port: 514 };
  assert.deepEqual(
    parseForwardTarget('127.0.0.1:syslog', () => ''),
    syslog,
  );
  assert.deepEqual(parseForwardTarget('[127.0.0.1]:5599'), { host: '127.0.0.1', port: 5599 });
  assert.deepEqual(
    parseForwardTarget('loghost:newlog', () => SERVICES),
    { host: 'loghost', port: 1514 },
  );
  assert.deepEqual(parseForwardTarget('a_b.example'), { host: 'a_b.example', port: null });
  assert.deepEqual(parseForwardTarget('[::1]:65535'), { host: '::1', port: 65_535 });
  assert.deepEqual(parseForwardTarget('fe80::1%eth0'), { host: 'fe80::1%eth0', port: null });
  for (const text of [
    '',
    ':514',
    'a:',
    'a:b',
    'a:65536',
    '1.2.3.4.5',
    '[::1]x',
    'a,b',
    'ho st',
    '::x',
    'x'.repeat(254),
  ]) {
    assert.ok('expected' in parseForwardTarget(text, () => SERVICES), text);
  }
});

test('slips are insertions, deletions, replacements and swaps', () => {
  assert.deepEqual(
    [
      slipCount('mail', 'mail'),
      slipCount('mial', 'mail'),
      slipCount('mai', 'mail'),
      slipCount('maill', 'mail'),
      slipCount('mall', 'mail'),
      slipCount('', 'ab'),
    ],
    [0, 1, 1, 1, 1, 2],
  );
});

test('a near word is suggested, a far one is not', () => {
  const known = ['mail', 'kern', 'authpriv', 'local0', 'local7'];
  assert.equal(nearestWord('mial', known), 'mail');
  assert.equal(nearestWord('MIAL', known), 'mail');
  assert.equal(nearestWord('authprivate', known), null);
  assert.equal(nearestWord('autpirv', known), 'authpriv');
  assert.equal(nearestWord('local9', known), 'local0');
  for (const far of ['', 'm', 'xyz', 'x'.repeat(1000)]) assert.equal(nearestWord(far, known), null, far);
});

test('places are those of the pieces a line was made of', () => {
  const line = new ConfigLine('f', [
    { text: 'ab', line: 1, column: 3 },
    { text: '', line: 2, column: 1 },
    { text: 'cd', line: 4, column: 9 },
  ]);
  assert.equal(line.text, 'abcd');
  assert.deepEqual(
    [0, 1, 2, 3, 4].map((off) => [line.at(off).line, line.at(off).column]),
    [
      [1, 3],
      [1, 4],
      [4, 9],
      [4, 10],
      [4, 11],
    ],
  );
});

test('a comment begins at a `#` behind a blank', () => {
  assert.deepEqual(
    ['a#b', 'a #b', 'a  # b # c', '# a', 'a', 'a  '].map((text) => commentStart(text, 0)),
    [3, 1, 1, 0, 1, 1],
  );
});

test('bad bytes are found where they stand', () => {
  const rows: readonly (readonly [string, number])[] = [
    ['abc', -1],
    ['\xc3\xa9', -1],
    ['a\xc3', 1],
    ['a\xc3\xa9\xff', 3],
    ['a\0', 1],
    ['\0\xff', 0],
    ['\xff\0', 0],
    ['\xed\xa0\x80', 0],
    ['\xf0\x9f\x98\x80\xf0\x9f', 4],
  ];
  for (const [text, off] of rows) assert.equal(findBadByte(text), off, JSON.stringify(text));
});

test('quoted words are cut and cleaned', () => {
  assert.equal(quoteWord('a\x1b\tb'), '`a\\x1b\\tb`');
  assert.equal(quoteWord(Buffer.from('\u0085\u202e').toString('latin1')), '`\\x85\\u202e`');
  assert.equal(quoteWord(Buffer.from('😀'.repeat(61)).toString('latin1')), `\`${'😀'.repeat(60)}…\``);
  assert.equal(quoteWord('\xc3\xa9'), '`é`');
  assert.equal(quoteWord('x'.repeat(100)), `\`${'x'.repeat(60)}…\``);
});
