/**
 * Which targets of forwarding are the daemon itself.
 */
import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { test } from 'node:test';
import { parseListenAddress } from '../../../../src/conf/words/addresses.ts';
import { noDirectives } from '../../../../src/conf/statement/directives.ts';
import {
  findOwnPlace,
  type LocalAddresses,
  plannedPlaces,
  readLocalAddresses,
  spellPlace,
} from '../../../../src/engine/settings/own-places.ts';
import type { NetworkPlace } from '../../../../src/input/input.ts';

const LOCAL: LocalAddresses = {
  own: new Set(['127.0.0.1', '::1', '192.0.2.1', '2001:db8::1', 'fe80::1']),
  broadcast: new Set(['255.255.255.255', '192.0.2.255']),
};

/** `ADDRESS PORT [IFACE]`; `dual` behind it: IPv4 comes in too. */
function place(text: string): NetworkPlace {
  const [address = '', port = '', iface = null, more] = text.split(' ');
  const family = isIP(address) === 6 ? 6 : 4;
  const dual = iface === 'dual' || more === 'dual';
  return {
    to: { family, address, port: Number(port), scopeId: 0 },
    iface: iface === 'dual' ? null : iface,
    dual,
    open: true,
  };
}

/** Places, target address, port and interface, and the place that receives it. */
type Case = readonly [readonly string[], string, string | null];

const CASES: readonly Case[] = [
  [['0.0.0.0 514'], '127.0.0.1 514', '0.0.0.0:514'],
  [['0.0.0.0 514'], '127.8.7.6 514', '0.0.0.0:514'],
  [['0.0.0.0 514'], '192.0.2.1 514', '0.0.0.0:514'],
  [['0.0.0.0 514'], '0.0.0.0 514', '0.0.0.0:514'],
  [['0.0.0.0 514'], '::ffff:127.0.0.1 514', '0.0.0.0:514'],
  [['0.0.0.0 514'], '192.0.2.2 514', null],
  [['0.0.0.0 514'], '127.0.0.1 515', null],
  [['0.0.0.0 514'], '::1 514', null],
  [[':: 514'], '::1 514', '[::]:514'],
  [[':: 514'], ':: 514', '[::]:514'],
  [[':: 514'], '2001:DB8:0::1 514', '[::]:514'],
  [[':: 514'], 'fe80::1%d0 514', '[::]:514'],
  [[':: 514'], '127.0.0.1 514', null],
  [[':: 514 dual'], '127.0.0.1 514', '[::]:514'],
  [['127.0.0.1 514', '192.0.2.1 514'], '192.0.2.1 514', '192.0.2.1:514'],
  [['127.0.0.1 514'], '0.0.0.0 514', '127.0.0.1:514'],
  [['127.0.0.1 514'], '127.0.0.2 514', null],
  [['127.0.0.1 514'], '192.0.2.1 514', null],
  [['2001:db8:0:0::1 514'], '2001:db8::1 514', '[2001:db8:0:0::1]:514'],
  // What a machine sends to itself does not come in by the interface that has the address.
  [['0.0.0.0 514 d0'], '192.0.2.1 514', null],
  [['0.0.0.0 514 lo'], '192.0.2.1 514', '0.0.0.0:514%lo'],
  // Groups and broadcasts come back to whoever sends them.
  [['224.0.2.1 514'], '224.0.2.1 514', '224.0.2.1:514'],
  [['224.0.2.1 514'], '224.0.2.2 514', null],
  [['0.0.0.0 514'], '224.0.2.1 514', null],
  [['224.0.2.1 514 d0'], '224.0.2.1 514 d0', '224.0.2.1:514%d0'],
  [['224.0.2.1 514 d0'], '224.0.2.1 514', '224.0.2.1:514%d0'],
  [['224.0.2.1 514 d0'], '224.0.2.1 514 d1', null],
  [['ff05::1 514'], 'FF05::1 514', '[ff05::1]:514'],
  [['0.0.0.0 514'], '224.0.0.1 514', '0.0.0.0:514'],
  [[':: 514'], 'ff02::1 514', '[::]:514'],
  [['0.0.0.0 514'], '255.255.255.255 514', '0.0.0.0:514'],
  [['0.0.0.0 514'], '192.0.2.255 514', '0.0.0.0:514'],
  [['0.0.0.0 514 d0'], '192.0.2.255 514', '0.0.0.0:514%d0'],
  [['0.0.0.0 514'], '198.51.100.255 514', null],
  [['127.0.0.1 514'], '255.255.255.255 514', null],
  [[], '127.0.0.1 514', null],
];

for (const [places, target, expected] of CASES)
  test(`listening on ${places.join(', ') || 'nothing'}, sent to ${target}: ${expected ?? 'elsewhere'}`, () => {
    const [address = '', port = '', iface = null] = target.split(' ');
    const found = findOwnPlace({ to: { address, port: Number(port) }, iface }, places.map(place), LOCAL);
    assert.equal(found === null ? null : spellPlace(found), expected);
  });

test('the addresses of this machine hold the loopback one', () => {
  const { own, broadcast } = readLocalAddresses();
  assert.ok(own.has('127.0.0.1'));
  assert.ok(broadcast.has('255.255.255.255'));
});

for (const [b, family, expected] of [
  [null, null, ['0.0.0.0:514', '[::]:514']],
  [null, 4, ['0.0.0.0:514']],
  [null, 6, ['[::]:514']],
  ['192.0.2.1:5514', null, ['192.0.2.1:5514']],
  ['192.0.2.1:5514', 6, []],
  ['[::1]:514%lo', null, ['[::1]:514%lo']],
  // Known when it is resolved.
  ['localhost', null, []],
] as const)
  test(`planned with -b ${b ?? 'left out'}, family ${family ?? 'any'}: ${expected.join(', ')}`, () => {
    const address = b === null ? null : parseListenAddress(b);
    assert.ok(address === null || !('what' in address));
    const settings = { family, listen: address === null ? [] : [address], secureMode: null };
    assert.deepEqual(plannedPlaces(settings, noDirectives()).map(spellPlace), expected);
  });
