import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { test } from 'node:test';
import { isOwnAddress, peerLabel } from '../../../../src/input/sender/peer-name.ts';

const LOCAL = { short: 'Web1', full: 'Web1.example.org', domain: 'example.org' };

const LABELS: readonly (readonly [name: string, isOwn: boolean, label: string | null])[] = [
  ['db.example.org', false, 'db'],
  ['db.example.net', false, 'db.example.net'],
  ['example.org', false, 'example.org'],
  ['dbexample.org', false, 'dbexample.org'],
  ['10.example.org', false, '10.example.org'],
  ['192.0.2.1.example.org', false, '192.0.2.1.example.org'],
  ['web1', false, null],
  ['web1.example.org', false, null],
  ['web1.example.net', false, 'web1.example.net'],
  ['localhost', false, null],
  ['localhost.example.org', false, null],
  ['localhost.localdomain', false, null],
  ['ip6-localhost', false, null],
  ['web1.example.org', true, 'web1'],
  ['localhost', true, 'localhost'],
];
for (const [name, isOwn, label] of LABELS) {
  test(`the label of ${isOwn ? 'this machine' : 'a sender'} named "${name}" is ${label ?? 'refused'}`, () =>
    assert.equal(peerLabel(name, isOwn, LOCAL), label));
}

test('without a local domain names stay whole', () =>
  assert.equal(peerLabel('db.example.org', false, { short: 'web1', full: 'web1', domain: '' }), 'db.example.org'));

test('own addresses are loopback and those of the interfaces', () => {
  for (const address of ['127.0.0.1', '127.3.2.1', '::1']) assert.ok(isOwnAddress(address), address);
  for (const address of ['203.0.113.250', '2001:db8::250', '::']) assert.ok(!isOwnAddress(address), address);
  for (const found of Object.values(networkInterfaces()))
    for (const { address } of found ?? []) assert.ok(isOwnAddress(address), address);
});
