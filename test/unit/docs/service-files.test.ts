/**
 * What starts the daemon on a machine is sound as far as the machine's own tools can tell.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { projectPath } from '../../support/project.ts';

function missing(program: string, ...args: readonly string[]): string | false {
  return spawnSync(program, args).error === undefined ? false : `${program} is not installed`;
}

function read(...path: readonly string[]): string {
  return readFileSync(projectPath('etc', ...path), 'utf8');
}

/** Units of which everything is there: their programs are replaced by one that is. */
function units(t: TestContext): readonly string[] {
  const dir = mkdtempSync(join(tmpdir(), 'tsyslogd-'));
  t.after(() => rmSync(dir, { recursive: true }));
  return ['tsyslogd.service', 'tsyslogd.socket'].map((name) => {
    const path = join(dir, name);
    writeFileSync(path, read('systemd', name).replaceAll(/^(Exec\w+=).*$/gm, '$1/bin/true'));
    return path;
  });
}

for (const shell of ['sh', 'dash', 'bash']) {
  test(`${shell} finds no mistake in the init script`, { skip: missing(shell, '-c', 'true') }, () => {
    const { status, stderr } = spawnSync(shell, ['-n', projectPath('etc', 'init.d', 'tsyslogd')], { encoding: 'utf8' });
    assert.deepEqual([status, stderr], [0, '']);
  });
}

test('the init script has the header of LSB, whole', () => {
  const [, header = ''] = /### BEGIN INIT INFO\n(.*?)### END INIT INFO/s.exec(read('init.d', 'tsyslogd')) ?? [];
  for (const field of [
    'Provides',
    'Required-Start',
    'Required-Stop',
    'Default-Start',
    'Default-Stop',
    'Short-Description',
  ])
    assert.match(header, new RegExp(`^# ${field}: +\\S`, 'm'));
});

test('systemd finds no mistake in the units', { skip: missing('systemd-analyze', '--version') }, (t) => {
  const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...units(t)], { encoding: 'utf8' });
  assert.deepEqual([status, stderr], [0, '']);
});

test('systemd finds the service well secured', { skip: missing('systemd-analyze', '--version') }, (t) => {
  const [service = ''] = units(t);
  const args = ['security', '--offline=true', '--threshold=35', '--no-pager', service];
  const { status, stdout, stderr } = spawnSync('systemd-analyze', args, { encoding: 'utf8' });
  // Versions that cannot look at a file say so.
  if (/unrecognized option/.test(stderr)) t.skip('systemd-analyze cannot look at a file');
  else assert.equal(status, 0, stdout + stderr);
});

test('the sample for systemd-tmpfiles is sound', { skip: missing('systemd-tmpfiles', '--version') }, () => {
  const lines = read('tmpfiles.d', 'tsyslogd.conf')
    .split('\n')
    .filter((line) => /^[^#\s]/.test(line));
  assert.ok(lines.length > 0);
  for (const line of lines) assert.match(line, /^[a-zA-Z]\S* \/\S+ [0-7]{4} \S+ \S+ \S+$/);
});
