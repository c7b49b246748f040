/**
 * tsyslogctl answers at once: what asks a running daemon loads nothing of the daemon, and no native code.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { projectPath } from '../../../support/project.ts';

const SRC = projectPath('src');
/** What `status` loads, dynamically: the rest follows from their imports. */
const ROOTS = ['process.cts', 'main.ts', 'commands.ts', 'status-text.ts', 'style.ts'];
/** Outside of src/cli. */
const ALLOWED = [
  'conf/words/suggest.ts',
  'control/protocol.ts',
  'engine/settings/machine-zone.ts',
  'protocol/calendar.ts',
  'protocol/posix-zone.ts',
  'protocol/tz-file.ts',
  'sys/call/error-text.ts',
  'sys/print/print.ts',
  'sys/print/visible-text.ts',
];
const NODE_MODULES = ['node:buffer', 'node:fs', 'node:net', 'node:tty', 'node:util'];

/** All that is loaded with a file, types left out. */
function loadedWith(path: string, found: Set<string>): Set<string> {
  if (found.has(path)) return found;
  found.add(path);
  const text = readFileSync(join(SRC, path), 'utf8');
  for (const [, names = '', specifier = ''] of text.matchAll(/^import (?!type )([^;']*?)from '([^']+)';/gm)) {
    const onlyTypes = /^\{(?:\s*type \w+,?)+\s*\}\s*$/.test(names);
    if (onlyTypes) continue;
    if (specifier.startsWith('.')) loadedWith(relative(SRC, join(SRC, dirname(path), specifier)), found);
    else found.add(specifier);
  }
  return found;
}

test('status loads a few small files and nothing of the daemon', () => {
  const loaded = new Set<string>();
  for (const root of ROOTS) loadedWith(join('cli', 'tsyslogctl', root), loaded);
  assert.ok(loaded.has('cli/tsyslogctl/client.ts') && loaded.has('node:net'), 'imports were found');
  const foreign = [...loaded].filter(
    (name) => !/^cli\/(?:tsyslogctl\/[a-z-]+|command-line\/(?:scan-options|usage-error|usage-text))\.c?ts$/.test(name),
  );
  assert.deepEqual(
    foreign.filter((name) => !ALLOWED.includes(name) && !NODE_MODULES.includes(name)),
    [],
  );
});
