/**
 * The cache of the kernel's log: what it is written over, and what never.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { InputError } from '../../../../src/input/input.ts';
import { KernelCache } from '../../../../src/input/kernel/kernel-cache.ts';
import { TestDaemon } from '../../../support/daemon.ts';

const LINE = /^[0-9a-f-]{36} 0{18}42\n$/;
const OLD_LINE = '01234567-89ab-cdef-0123-456789abcdef 00000000000000000007\n';

const OWN: readonly (readonly [string, string])[] = [
  ['its own line', OLD_LINE],
  ['an empty file', ''],
  ['what a power failure leaves', '\0'.repeat(58)],
];

for (const [title, text] of OWN)
  test(`${title} is written over`, (t) => {
    const path = `${TestDaemon.folder(t)}/cache`;
    writeFileSync(path, text);
    const cache = new KernelCache(path);
    cache.check();
    assert.equal(readFileSync(path, 'latin1'), text, 'the check changes nothing');
    cache.write(42);
    cache.close();
    assert.match(readFileSync(path, 'latin1'), LINE);
    assert.equal(new KernelCache(path).read(), 42);
  });

test('where there is no file, the check makes none and the first number does', (t) => {
  const dir = TestDaemon.folder(t);
  const cache = new KernelCache(`${dir}/cache`);
  cache.check();
  assert.throws(() => readFileSync(`${dir}/cache`), /ENOENT/);
  cache.write(42);
  cache.close();
  assert.match(readFileSync(`${dir}/cache`, 'latin1'), LINE);
  new KernelCache(`${dir}/none/cache`).check();
});

const FOREIGN: readonly (readonly [string, string])[] = [
  ['a certificate', '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n'],
  ['one line', 'precious\n'],
  ['a newline', '\n'],
  ['a pid', '1234\n'],
  ['its own line and more', `${OLD_LINE}more\n`],
  ['its own line and NULs', `${OLD_LINE}\0\0`],
];

for (const [title, text] of FOREIGN)
  test(`${title} is never written over`, (t) => {
    const path = `${TestDaemon.folder(t)}/file`;
    writeFileSync(path, text);
    const refused = new InputError(`"${path}" is not a kernel log cache: expected one, or no file`);
    const cache = new KernelCache(path);
    assert.throws(() => cache.check(), refused);
    cache.prepare();
    assert.throws(() => cache.write(42), refused);
    cache.close();
    assert.equal(readFileSync(path, 'latin1'), text);
  });

test('what is no regular file is refused, and does not hold up anything', (t) => {
  const dir = TestDaemon.folder(t);
  execFileSync('mkfifo', [`${dir}/fifo`]);
  symlinkSync('/dev/null', `${dir}/device`);
  for (const name of ['fifo', 'device']) assert.throws(() => new KernelCache(`${dir}/${name}`).check(), InputError);
  mkdirSync(`${dir}/dir`);
  const cache = new KernelCache(`${dir}/dir`);
  cache.check();
  assert.throws(() => cache.write(42), /EISDIR/);
});
