import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fullNameIn, readHostNames, splitHostName } from '../../../../src/sys/machine/host.ts';

test('splitHostName cuts at the first dot', () => {
  assert.deepEqual(splitHostName('web1.Example.org'), {
    short: 'web1',
    full: 'web1.Example.org',
    domain: 'example.org',
  });
  assert.deepEqual(splitHostName('web1'), { short: 'web1', full: 'web1', domain: '' });
});

test('fullNameIn finds the full name on a line that lists the short one', () => {
  const hosts = '127.0.0.1 localhost\n# 10.0.0.9 web1.wrong.org web1\n127.0.1.1\tweb1.example.org  WEB1 # us\n';
  assert.equal(fullNameIn(hosts, 'web1'), 'web1.example.org');
  assert.equal(fullNameIn(hosts, 'localhost'), null);
  assert.equal(fullNameIn(hosts, 'web'), null);
});

test('readHostNames yields words that can stand in a log line', () => {
  const { short, full } = readHostNames();
  assert.match(short, /^[\w-]+$/);
  assert.ok(full.startsWith(short));
});
