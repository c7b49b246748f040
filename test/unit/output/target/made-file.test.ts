/** What was opened for nothing leaves nothing behind, and removes nothing else. */
import assert from 'node:assert/strict';
import { appendFileSync, existsSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { LineOutput } from '../../../../src/output/file/line-output.ts';
import { removeMade } from '../../../../src/output/target/made-file.ts';
import { cleanUp, TestDaemon } from '../../../support/daemon.ts';
import { inMs, type OutputRig, outputRig } from '../../../support/output-rig.ts';
import { until } from '../../../support/until.ts';

interface Rig extends OutputRig {
  readonly path: string;
  readonly create: () => LineOutput;
}

function rig(t: TestContext): Rig {
  const path = `${TestDaemon.folder(t)}/a`;
  const base = outputRig(t);
  return {
    ...base,
    path,
    create() {
      const options = { path, sync: true, mode: 0o640, owner: { owner: null, group: null }, rotation: null };
      const output = new LineOutput(options, base.services);
      cleanUp(t, () => output.close(inMs(0)));
      return output;
    },
  };
}

async function abandon({ services }: Rig, ...outputs: readonly LineOutput[]): Promise<void> {
  const made = await Promise.all(outputs.map((output) => output.abandon()));
  for (const file of made) if (file !== null) await removeMade(file, services.rotations.held);
}

test('a file that was made is removed, also where two outputs have it open', async (t) => {
  const r = rig(t);
  const [one, other] = [r.create(), r.create()];
  await one.open(false);
  await other.open(false);
  assert.ok(existsSync(r.path));
  await abandon(r, one, other);
  assert.equal(existsSync(r.path), false);
});

test('a file that was there, empty or not, is left alone', async (t) => {
  for (const text of ['', 'mine\n']) {
    const r = rig(t);
    writeFileSync(r.path, text);
    const output = r.create();
    await output.open(false);
    await abandon(r, output);
    assert.equal(readFileSync(r.path, 'utf8'), text);
  }
});

test('a made file that somebody has written to, replaced, or has open, is left alone', async (t) => {
  const written = rig(t);
  const replaced = rig(t);
  const open = rig(t);
  const outputs = [written.create(), replaced.create(), open.create()] as const;
  for (const output of outputs) await output.open(false);
  appendFileSync(written.path, 'theirs\n');
  writeFileSync(`${replaced.path}.new`, '');
  renameSync(`${replaced.path}.new`, replaced.path);
  await open.create().open(false);
  for (const [idx, r] of [written, replaced, open].entries()) {
    const output = outputs[idx];
    assert.ok(output !== undefined);
    await abandon(r, output);
    assert.ok(existsSync(r.path));
  }
});

test('behind a symbolic link the file is removed, and the link stays', async (t) => {
  const r = rig(t);
  symlinkSync(`${r.path}.target`, r.path);
  const output = r.create();
  await output.open(false);
  assert.ok(existsSync(`${r.path}.target`));
  await abandon(r, output);
  assert.equal(existsSync(`${r.path}.target`), false);
});

test('what opens only after it was abandoned is removed by itself', async (t) => {
  const r = rig(t);
  const output = r.create();
  const opening = output.open(false);
  await abandon(r, output);
  await opening;
  await until('it is gone', () => !existsSync(r.path));
  assert.equal(output.state, 'closed');
  assert.deepEqual(r.reports, []);
});

test('what opens only after it was closed is kept: it was wanted', async (t) => {
  const r = rig(t);
  const output = r.create();
  const opening = output.open(true);
  await output.close(inMs(0));
  await opening;
  assert.ok(existsSync(r.path));
  assert.equal(output.state, 'closed');
});
