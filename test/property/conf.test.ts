/**
 * Whatever the bytes: the parser returns, every problem has a place inside the text, and every line that is no
 * comment leaves a trace.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { formatProblem } from '../../src/conf/config.ts';
import { compilePattern, PatternError } from '../../src/conf/regex/posix-regex.ts';
import { MAIN, parseText } from '../support/conf-source.ts';

const PIECES = [
  '*.*',
  'mail',
  '.',
  ',',
  ';',
  '!',
  '+',
  '-',
  ':',
  '#',
  '@',
  '|',
  '/',
  '\\',
  '\n',
  '\n',
  ' ',
  '\t',
  '"',
  '=',
  '<',
  '>',
  'msg',
  'contains',
  'regex',
  'icase_',
  'rotate=',
  '10M',
  'RFC5424',
  'include',
  'listen',
  '/x',
  '[',
  ']',
  '(',
  ')',
  '{',
  '}',
  '*',
  '^',
  '$',
  '\\1',
  'é',
  '\0',
  '\r',
  'none',
  ' ;',
  ', "',
  '[:alpha:]',
];
const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const pieces = fc.array(fc.constantFrom(...PIECES), { maxLength: 60 }).map((parts) => Buffer.from(parts.join('')));

function checkPlaces(input: Buffer): void {
  const parsed = parseText(input);
  const lines = input.toString('latin1').split('\n');
  for (const problem of parsed.problems) {
    assert.equal(problem.at.file, MAIN);
    const line = lines[problem.at.line - 1];
    assert.ok(
      line !== undefined && problem.at.column >= 1 && problem.at.column <= line.length + 1,
      formatProblem(problem),
    );
    assert.doesNotMatch(formatProblem(problem), /[\p{Cc}]/u);
  }
}

test('random bytes are parsed without a throw, problems lie inside the text', () => {
  fc.assert(fc.property(bytes, checkPlaces), { numRuns: 3000 });
});

test('random pieces of the grammar are parsed without a throw, problems lie inside the text', () => {
  fc.assert(fc.property(pieces, checkPlaces), { numRuns: 10_000 });
});

test('a line that is no blank and no comment is a rule, a block, a directive or a problem', () => {
  const line = fc.array(fc.constantFrom(...PIECES.filter((piece) => !/[\n\r\0\\#!+:-]/.test(piece))), {
    minLength: 1,
    maxLength: 12,
  });
  fc.assert(
    fc.property(line, (parts) => {
      const input = parts.join('').trim();
      fc.pre(input !== '' && !/^(?:include|listen)\b/.test(input));
      const { configuration, problems } = parseText(input);
      assert.equal(configuration.rules.length === 0, problems.length > 0, input);
    }),
    { numRuns: 5000 },
  );
});

test('random patterns compile or are refused with a reason', () => {
  const pattern = fc.array(
    fc.constantFrom(...Array.from('ab.*+?{}()[]^$|\\,1290-:='), '\\(', '\\)', '\\{', '\\}', '[:alpha:]', 'é', '😀'),
    { maxLength: 20 },
  );
  fc.assert(
    fc.property(pattern, fc.constantFrom('basic', 'extended'), fc.boolean(), (parts, syntax, ignoreCase) => {
      try {
        compilePattern(parts.join(''), syntax, ignoreCase).test(Buffer.from('aab[1]é'));
      } catch (error) {
        if (!(error instanceof PatternError)) throw error;
      }
    }),
    { numRuns: 10_000 },
  );
});

test('long hostile lines come to an end', () => {
  for (const piece of PIECES) {
    for (const [head, tail] of [
      ['', ''],
      ['*.* |x ', ' ;bad'],
      [':msg, regex, "', '"'],
      ['mail.', ' /x'],
      ['#!a', ' '],
      ['*.* @', ''],
      ['*.* /x ;', ''],
    ]) {
      checkPlaces(Buffer.from(`${head}${piece.repeat(5000)}${tail}`));
    }
  }
  checkPlaces(Buffer.from('mial.x;\\\n'.repeat(5000)));
  checkPlaces(Buffer.from(`*.* |x ${' ;JSON'.repeat(5000)} ;bad`));
});
