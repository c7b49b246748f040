/**
 * Blocks: forms, resets, independence, and files that are included.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseText, rulesOf } from '../../../support/conf-source.ts';

const FORMS: readonly (readonly [line: string, filter: string])[] = [
  ['!a', '[!a]'],
  ['!a,b', '[!a b]'],
  ['! a , b', '[!a b]'],
  ['!+a,b', '[!a b]'],
  ['!-a,b', '[!not a b]'],
  ['!!a,b', '[!quick a b]'],
  ['!!-a', '[!quick not a]'],
  ['!postfix/smtpd', '[!postfix/smtpd]'],
  ['!a # comment', '[!a]'],
  [`!${'p'.repeat(48)}`, `[!${'p'.repeat(48)}]`],
  ['!a#b  ## c', '[!a#b]'],
  ['+a,b', '[+a b]'],
  ['+ a', '[+a]'],
  ['-a,B.example', '[+not a B.example]'],
  ['++a', '[+quick a]'],
  ['+@,a,@', '[+@ a @]'],
  ['+192.0.2.1,2001:db8::1', '[+192.0.2.1 2001:db8::1]'],
  [':msg, contains, "a"', '[:msg contains a]'],
  [':MSG,Contains,"a"', '[:msg contains a]'],
  [': msg contains "a"', '[:msg contains a]'],
  [':msg , contains , "a"  # c', '[:msg contains a]'],
  [':msg, !contains, "a b"', '[:msg not contains a b]'],
  [':msg, !icase_startswith, "a"', '[:msg not icase startswith a]'],
  [':msg, icase_equal, "a"', '[:msg icase isequal a]'],
  [':msgid, isequal, "a"', '[:msgid isequal a]'],
  [':data, contains, "a"', '[:sd contains a]'],
  [':sd, contains, ""', '[:sd contains ]'],
  [':source, isequal, "a"', '[:hostname isequal a]'],
  [':hostname, eregex, "a"', '[:hostname ereregex a]'],
  [':programname, regex, "a"', '[:programname regex a]'],
  [':msg, contains, "a\\"b\\\\c\\d"', '[:msg contains a"b\\cd]'],
  [':msg, contains, "a # b"', '[:msg contains a # b]'],
  [':msg, contains, "é"', '[:msg contains é]'],
];

for (const [line, filter] of FORMS) {
  test(`block ${line} is ${filter}`, () => assert.deepEqual(rulesOf(`${line}\n*.* /x`), [`/x ${filter}`]));
}

for (const [block, resets] of [
  ['!a', ['!', '!*', '! *', '!!*', '!+*', '!-', '#!*', '!* # c']],
  ['+a', ['+', '-', '+*', '-*', '++*', '#+*']],
  [':msg, contains, "a"', [':', ':*', '#:*', ': *', ':* # c']],
] as const) {
  for (const reset of resets) {
    test(`${reset} resets ${block}`, () => assert.deepEqual(rulesOf(`${block}\n${reset}\n*.* /x`), ['/x']));
  }
}

test('a block holds for all rules up to the next one of its kind', () => {
  assert.deepEqual(rulesOf('*.* /1\n!a\n*.* /2\n*.* /3\n!b\n*.* /4\n!*\n*.* /5'), [
    '/1',
    '/2 [!a]',
    '/3 [!a]',
    '/4 [!b]',
    '/5',
  ]);
});

test('the three kinds are independent', () => {
  assert.deepEqual(rulesOf('!a\n+h\n:msg, contains, "x"\n*.* /1\n!*\n*.* /2\n+*\n*.* /3\n!c\n:*\n*.* /4'), [
    '/1 [!a] [+h] [:msg contains x]',
    '/2 [+h] [:msg contains x]',
    '/3 [:msg contains x]',
    '/4 [!c]',
  ]);
});

test('rules of one block share one filter', () => {
  const [first, second] = parseText('!a\n:msg, regex, "x"\n*.* /1\n*.* /2').configuration.rules;
  assert.equal(first?.program, second?.program);
  assert.equal(first?.property, second?.property);
});

test('an included file starts without blocks, and those of the outer file hold behind it', () => {
  const files = { '/etc/in.conf': '*.* /in\n!b\n+h\n*.* /in2\n' };
  assert.deepEqual(rulesOf('!a\n:msg, contains, "x"\n*.* /1\ninclude in.conf\n*.* /2', files), [
    '/1 [!a] [:msg contains x]',
    '/in',
    '/in2 [!b] [+h]',
    '/2 [!a] [:msg contains x]',
  ]);
});
