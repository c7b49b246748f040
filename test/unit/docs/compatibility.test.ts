/**
 * The table of options in COMPATIBILITY.md: every option of every daemon has its cell, and what it calls refused is.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { OPTION_TABLE } from '../../../src/cli/tsyslogd/option-table.ts';
import { parseOptions } from '../../../src/cli/tsyslogd/options.ts';
import { UsageError } from '../../../src/cli/command-line/usage-error.ts';
import { projectPath } from '../../support/project.ts';

/** What each daemon gives to getopt(3). */
const DAEMONS: readonly (readonly [string, string])[] = [
  ['sysklogd 2.7', '468Aa:b:C:cdHFf:Kklm:M:nP:p:r:sTtv?'],
  ['FreeBSD 14', '468Aa:b:cCdf:FHkl:M:m:nNoO:p:P:sS:Tuv'],
  ['NetBSD 10', 'b:B:dnsSf:m:o:p:P:ru:g:t:TUvX'],
  ['OpenBSD 7', '46a:C:c:dFf:hK:k:m:nP:p:rS:s:T:U:uVZ'],
];

const rows = readFileSync(projectPath('COMPATIBILITY.md'), 'utf8')
  .split('\n')
  .filter((line) => /^\| `-\S`(?: `-\S`)* \|/.test(line))
  .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()));

function cellsOf(letter: string): readonly string[] {
  const found = rows.filter(([, options = '']) => options.split(' ').includes(`\`-${letter}\``));
  assert.equal(found.length, 1, `-${letter} has one row`);
  return found[0]?.slice(2, 2 + DAEMONS.length) ?? [];
}

const letters = new Set(DAEMONS.flatMap(([, text]) => Array.from(text.replaceAll(':', ''))));

test('every short option, here or there, has a row', () => {
  const own = OPTION_TABLE.flatMap(({ short, also }) => Array.from((short ?? '') + (also ?? '')));
  for (const letter of new Set([...own, ...letters])) assert.equal(cellsOf(letter).length, DAEMONS.length);
});

for (const [idx, [daemon, getopt]] of DAEMONS.entries())
  for (const letter of letters) {
    const at = getopt.indexOf(letter);
    const takesValue = getopt[at + 1] === ':';
    test(`${daemon}: -${letter}${takesValue ? ' VALUE' : ''}`, () => {
      const cell = cellsOf(letter)[idx] ?? '';
      assert.equal(cell === '–', at === -1, cell);
      if (at === -1) return;
      const row = OPTION_TABLE.find(({ short, also = '' }) => short === letter || also.includes(letter));
      const isSameShape = row !== undefined && (row.value !== null) === takesValue;
      if (!cell.startsWith('refused') && !cell.startsWith('as FreeBSD')) assert.ok(isSameShape, cell);
      // Whatever has another shape here is refused in the middle of other options.
      if (isSameShape) return;
      const args = [`-${letter}`, ...(takesValue ? ['value'] : []), '-n'];
      assert.throws(() => parseOptions(args), UsageError, args.join(' '));
    });
  }
