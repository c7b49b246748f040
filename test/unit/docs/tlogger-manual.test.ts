/**
 * The manual page of tlogger says what its code does: options, environment, exit statuses, defaults.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { LOGGER_OPTIONS, type LoggerOption } from '../../../src/cli/tlogger/options/option-table.ts';
import { readCommandLine } from '../../../src/cli/tlogger/options/settings.ts';
import { projectPath } from '../../support/project.ts';
import { Manual } from './mdoc.ts';

const page = new Manual('tlogger.1');
const options = page.items('options');
const SOURCES = projectPath('src', 'cli', 'tlogger');

/** `-f, --file FILE`, `--id[=ID]` */
function headOf({ short, long, argument, value }: LoggerOption): string {
  const names = [short === null ? '' : `-${short}`, long === null ? '' : `--${long}`].filter((name) => name !== '');
  const shown = argument === 'none' ? '' : argument === 'optional' ? `[=${value}]` : ` ${value}`;
  return `${names.join(', ')}${shown}`;
}

function sourceText(folder: string): string {
  return readdirSync(folder, { withFileTypes: true })
    .map((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? sourceText(path) : readFileSync(path, 'utf8');
    })
    .join('\n');
}

test('tlogger.1: OPTIONS lists every option, with its names and its value, and no other', () => {
  const heads = options.map((item) => item.columns.join(''));
  assert.deepEqual(heads.toSorted(), LOGGER_OPTIONS.map(headOf).toSorted());
});

test('tlogger.1: SYNOPSIS lists every letter but those that end the program', () => {
  const text = page.section('SYNOPSIS').join('\n');
  const letters = [...text.matchAll(/^\.Op Fl (\w+)/gm)].flatMap(([, found = '']) => Array.from(found));
  const known = LOGGER_OPTIONS.flatMap(({ short }) => (short === null || 'hV'.includes(short) ? [] : [short]));
  assert.deepEqual(letters.toSorted(), known.toSorted());
});

test('tlogger.1: the default of --wait is that of the code', () => {
  const { settings } = readCommandLine(['--wait'], { pid: 1, env: {}, warn: assert.fail });
  const body = options.find((item) => item.columns[0]?.startsWith('--wait'))?.body ?? '';
  assert.equal(Number(/by default (\d+)/.exec(body)?.[1]) * 1000, settings.waitMs);
});

test('tlogger.1: ENVIRONMENT lists the variables that are read', () => {
  const text = sourceText(SOURCES) + readFileSync(projectPath('src', 'engine', 'settings', 'machine-zone.ts'), 'utf8');
  const read = [...text.matchAll(/\benv\['(\w+)'\]/g)].map(([, name = '']) => name);
  const shown = page.words('environment');
  const tests = [
    ...page
      .section('ENVIRONMENT')
      .join('\n')
      .matchAll(/^\.Ev (LOGGER_\w+)/gm),
  ].map(([, name = '']) => name);
  assert.deepEqual([...shown, ...tests].toSorted(), [...new Set(read)].toSorted());
});

test('tlogger.1: EXIT STATUS lists 0 and 1, and the program knows no other', () => {
  assert.deepEqual(
    page.items('exit status').map((item) => item.columns.join('')),
    ['0', '1'],
  );
  assert.deepEqual(
    [...sourceText(SOURCES).matchAll(/const FAILED = (\d)/g)].map(([, status]) => status),
    ['1'],
  );
});
