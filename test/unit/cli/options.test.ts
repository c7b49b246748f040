/**
 * What the command line means where its options contradict or repeat each other.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseOptions, UsageError } from '../../../src/cli/options.ts';

test('-p: one path, however it is written, is one socket', () => {
  const args = ['-p', '/run/a', '-p', '/run/b', '-p', '/run/x/../a', '-p', './log', '-p', 'log', '-p', '/run//b/'];
  assert.deepEqual(parseOptions(args).sockets, ['/run/a', '/run/b', './log']);
});

const CONTRADICTIONS: readonly (readonly [string, string, string])[] = [
  ['-4', '::1', "option '-4' forbids what '-b ::1' needs: expected an IPv4 address"],
  ['-4', '[fe80::1%lo]:514', "option '-4' forbids what '-b [fe80::1%lo]:514' needs: expected an IPv4 address"],
  ['-6', '127.0.0.1:514', "option '-6' forbids what '-b 127.0.0.1:514' needs: expected an IPv6 address"],
];

for (const [flag, address, message] of CONTRADICTIONS)
  test(`${flag} refuses -b ${address}, whichever comes first`, () => {
    for (const args of [
      [flag, '-b', address],
      ['-b', address, flag],
    ])
      assert.throws(
        () => parseOptions(args),
        (error) => error instanceof UsageError && error.message === message,
      );
  });

test('-4 and -6 allow addresses of their family, names, and every address', () => {
  assert.equal(parseOptions(['-4', '-b', '127.0.0.1', '-b', 'localhost', '-b', ':514']).listen.length, 3);
  assert.equal(parseOptions(['-6', '-b', '[::1]:514', '-b', '::1%lo', '-b', '*']).listen.length, 3);
});
