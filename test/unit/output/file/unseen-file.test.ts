/** A file in a folder that the daemon cannot look into, without inotify: its descriptor tells what happened to it. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { LineOutput } from '../../../../src/output/file/line-output.ts';
import { PathWatcher } from '../../../../src/sys/file/path-watch.ts';
import { cleanUp, TestDaemon } from '../../../support/daemon.ts';
import { inMs, type OutputRig, outputRig } from '../../../support/output-rig.ts';
import { until } from '../../../support/until.ts';

const skip = process.getuid?.() === 0 ? false : 'needs root to give it up';
const UID = 61_234;

interface Rig extends OutputRig {
  readonly folder: string;
  readonly path: string;
  readonly output: LineOutput;
}

/** Opens a file as root, and is another user from then on. */
async function opened(t: TestContext, intervalMs: number): Promise<Rig> {
  const above = TestDaemon.folder(t);
  chmodSync(above, 0o755);
  const folder = `${above}/closed`;
  mkdirSync(folder, { mode: 0o700 });
  const path = `${folder}/a`;
  const base = outputRig(t);
  const watcher = new PathWatcher('timer', intervalMs);
  cleanUp(t, () => watcher.close());
  const owner = { owner: String(UID), group: null };
  const output = new LineOutput(
    { path, sync: false, mode: 0o640, owner, rotation: null },
    { ...base.services, watcher },
  );
  cleanUp(t, () => output.close(inMs(0)));
  assert.equal(await output.open(true), null);
  // Undone first, whatever fails.
  cleanUp(t, () => process.seteuid?.(0));
  process.seteuid?.(UID);
  return { ...base, folder, path, output };
}

function asRoot(task: () => void): void {
  process.seteuid?.(0);
  try {
    task();
  } finally {
    process.seteuid?.(UID);
  }
}

function textOf(path: string): string {
  let text = '';
  asRoot(() => (text = existsSync(path) ? readFileSync(path, 'latin1') : ''));
  return text;
}

test('its removal is noticed by itself, told once, and what comes then is in the new one', { skip }, async (t) => {
  const { output, path, folder, send, reports } = await opened(t, 20);
  send(output, 'before');
  await until('it is written', () => textOf(path) === 'before\n');
  asRoot(() => rmSync(path));
  await until('that is noticed', () => output.state === 'retrying');
  assert.deepEqual(reports, [`cannot open file "${path}": permission denied`]);
  send(output, 'after');
  asRoot(() => chmodSync(folder, 0o777));
  await until('it is in the new file', () => textOf(path) === 'after\n');
  await until('that is reported', () => reports.length > 1);
  assert.deepEqual(reports.slice(1), [`writing to file "${path}" again`]);
});

test('its removal is noticed by a write where nothing else looks', { skip }, async (t) => {
  const { output, path, send } = await opened(t, 3_600_000);
  asRoot(() => rmSync(path));
  send(output, 'into the removed one');
  await until('that is noticed', () => {
    send(output, 'more');
    return output.state === 'retrying';
  });
});

test('one that is renamed is written on, which is told once', { skip }, async (t) => {
  const { output, path, folder, send, reports } = await opened(t, 20);
  asRoot(() => renameSync(path, `${path}.old`));
  await until('that is noticed', () => reports.length > 0);
  send(output, 'during');
  await until('it is written', () => textOf(`${path}.old`) === 'during\n');
  assert.equal(output.state, 'open');
  asRoot(() => chmodSync(folder, 0o777));
  await until('it is made anew', () => reports.length > 1);
  assert.deepEqual(reports, [
    `cannot open file "${path}": permission denied: still writing to the old file`,
    `writing to file "${path}" again`,
  ]);
});

test('one that nothing happens to is looked at again and again, and left alone', { skip }, async (t) => {
  const { output, path, send, reports, services } = await opened(t, 20);
  let looks = 0;
  const watcher = new PathWatcher('timer', 20);
  cleanUp(t, () => watcher.close());
  watcher.watch(path, () => looks++, { unseen: true });
  await until('some looks are over', () => looks > 10);
  send(output, 'after');
  await until('it is written', () => textOf(path) === 'after\n');
  assert.deepEqual(reports, []);
  assert.ok(services.watcher !== watcher);
});
