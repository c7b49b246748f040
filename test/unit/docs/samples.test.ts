/**
 * The configurations that come with the daemon are sound, what is switched off in them too.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseOptions } from '../../../src/cli/tsyslogd/options.ts';
import type { Configuration } from '../../../src/conf/config.ts';
import { FACILITY, SEVERITY } from '../../../src/protocol/priority.ts';
import { parseText, problemsOf } from '../../support/conf-source.ts';
import { projectPath } from '../../support/project.ts';

const DEFAULT = readFileSync(projectPath('etc', 'tsyslog.conf'), 'utf8');

/** Files that a message of this priority goes to. */
function filesOf(configuration: Configuration, facility: number, severity: number): readonly string[] {
  return configuration.rules
    .filter((rule) => ((rule.severityMasks[facility] ?? 0) & (1 << severity)) !== 0)
    .flatMap(({ action }) => (action.kind === 'file' ? [action.path] : []));
}

for (const name of readdirSync(projectPath('etc')).filter((file) => file.endsWith('.conf'))) {
  test(`etc/${name} has no mistake`, () => {
    const parsed = parseText(readFileSync(projectPath('etc', name), 'utf8'));
    assert.deepEqual(problemsOf(parsed), []);
    assert.ok(parsed.configuration.rules.length > 0);
  });
}

test('etc/tsyslog.conf: what is switched off has no mistake either', () => {
  const on = DEFAULT.replaceAll(/^#(?=[^\s])/gm, '');
  const parsed = parseText(on);
  assert.deepEqual(problemsOf(parsed), []);
  const { rules, directives } = parsed.configuration;
  assert.ok(rules.some((rule) => rule.action.kind === 'forward'));
  assert.deepEqual(new Set(rules.map((rule) => rule.options.format)), new Set(['default', 'rfc5424', 'iso', 'json']));
  assert.ok(rules.some((rule) => rule.options.rotation !== null) && directives.rotateSizeBytes !== null);
});

test('etc/tsyslog.conf: as it comes, it holds no block, no directive but include, no forwarding', () => {
  const { rules, directives } = parseText(DEFAULT).configuration;
  assert.deepEqual(Object.keys(directives.at), []);
  assert.match(DEFAULT, /^include \/etc\/tsyslog\.d\/\*\.conf$/m);
  for (const rule of rules) {
    assert.notEqual(rule.action.kind, 'forward');
    assert.deepEqual([rule.program, rule.host, rule.property], [null, null, null]);
  }
});

test('etc/tsyslog.conf: every message goes to a file, authentication to auth.log alone', () => {
  const { configuration } = parseText(DEFAULT);
  for (const facility of Object.values(FACILITY)) {
    for (const severity of Object.values(SEVERITY)) {
      const files = filesOf(configuration, facility, severity);
      const secret = facility === FACILITY.auth || facility === FACILITY.authpriv;
      if (secret) assert.deepEqual(files, ['/var/log/auth.log']);
      else assert.ok(files.includes('/var/log/syslog') && !files.includes('/var/log/auth.log'));
    }
  }
});

test('etc/systemd/tsyslogd.service: the command lines of the daemon are sound', () => {
  const unit = readFileSync(projectPath('etc', 'systemd', 'tsyslogd.service'), 'utf8');
  const lines = [...unit.matchAll(/^Exec(\w+)=\/usr\/local\/bin\/tsyslogd (.*)$/gm)];
  const actions = lines.map(([, kind, args = '']) => [kind, parseOptions(args.split(' ')).action]);
  assert.deepEqual(actions, [['Start', 'run']]);
  assert.match(unit, /^ExecReload=\/usr\/local\/bin\/tsyslogctl reload$/m);
});
