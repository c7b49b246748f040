/**
 * Programs that are told of rotations: with the file's name, one at a time each, never piling up.
 */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { RotationNotifier } from '../../../../src/output/rotation/notifier.ts';
import { cleanUp } from '../../../support/daemon.ts';
import { until } from '../../../support/until.ts';

function folder(t: test.TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'tsyslogd-'));
  cleanUp(t, () => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

function program(dir: string, name: string, body: string): string {
  const path = join(dir, name);
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}

function create(): { notifier: RotationNotifier; reports: string[] } {
  const reports: string[] = [];
  return { notifier: new RotationNotifier((_severity, text) => void reports.push(text)), reports };
}

function lines(path: string): string[] {
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];
}

test('every program gets the name of the file, in a session of its own, without input', async (t) => {
  const dir = folder(t);
  const { notifier, reports } = create();
  const body = `echo "$1 $(ps -o sid= -p $$ | tr -d ' ') $$ $(readlink /proc/self/fd/0)" >> ${dir}/told`;
  notifier.setPrograms([program(dir, 'a', body), program(dir, 'b', body)]);
  notifier.rotated('/var/log/with blank; $(x)');
  await until('both have run', () => lines(join(dir, 'told')).length === 2);
  for (const line of lines(join(dir, 'told'))) {
    assert.match(line, /^\/var\/log\/with blank; \$\(x\) (\d+) \1 \/dev\/null$/);
  }
  assert.deepEqual(reports, []);
});

test('rotations while a program runs are merged by file: it runs once more for each, one at a time', async (t) => {
  const dir = folder(t);
  const { notifier } = create();
  const gate = join(dir, 'gate');
  const body = `mkdir ${dir}/busy || echo twice >> ${dir}/told; echo "$1" >> ${dir}/told
while ! [ -e ${gate} ]; do sleep 0.02; done; rmdir ${dir}/busy`;
  notifier.setPrograms([program(dir, 'a', body)]);
  for (let i = 0; i < 100; i++) notifier.rotated(i % 2 === 0 ? '/even' : '/odd');
  await until('it has been started', () => lines(join(dir, 'told')).length === 1);
  writeFileSync(gate, '');
  await until('it has run for all', () => lines(join(dir, 'told')).length === 3 && !existsSync(join(dir, 'busy')));
  assert.deepEqual(lines(join(dir, 'told')), ['/even', '/odd', '/even']);
});

test('a program that fails is told once, until it has worked again', async (t) => {
  const dir = folder(t);
  const { notifier, reports } = create();
  const path = program(dir, 'a', `echo run >> ${dir}/told; exit 3`);
  const run = async (count: number): Promise<void> => {
    notifier.rotated('/f');
    await until('it has run', () => lines(join(dir, 'told')).length === count);
  };
  notifier.setPrograms([path]);
  await run(1);
  await until('it is told', () => reports.length === 1);
  await run(2);
  program(dir, 'a', `echo run >> ${dir}/told`);
  await run(3);
  program(dir, 'a', `echo run >> ${dir}/told; exit 4`);
  await run(4);
  await until('it is told anew', () => reports.length === 2);
  assert.deepEqual(reports, [`notify "${path}" failed: exit status 3`, `notify "${path}" failed: exit status 4`]);
});

test('a program that is missing, or may not be executed, is told', async (t) => {
  const dir = folder(t);
  const { notifier, reports } = create();
  writeFileSync(join(dir, 'plain'), '');
  notifier.setPrograms([join(dir, 'missing'), join(dir, 'plain')]);
  notifier.rotated('/f');
  await until('both are told', () => reports.length === 2);
  assert.deepEqual(reports.toSorted(), [
    `notify "${join(dir, 'missing')}" failed: no such file or directory`,
    `notify "${join(dir, 'plain')}" failed: permission denied`,
  ]);
});

test('a program that is no longer configured gets nothing more', async (t) => {
  const dir = folder(t);
  const { notifier } = create();
  const body = `echo "$0" >> ${dir}/told`;
  const [a, b] = [program(dir, 'a', body), program(dir, 'b', body)];
  notifier.setPrograms([a]);
  notifier.setPrograms([b]);
  notifier.rotated('/f');
  await until('the other has run', () => lines(join(dir, 'told')).length === 1);
  assert.deepEqual(lines(join(dir, 'told')), [b]);
});
