/**
 * Property filters on messages: every property and operator, absent values, and time on hostile text.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NaiveMessage } from '../../support/route-naive.ts';
import { RouteRig } from '../../support/route-rig.ts';

const MESSAGE: NaiveMessage = {
  facility: 1,
  severity: 5,
  tag: 'sshd',
  host: 'Alpha.example',
  text: 'Failed password for root from 192.0.2.1 port 22 ÄÖ',
  msgId: 'ID47',
  sd: '[x@1 a="b"]',
};

const FILTERS: readonly (readonly [filter: string, passes: boolean])[] = [
  ['msg, contains, "password"', true],
  ['msg, contains, "Password"', false],
  ['msg, icase_contains, "PASSWORD FOR"', true],
  ['msg, !contains, "password"', false],
  ['msg, !contains, "passwort"', true],
  ['msg, contains, "ÄÖ"', true],
  ['msg, contains, ""', true],
  ['msg, isequal, ""', false],
  ['msg, startswith, "Failed"', true],
  ['msg, startswith, "ailed"', false],
  ['msg, icase_startswith, "fAILED"', true],
  ['msg, isequal, "Failed"', false],
  ['msg, contains, "sshd"', false],
  ['programname, isequal, "sshd"', true],
  ['programname, isequal, "SSHD"', false],
  ['programname, icase_isequal, "SSHD"', true],
  ['programname, startswith, "sshdx"', false],
  ['hostname, isequal, "Alpha.example"', true],
  ['source, icase_equal, "alpha.EXAMPLE"', true],
  ['msgid, isequal, "ID47"', true],
  ['sd, contains, "a=\\"b\\""', true],
  ['data, startswith, "[x@1"', true],
  ['msg, regex, "root from [0-9.]*"', true],
  ['msg, regex, "^password"', false],
  ['msg, regex, "^Failed.*ÄÖ$"', true],
  ['msg, regex, "\\\\(root\\\\|admin\\\\) from"', true],
  ['msg, regex, "(root)"', false],
  ['msg, ereregex, "(root|admin) from"', true],
  ['msg, ereregex, "port [[:digit:]]{2} "', true],
  ['msg, ereregex, "port [[:digit:]]{3}"', false],
  ['msg, !ereregex, "port [[:digit:]]{3}"', true],
  ['msg, icase_ereregex, "FAILED .* äö"', true],
  ['msg, ereregex, "192\\\\.0\\\\.2\\\\.1"', true],
];

for (const [filter, passes] of FILTERS) {
  test(`:${filter} ${passes ? 'passes' : 'refuses'} the message`, () => {
    assert.deepEqual(new RouteRig(`:${filter}\n*.* /x`).route(MESSAGE), passes ? ['/x'] : []);
  });
}

test('an absent value never passes, negated or not', () => {
  const absent: NaiveMessage = { ...MESSAGE, tag: '', host: '', msgId: '', sd: '', text: '' };
  for (const property of ['programname', 'hostname', 'msgid', 'sd']) {
    for (const operator of ['contains', '!contains', 'isequal', '!isequal', 'regex', '!regex']) {
      assert.deepEqual(new RouteRig(`:${property}, ${operator}, ""\n*.* /x`).route(absent), [], property + operator);
    }
  }
  assert.deepEqual(new RouteRig(':msg, !contains, "x"\n*.* /x').route(absent), ['/x']);
});

test('a search goes on behind a part that matched half', () => {
  for (const [text, wanted] of [
    ['aaab', 'aab'],
    ['abababc', 'ababc'],
    ['ababab', 'ababc'],
    ['xxabcabcabd', 'abcabd'],
  ] as const) {
    const rig = new RouteRig(`:msg, contains, "${wanted}"\n*.* /x`);
    assert.equal(rig.route({ ...MESSAGE, text }).length === 1, text.includes(wanted), text);
  }
});

test('a comparison does not look beyond the message', () => {
  const rig = new RouteRig(':programname, contains, "dFailed"\n*.* /1\n:programname, isequal, "sshdF"\n*.* /2');
  assert.deepEqual(rig.route(MESSAGE), []);
});

test('every rule of a filter gets the same answer', () => {
  const rig = new RouteRig(':msg, regex, "root"\n*.* /1\n*.* /2\n:msg, regex, "toor"\n*.* /3\n*.* /4');
  assert.deepEqual(rig.route(MESSAGE), ['/1', '/2']);
});
