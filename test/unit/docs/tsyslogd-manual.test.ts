/**
 * The manual page of the daemon says what its code does: options, defaults, signals, exit statuses, messages.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { OPTION_TABLE } from '../../../src/cli/tsyslogd/option-table.ts';
import { EXIT } from '../../../src/cli/tsyslogd/exit-status.ts';
import { CONTROL_COMMANDS, REQUEST_MAX_BYTES } from '../../../src/control/protocol.ts';
import { daemonSignals, handleSignals } from '../../../src/process/signals.ts';
import { FORWARD_MAX_BYTES, FORWARD_MIN_BYTES, MESSAGE_DEFAULT_BYTES } from '../../../src/protocol/limits.ts';
import { SEVERITY_NAMES } from '../../../src/protocol/priority.ts';
import { projectPath } from '../../support/project.ts';
import { Manual } from './mdoc.ts';

const page = new Manual('tsyslogd.8');
const options = page.items('options');

/** `-b, --bind ADDR` */
function headOf(row: (typeof OPTION_TABLE)[number]): string {
  const shorts = Array.from((row.short ?? '') + (row.also ?? ''), (ch) => `-${ch}, `).join('');
  return `${shorts}--${row.long}${row.value === null ? '' : ` ${row.value}`}`;
}

test('tsyslogd.8: OPTIONS lists every option of the table, with its names and its value, and no other', () => {
  const heads = options.map((item) => item.columns.join(''));
  assert.deepEqual(heads.toSorted(), OPTION_TABLE.map(headOf).toSorted());
});

test('tsyslogd.8: SYNOPSIS shows every short option', () => {
  const lines = page.section('SYNOPSIS');
  const flags = /^\.Op Fl (\S{2,})$/m.exec(lines.join('\n'))?.[1]?.replace('\\&', '') ?? '';
  const shown = [...flags.split(''), ...lines.flatMap((line) => /^\.Op Fl (\S) Ar/.exec(line)?.[1] ?? [])];
  assert.deepEqual(
    [...new Set(shown)].toSorted(),
    OPTION_TABLE.flatMap((row) => Array.from((row.short ?? '') + (row.also ?? ''))).toSorted(),
  );
});

for (const row of OPTION_TABLE) {
  const value = /\((?:default )?(\S+)\)$/.exec(row.help)?.[1];
  if (value === undefined) continue;
  test(`tsyslogd.8: --${row.long} has the default of the usage, ${value}`, () => {
    const item = options.find((found) => found.columns.join('') === headOf(row));
    assert.ok(item?.body.includes(value), item?.body);
  });
}

test('tsyslogd.8: limits are those of the code', () => {
  const body = options.find((item) => item.columns[0]?.includes('--udp-size'))?.body ?? '';
  for (const limit of [FORWARD_MIN_BYTES, FORWARD_MAX_BYTES]) assert.match(body, new RegExp(`\\b${limit}\\b`));
  assert.match(page.section('DESCRIPTION').join('\n'), new RegExp(`\\b${MESSAGE_DEFAULT_BYTES}\\b`));
});

test('tsyslogd.8: EXIT STATUS lists every exit status and no other', () => {
  const shown = page.items('exit status').map((item) => Number(item.columns.join('')));
  assert.deepEqual(
    shown,
    Object.values(EXIT).toSorted((a, b) => a - b),
  );
});

test('tsyslogd.8: SIGNALS lists the signals that the daemon handles and no other', () => {
  const nothing = (): void => undefined;
  // The test runner of some Node.js versions listens to signals itself: what counts is what is added.
  const listeners = (): Map<string, number> =>
    new Map(Object.keys(constants.signals).map((name) => [name, process.listenerCount(name)]));
  const before = listeners();
  const actions = { reload: nothing, end: nothing, toggleDebug: nothing, rotate: nothing };
  const remove = handleSignals(daemonSignals(actions), nothing);
  const handled = [...listeners()].filter(([name, count]) => count > (before.get(name) ?? 0)).map(([name]) => name);
  remove();
  assert.deepEqual(page.words('signals').toSorted(), handled.toSorted());
});

test('tsyslogd.8: CONTROL lists the commands of the control socket and no other, and its limit', () => {
  assert.deepEqual(
    page.items('commands').flatMap((item) => item.words.flat()),
    [...CONTROL_COMMANDS],
  );
  assert.match(page.section('CONTROL').join('\n'), new RegExp(`\\b${REQUEST_MAX_BYTES} bytes\\b`));
});

function sourceText(folder: string): string {
  return readdirSync(folder, { withFileTypes: true })
    .map((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return sourceText(path);
      return entry.name.endsWith('.ts') ? readFileSync(path, 'utf8') : '';
    })
    .join('\n');
}

test('tsyslogd.8: ENVIRONMENT lists what the daemon takes out of its environment', () => {
  const manager = readFileSync(projectPath('src', 'process', 'service-manager.ts'), 'utf8');
  const inherited = readFileSync(projectPath('src', 'engine', 'inputs', 'inherited.ts'), 'utf8');
  const found = [...manager.matchAll(/delete env\['(\w+)'\]/g), ...inherited.matchAll(/'(LISTEN_\w+)'/g)];
  const taken = found.map(([, name = '']) => name);
  assert.deepEqual(page.words('environment').toSorted(), taken.toSorted());
});

test('tsyslogd.8: the messages of MESSAGES are those of the code, word for word', () => {
  // In templates the plural stands for both numbers, and NUL for every other value.
  const source = sourceText(projectPath('src'))
    .replaceAll(/\$\{[^{}]* \? '[^']*' : '([^']*)'\}/g, '$1')
    .replaceAll(/\$\{[^{}]*\}/g, '\0');
  const items = page.items('messages');
  assert.ok(items.length > 10);
  const missing = items.map((item) => item.pattern).filter((pattern) => !source.includes(pattern));
  assert.deepEqual(missing, []);
  for (const item of items) assert.ok(SEVERITY_NAMES.includes(item.words.flat().at(-1) ?? ''), item.columns.join(''));
});
