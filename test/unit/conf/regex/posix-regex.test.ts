/**
 * POSIX patterns: what they match, what is refused, and time on hostile text.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  compilePattern,
  PatternError,
  type PatternSyntax,
  translatePattern,
} from '../../../../src/conf/regex/posix-regex.ts';

/** Pattern, texts that match, texts that do not. */
type Row = readonly [pattern: string, matching: readonly string[], others: readonly string[]];

const BASIC: readonly Row[] = [
  ['a.c', ['abc', 'xa\ncx'], ['ac']],
  ['a*b', ['b', 'aab'], ['a']],
  ['*a', ['*a'], ['a']],
  ['^*a', ['*a'], ['a', 'x*a']],
  ['\\(*a\\)', ['*a'], ['a']],
  ['a\\|*b', ['a', '*b'], ['b']],
  ['^ab$', ['ab'], ['xab', 'abx', 'ab\n', 'x\nab']],
  ['a^b$c', ['a^b$c'], ['ab']],
  ['\\(^a\\|b$\\)c*', ['ax', 'xb'], ['xa', 'bx']],
  ['a+b?(c){2}|', ['a+b?(c){2}|'], ['aab']],
  ['ba\\+', ['baa'], ['b']],
  ['^ba\\?$', ['b', 'ba'], ['baa']],
  ['^a\\{2,3\\}$', ['aa', 'aaa'], ['a', 'aaaa']],
  ['^a\\{2\\}$', ['aa'], ['aaa']],
  ['^a\\{2,\\}$', ['aaaaa'], ['a']],
  ['^a\\{,2\\}$', ['', 'aa'], ['aaa']],
  ['^a**$', ['', 'aa'], ['b']],
  ['^\\(ab\\)*$', ['', 'abab'], ['aba']],
  ['[]x]', [']', 'x'], ['[']],
  ['[^]x]', ['a'], [']', 'x', ']x']],
  ['[a-c-]', ['b', '-'], ['d']],
  ['[\\.]', ['\\', '.'], ['a']],
  ['[[:digit:]_]', ['5', '_'], [':', 'd']],
  ['[[.a.][=b=]]', ['a', 'b'], ['c', '.', '=']],
  ['[[.a.]-c]', ['b'], ['d']],
  ['[é-ü]', ['ö'], ['z']],
  ['[ab]cd', ['acd'], ['ad', 'axd']],
  ['^[[:digit:]x[:upper:]]*$', ['1xA'], ['1xa']],
  ['[[=a=]]b', ['ab'], ['a']],
  ['^.$', ['é', '😀', 'x'], ['éé']],
  ['\\.\\*\\[', ['.*['], ['a*[']],
  ['\\bfoo\\b', ['a foo'], ['foobar']],
  ["\\`a\\'", ['a'], ['ab']],
  ['', ['', 'x'], []],
];

const EXTENDED: readonly Row[] = [
  ['a+b?', ['aa'], ['b']],
  ['(a|b)c', ['ac', 'bc'], ['c']],
  ['^(a|)$', ['', 'a'], ['b']],
  ['^a{2,3}$', ['aa'], ['aaaa']],
  ['^(ab){2}$', ['abab'], ['ab']],
  ['^a+?$', ['', 'aa'], ['b']],
  ['^a*+$', ['', 'aa'], ['b']],
  ['a\\{2\\}', ['a{2}'], ['aa']],
  ['\\(a\\)\\|\\+\\?', ['(a)|+?'], ['a']],
  ['a|^b|c$', ['xax', 'bx', 'xc'], ['xb', 'cx']],
  ['x)', ['x)'], ['x']],
  ['()', [''], []],
  ['\\w\\W\\s\\S', ['a- b'], ['ab b']],
  ['/:<"~', ['/:<"~'], ['x']],
];

function check(rows: readonly Row[], syntax: PatternSyntax): void {
  for (const [pattern, matching, others] of rows) {
    test(`${syntax} pattern ${pattern} matches what it should`, () => {
      const compiled = compilePattern(pattern, syntax, false);
      for (const text of matching) assert.ok(compiled.test(Buffer.from(text)), JSON.stringify(text));
      for (const text of others) assert.ok(!compiled.test(Buffer.from(text)), JSON.stringify(text));
    });
  }
}

check(BASIC, 'basic');
check(EXTENDED, 'extended');

const REFUSED: readonly (readonly [pattern: string, syntax: PatternSyntax, message: string])[] = [
  ['\\(a\\)\\1', 'basic', 'back-reference `\\1`'],
  ['(a)\\9', 'extended', 'back-reference `\\9`'],
  ['\\(a', 'basic', 'unterminated group'],
  ['a\\)', 'basic', '`\\)` without `\\(`'],
  ['(a', 'extended', 'unterminated group'],
  ['[a', 'basic', '`[` without `]`'],
  ['[]', 'extended', '`[` without `]`'],
  ['[[:foo:]]', 'basic', 'unknown class `[:foo:]`'],
  ['[z-a]', 'basic', 'range `z-a` ends before it begins'],
  ['[[.ab.]]', 'basic', 'bad element `[.….]`'],
  ['[[.a.b]', 'basic', 'bad element `[.….]`'],
  ['[[=a.]]', 'basic', 'bad element `[=…=]`'],
  ['a\\', 'basic', '`\\` at the end'],
  ['\\d', 'extended', 'unknown escape `\\d`'],
  ['\\<a', 'basic', 'unknown escape `\\<`'],
  ['a{2,1}', 'extended', 'bad repetition `{2,1}`'],
  ['a{,}', 'extended', 'bad repetition `{,}`'],
  ['a{x}', 'extended', 'bad repetition `{x}`'],
  ['a{1001}', 'extended', 'bad repetition `{1001}`'],
  ['a\\{1', 'basic', 'bad repetition `{1`'],
  ['+a', 'extended', 'nothing to repeat before `+`'],
  ['(|*a)', 'extended', 'nothing to repeat before `*`'],
  ['^+a', 'extended', 'nothing to repeat before `+`'],
  ['\\b*', 'basic', 'nothing to repeat before `*`'],
  ['(a{40}){40}', 'extended', 'pattern too large'],
  ['((a{900}){900}){900}', 'extended', 'pattern too large'],
  ['a'.repeat(8001), 'basic', 'pattern too large'],
  ['('.repeat(200), 'extended', 'groups nested too deeply'],
];

for (const [pattern, syntax, message] of REFUSED) {
  test(`${syntax} pattern ${pattern.slice(0, 30)} is refused: ${message}`, () => {
    assert.throws(
      () => compilePattern(pattern, syntax, false),
      (error) => error instanceof PatternError && error.message === message && error.expected !== '',
    );
  });
}

test('every byte that is no operator stands for itself', () => {
  for (let code = 1; code < 0x80; code++) {
    const char = String.fromCharCode(code);
    if ('\\[.*^$'.includes(char)) continue;
    assert.ok(compilePattern(`^${char}$`, 'basic', false).test(Buffer.from(char)), char);
    if ('(){}|+?'.includes(char)) continue;
    assert.equal(translatePattern(char, 'extended'), translatePattern(char, 'basic'));
  }
});

test('case is ignored beyond ASCII', () => {
  assert.ok(compilePattern('É[ß-ü]', 'basic', true).test(Buffer.from('éÖ')));
});

test('bytes that are not UTF-8 are one character each', () => {
  const pattern = compilePattern('^a.b..$', 'basic', false);
  assert.ok(pattern.test(Buffer.from([0x61, 0xff, 0x62, 0xe2, 0x82])));
});

test('steps on a hostile text grow with its length, not faster', () => {
  // Backtracking engines need 2^n steps here: this test would not come to its end.
  for (const pattern of ['(a+)+$', '(a|aa)+$', '(a*)*b', '(.*)*x$', '([a-z]+)*[0-9]$']) {
    assert.equal(compilePattern(pattern, 'extended', false).test(Buffer.from(`${'a'.repeat(60_000)}!`)), false);
  }
});
