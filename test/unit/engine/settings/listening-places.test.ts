/**
 * Where the daemon listens: -b and listen add up, and no place is bound twice.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseListenAddress } from '../../../../src/conf/words/addresses.ts';
import type { ListenAddress } from '../../../../src/conf/config.ts';
import { noDirectives } from '../../../../src/conf/statement/directives.ts';
import { type ListeningPlace, listeningPlaces } from '../../../../src/engine/settings/listening-places.ts';

function parse(text: string): ListenAddress {
  const address = parseListenAddress(text, () => '');
  assert.ok(!('what' in address), text);
  return address;
}

function shown({ host, port, iface }: ListeningPlace): string {
  return `${host ?? '*'} ${port}${iface === null ? '' : ` ${iface}`}`;
}

interface Case {
  readonly b?: string;
  readonly listen?: string;
  readonly s?: number | null;
  readonly secureMode?: number | null;
  readonly family?: 4 | 6 | null;
}

function placesOf({ b = '', listen = '', s = null, secureMode = null, family = null }: Case): readonly string[] {
  const words = (text: string): ListenAddress[] => text.split(' ').filter(Boolean).map(parse);
  const directives = { ...noDirectives(), listen: words(listen), secureMode };
  return listeningPlaces({ family, listen: words(b), secureMode: s }, directives).map(shown);
}

const CASES: readonly (readonly [string, Case, readonly string[]])[] = [
  ['nothing named: port 514 of all addresses', {}, ['* 514']],
  ['-b alone replaces the default', { b: '127.0.0.1:5514' }, ['127.0.0.1 5514']],
  ['listen alone replaces the default', { listen: '127.0.0.1' }, ['127.0.0.1 514']],
  [
    '-b and listen add up',
    { b: '127.0.0.1:5514', listen: '192.0.2.1 :1514' },
    ['127.0.0.1 5514', '192.0.2.1 514', '* 1514'],
  ],
  [
    'one place in two spellings is one',
    { b: '127.0.0.1 LogHost', listen: '127.0.0.1:syslog loghost:514' },
    ['127.0.0.1 514', 'loghost 514'],
  ],
  [
    'one IPv6 address in two spellings is one',
    { b: '[2001:DB8:0:0::1]:514', listen: '2001:db8::1' },
    ['2001:db8::1 514'],
  ],
  ['all addresses include each of them', { b: ':514', listen: '127.0.0.1 ::1 0.0.0.0 :: loghost' }, ['* 514']],
  ['also where the one comes first', { b: '127.0.0.1:514', listen: '*' }, ['* 514']],
  ['but not on another port', { b: ':514', listen: '127.0.0.1:515' }, ['* 514', '127.0.0.1 515']],
  ['all IPv4 addresses include no IPv6 address', { b: '0.0.0.0', listen: '127.0.0.1 ::1' }, ['0.0.0.0 514', '::1 514']],
  ['all IPv6 addresses include no IPv4 address', { b: '::', listen: '127.0.0.1 ::1' }, [':: 514', '127.0.0.1 514']],
  [
    'a v4-mapped address is another socket',
    { b: '0.0.0.0', listen: '::ffff:127.0.0.1' },
    ['0.0.0.0 514', '::ffff:127.0.0.1 514'],
  ],
  ['a group has to be joined', { b: ':514', listen: '224.0.2.1 ff05::1' }, ['* 514', '224.0.2.1 514', 'ff05::1 514']],
  [
    'an interface is a place of its own',
    { b: ':514%d0', listen: '192.0.2.1 192.0.2.1%d0 192.0.2.1%d1' },
    ['* 514 d0', '192.0.2.1 514', '192.0.2.1 514 d1'],
  ],
  ['all interfaces include each of them', { b: ':514', listen: '192.0.2.1%d0 :514%d1' }, ['* 514']],
  [
    'an address of the other family stays, to be refused',
    { b: ':514', listen: '::1', family: 4 },
    ['* 514', '::1 514'],
  ],
  ['-s: nowhere', { b: ':514', listen: '127.0.0.1', s: 1 }, []],
  ['secure_mode: nowhere', { b: ':514', listen: '127.0.0.1', secureMode: 2 }, []],
];

for (const [title, given, expected] of CASES)
  test(title, () => {
    assert.deepEqual(placesOf(given), expected);
  });
