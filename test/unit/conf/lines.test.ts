/**
 * Lines: comments, continuation, byte order marks, ends of lines.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseText, rulesOf } from '../../support/conf-source.ts';

const LINES: readonly (readonly [title: string, text: string, rules: readonly string[]])[] = [
  ['a backslash joins the next line', '*.* \\\n/x', ['/x']],
  ['blanks at the begin of the next line are dropped', '*.err;\\\n\t  mail.none\t/x', ['/x']],
  ['blanks behind the backslash do not count', '*.* \\ \t\r\n/x', ['/x']],
  ['several lines are joined', '*.*\t\\\n\\\n  /x\\\n\\\n', []],
  ['comments inside a continuation are skipped', '*.* \\\n# comment\n/x', ['/x']],
  ['blank lines inside a continuation are skipped', '*.* \\\n\n \t\n/x', ['/x']],
  ['a comment is not continued', '# c \\\n*.* /x', ['/x']],
  ['a block line inside a continuation takes effect by itself', '*.* \\\n!prog\n/x', ['/x [!prog]']],
  ['`-/file` in a continuation is the action', '*.* \\\n  -/x', ['-/x']],
  ['carriage returns at the end do not count', '*.* /x\r\n!p\r\n*.* /y\r\n', ['/x', '/y [!p]']],
  ['the last line needs no newline', '*.* /x', ['/x']],
  ['blanks at the begin of a line do not count', ' \t*.* /x\n  # c\n  !p\n*.* /y', ['/x', '/y [!p]']],
  ['a byte order mark is skipped', '\ufeff*.* /x', ['/x']],
  ['a line of any length is one line', `*.* /x ${'#'.padEnd(10_000, 'x')}\n*.* /y`, ['/x', '/y']],
];

for (const [title, text, rules] of LINES) {
  test(title, () => {
    if (rules.length > 0) assert.deepEqual(rulesOf(text), rules);
    else assert.equal(parseText(text).configuration.rules.length, 0);
  });
}

const COMMENTS: readonly string[] = [
  '#-----',
  '#--------- section ---------',
  '#+++++++',
  '#+-----+',
  '#!',
  '#+',
  '#-',
  '#:',
  '#!/bin/sh',
  '#! prog',
  '#- an item of a list',
  '#-*- mode: conf -*-',
  '#!important: read this',
  '#: colon',
  '#:)',
  '#:source of truth',
  '#:mesg, contains, "x"',
  '# !prog',
];

for (const comment of COMMENTS) {
  test(`${comment} is a comment`, () => assert.deepEqual(rulesOf(`${comment}\n*.* /x`), ['/x']));
}

const LIVE: readonly (readonly [line: string, rule: string])[] = [
  ['#!prog', '/x [!prog]'],
  ['#!-prog,other', '/x [!not prog other]'],
  ['#!!prog', '/x [!quick prog]'],
  ['#!prog # comment', '/x [!prog]'],
  ['#+host', '/x [+host]'],
  ['#+@', '/x [+@]'],
  ['#++host', '/x [+quick host]'],
  ['#-a.example,b', '/x [+not a.example b]'],
  ['#:msg, contains, "x"', '/x [:msg contains x]'],
  ['#:programname !isequal "x"', '/x [:programname not isequal x]'],
];

for (const [line, rule] of LIVE) {
  test(`${line} is a block`, () => assert.deepEqual(rulesOf(`${line}\n*.* /x`), [rule]));
}
