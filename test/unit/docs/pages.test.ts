/**
 * What holds for all pages of the manual: order of sections, sound markup, examples that can be copied.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { Manual, manualPath, MANUALS } from './mdoc.ts';

/** Sections in the order that they have in every page; a page may lack some. */
const ORDER: readonly string[] = [
  'NAME',
  'SYNOPSIS',
  'DESCRIPTION',
  'COMMANDS',
  'SELECTORS',
  'BLOCKS',
  'ACTIONS',
  'OPTIONS',
  'DIRECTIVES',
  'FORMATS',
  'SIGNALS',
  'CONTROL',
  'MESSAGES',
  'ENVIRONMENT',
  'FILES',
  'EXIT STATUS',
  'EXAMPLES',
  'COMPATIBILITY',
  'SECURITY',
  'SEE ALSO',
];
const EVERYWHERE: readonly string[] = [
  'NAME',
  'SYNOPSIS',
  'DESCRIPTION',
  'OPTIONS',
  'FILES',
  'EXAMPLES',
  'COMPATIBILITY',
  'SECURITY',
  'SEE ALSO',
];

/** What lints a page here, if anything does. */
const LINTERS: readonly (readonly string[])[] = [
  ['mandoc', '-T', 'lint', '-W', 'warning'],
  ['groff', '-mdoc', '-ww', '-Tutf8', '-z'],
];

for (const name of MANUALS) {
  const page = new Manual(name);

  test(`${name}: sections stand in the same order as in every page`, () => {
    assert.deepEqual(
      page.sections,
      ORDER.filter((section) => page.sections.includes(section)),
    );
    assert.deepEqual(
      EVERYWHERE.filter((section) => !page.sections.includes(section)),
      [],
    );
  });

  test(`${name}: what is to be copied holds no character that formatters change`, () => {
    for (const block of page.blocks()) {
      // A bare hyphen, quote, grave accent, circumflex or tilde becomes a typographic one.
      const bare = block.source.replaceAll(/\\(?:\(..|.)/g, '');
      assert.doesNotMatch(bare, /[-'`^~]/, block.source);
    }
  });

  for (const [program = '', ...args] of LINTERS) {
    const missing = spawnSync(program, ['-v'], { stdio: 'ignore' }).error !== undefined;
    test(`${name}: ${program} finds nothing wrong`, { skip: missing ? `${program} is not installed` : false }, () => {
      const { stdout, stderr } = spawnSync(program, [...args, manualPath(name)], { encoding: 'utf8' });
      // About the machine, not about the page.
      const lines = `${stdout}${stderr}`.split('\n').filter((line) => line !== '' && !/mandoc\.db/.test(line));
      assert.deepEqual(lines, []);
    });
  }
}
