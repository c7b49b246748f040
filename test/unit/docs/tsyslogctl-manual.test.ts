/**
 * The manual page of tsyslogctl says what its code does: commands, options, exit statuses, environment.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { COMMANDS, CONTROL_OPTIONS, CTL_EXIT } from '../../../src/cli/tsyslogctl/command-table.ts';
import { projectPath } from '../../support/project.ts';
import { Manual } from './mdoc.ts';

const page = new Manual('tsyslogctl.8');
const options = page.items('options');

/** `-f, --config FILE` */
function headOf(row: (typeof CONTROL_OPTIONS)[number]): string {
  const shorts = Array.from((row.short ?? '') + (row.also ?? ''), (ch) => `-${ch}, `).join('');
  return `${shorts}--${row.long}${row.value === null ? '' : ` ${row.value}`}`;
}

test('tsyslogctl.8: COMMANDS lists every command and no other, in the order of the usage', () => {
  const names = page.items('commands').map((item) => item.words.flat()[0]);
  assert.deepEqual(
    names,
    COMMANDS.map(({ name }) => name),
  );
});

test('tsyslogctl.8: OPTIONS lists every option, with its names and its value, and no other', () => {
  const heads = options.map((item) => item.columns.join(''));
  assert.deepEqual(heads.toSorted(), CONTROL_OPTIONS.map(headOf).toSorted());
});

for (const row of CONTROL_OPTIONS) {
  const item = options.find((found) => found.columns.join('') === headOf(row));
  const value = /\((?:default )?(\/\S+)\)$/.exec(row.help)?.[1];
  test(`tsyslogctl.8: --${row.long} is of ${row.of ?? 'all commands'}, with its default`, () => {
    const of = /^Of\n\.Cm (\w+) :$/m.exec(item?.body ?? '')?.[1] ?? null;
    assert.equal(of, row.of);
    assert.ok(value === undefined || item?.body.includes(value) === true, item?.body);
  });
}

test('tsyslogctl.8: EXIT STATUS lists every exit status and no other', () => {
  const shown = page.items('exit status').map((item) => Number(item.columns.join('')));
  const known = [...new Set<number>(Object.values(CTL_EXIT))];
  assert.deepEqual(
    shown,
    known.toSorted((a, b) => a - b),
  );
});

test('tsyslogctl.8: ENVIRONMENT lists the variables that are read', () => {
  const folder = projectPath('src', 'cli', 'tsyslogctl');
  const sources = readdirSync(folder).filter((name) => name.endsWith('.ts'));
  const text = sources.map((name) => readFileSync(`${folder}/${name}`, 'utf8')).join('\n');
  const read = [...text.matchAll(/\benv\['(\w+)'\]/g)].map(([, name = '']) => name);
  assert.deepEqual(
    page.items('environment').flatMap((item) => item.columns),
    [...new Set(read)],
  );
});

test('tsyslogctl.8: the waits are those of the code', () => {
  const text = (name: string): string => readFileSync(projectPath('src', 'cli', 'tsyslogctl', name), 'utf8');
  const secondsOf = (name: string, constant: string): number => {
    const found = new RegExp(`^const ${constant} = ([\\d_]+);$`, 'm').exec(text(name))?.[1] ?? '';
    return Number(found.replaceAll('_', '')) / 1000;
  };
  const waits = [
    secondsOf('commands.ts', 'STATUS_MS'),
    secondsOf('stop.ts', 'STOP_MS'),
    secondsOf('commands.ts', 'WORK_MS'),
    secondsOf('start.ts', 'RESTART_MS'),
  ];
  const body = options.find((item) => item.columns[0]?.startsWith('--timeout'))?.body ?? '';
  assert.deepEqual((body.match(/\b\d+\b/g) ?? []).map(Number), waits);
});
