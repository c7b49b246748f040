import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  formatV6,
  packAddressBytes,
  packInetAddress,
  packUnixAddress,
  unpackInetAddress,
  UNIX_PATH_MAX_BYTES,
} from '../../../../src/sys/socket/sockaddr.ts';

const V6: readonly string[] = [
  '::',
  '::1',
  '1::',
  '2001:db8::1',
  '2001:db8:0:1:1:1:1:1',
  '2001:0:0:1::1',
  'fe80::1:2:3:4',
  '::ffff:192.0.2.1',
  'ff02::1:ff00:1234',
  '1:2:3:4:5:6:7:8',
  '0:1::',
];

for (const address of V6) {
  test(`formatV6 writes "${address}" as RFC 5952 wants it`, () => {
    assert.equal(formatV6(packAddressBytes(6, address)), address);
  });
}

test('packInetAddress and unpackInetAddress are inverse', () => {
  const v4 = { family: 4, address: '192.0.2.255', port: 514, scopeId: 0 } as const;
  const v6 = { family: 6, address: 'fe80::1', port: 65_535, scopeId: 3 } as const;
  assert.deepEqual(unpackInetAddress(packInetAddress(v4)), v4);
  assert.deepEqual(unpackInetAddress(packInetAddress(v6)), v6);
});

test('packInetAddress refuses what is no numeric address', () => {
  assert.throws(() => packInetAddress({ family: 4, address: 'localhost', port: 1, scopeId: 0 }), { code: 'EINVAL' });
});

test('packUnixAddress counts bytes, not characters, and takes 107', () => {
  assert.equal(packUnixAddress('é'.repeat(53)).length, 2 + 106 + 1);
  assert.doesNotThrow(() => packUnixAddress('a'.repeat(UNIX_PATH_MAX_BYTES)));
  assert.throws(() => packUnixAddress('é'.repeat(54)), { code: 'ENAMETOOLONG', path: 'é'.repeat(54) });
});

test('packUnixAddress refuses an empty path and one with a NUL', () => {
  assert.throws(() => packUnixAddress(''), { code: 'EINVAL' });
  assert.throws(() => packUnixAddress('/tmp/a\0b'), { code: 'EINVAL' });
});
