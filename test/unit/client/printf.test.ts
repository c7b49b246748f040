/**
 * `syslog()` formats as printf(3) does: compared with the C library where there is a compiler.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { formatMessage } from '../../../src/client/printf.ts';
import { compilerMissing } from '../../support/compiler.ts';
import { TestDaemon } from '../../support/daemon.ts';

/** Format, and arguments as C writes them. */
const LIKE_C: readonly (readonly [string, ...(number | string)[]])[] = [
  ['plain'],
  ['100%%'],
  ['%d|%i', 42, -42],
  ['%5d|%-5d|%05d', 42, 42, 42],
  ['%+d|% d|%+d', 7, 7, -7],
  ['%.3d|%8.3d|%-8.3d|', 5, 5, 5],
  ['%08.3d|%.0d|', 5, 0],
  ['%u|%u', 42, -1],
  ['%x|%X|%#x|%#X|%#x', 255, 255, 255, 255, 0],
  ['%o|%#o|%#o', 8, 8, 0],
  ['%08x|%-8x|%#010x', 255, 255, 255],
  ['%x|%o', -1, -1],
  ['%s|%10s|%-10s|', 'one', 'two', 'three'],
  ['%.2s|%5.2s|%-5.2s|', 'one', 'two', 'three'],
  ['%c|%3c|%-3c|', 65, 66, 67],
  ['%*d|%-*d|%*d|', 5, 42, 5, 42, -5, 42],
  ['%.*s|%*.*s|', 2, 'abc', 6, 2, 'abc'],
  ['%.*s|', -1, 'abc'],
  ['%hd|%hhd', 12, 12],
  ['%s %d%% of %s', 'disk', 93, 'space'],
];

function cArgument(value: number | string): string {
  return typeof value === 'number' ? String(value) : JSON.stringify(value);
}

test('printf of the C library says the same', { skip: compilerMissing() }, (t) => {
  const dir = TestDaemon.folder(t);
  const calls = LIKE_C.map(([format, ...args]) => `printf(${[format, ...args].map(cArgument).join(', ')}); puts("");`);
  writeFileSync(`${dir}/print.c`, `#include <stdio.h>\nint main(void) {\n${calls.join('\n')}\nreturn 0; }\n`);
  execFileSync('cc', ['-w', '-o', `${dir}/print`, `${dir}/print.c`]);
  const expected = execFileSync(`${dir}/print`, { encoding: 'utf8' }).split('\n').slice(0, -1);
  const found = LIKE_C.map(([format, ...args]) => formatMessage(format, args, null));
  assert.deepEqual(found, expected);
});

test('%m: the error given, else the last argument that is an Error', () => {
  const missing = Object.assign(new Error('ENOENT: no such file'), { errno: -2, code: 'ENOENT' });
  const denied = Object.assign(new Error('EACCES: permission denied'), { errno: -13, code: 'EACCES' });
  assert.equal(formatMessage('open %s: %m', ['/x', missing], null), 'open /x: No such file or directory');
  assert.equal(formatMessage('%m', [missing, denied], null), 'Permission denied');
  assert.equal(formatMessage('%m', [missing], denied), 'Permission denied');
  assert.equal(formatMessage('%m|%s', [missing], null), 'No such file or directory|ENOENT: no such file');
  assert.equal(formatMessage('%m', [], null), 'Success');
  assert.equal(formatMessage('%m', [new Error('its own words')], null), 'its own words');
  assert.equal(formatMessage('%-10m|', [], null), 'Success   |');
});

const THROWING = {
  toString(): string {
    throw new Error('no');
  },
};
const CYCLE: { self?: unknown } = {};
CYCLE.self = CYCLE;

const VALUES: readonly (readonly [string, readonly unknown[], string])[] = [
  ['%s', [null], 'null'],
  ['%s', [undefined], 'undefined'],
  ['%s', [12n], '12'],
  ['%s', [Symbol('s')], 'Symbol(s)'],
  ['%s', [['a', 'b']], 'a,b'],
  ['%s', [Object.create(null)], '[object Object]'],
  ['%s', [THROWING], '[object Object]'],
  ['%d', ['12'], '12'],
  ['%d', [12.9], '12'],
  ['%d', [2 ** 40], '1099511627776'],
  ['%d', [-(2n ** 70n)], '-1180591620717411303424'],
  ['%x', [-(2 ** 40)], 'ffffff0000000000'],
  ['%d', [Number.NaN], 'NaN'],
  ['%5d', [Number.POSITIVE_INFINITY], 'Infinity'],
  ['%d', ['word'], 'NaN'],
  ['%d', [Symbol('s')], 'Symbol(s)'],
  ['%d', [THROWING], 'NaN'],
  ['%d', [CYCLE], 'NaN'],
  ['%c', ['word'], 'w'],
  ['%c', [-1], '\ufffd'],
  ['%c', [2 ** 31], '\ufffd'],
  ['%j', [{ a: [1, 'x'] }], '{"a":[1,"x"]}'],
  ['%j', [CYCLE], '[object Object]'],
  ['%j', [12n], '12'],
  ['%j', [undefined], 'undefined'],
  ['%s %s', ['one'], 'one %s'],
  ['%s', [], '%s'],
  ['%y %', [1], '%y %'],
  ['one', [1, 2], 'one'],
  ['%9999999999d', [1], `${' '.repeat(65_535)}1`],
];

for (const [format, args, expected] of VALUES)
  test(`any value: ${format} of ${args.map((value) => typeof value).join(', ') || 'nothing'} is ${expected.trim().slice(0, 30)}`, () => {
    assert.equal(formatMessage(format, args, null), expected);
  });
