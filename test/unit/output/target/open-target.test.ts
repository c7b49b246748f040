/**
 * What a rule for a file takes in a folder that somebody else may change.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openTarget } from '../../../../src/output/target/open-target.ts';
import { TestDaemon } from '../../../support/daemon.ts';

const root = process.getuid?.() === 0 ? false : 'needs root to give folders away';
const SOMEBODY = 4_000_001;

async function outcome(path: string): Promise<string> {
  try {
    const target = await openTarget(path, 0o640);
    await target.close();
    return target.kind;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function setUp(t: test.TestContext): string {
  const dir = TestDaemon.folder(t);
  mkdirSync(join(dir, 'logs'));
  writeFileSync(join(dir, 'precious'), 'precious\n');
  linkSync(join(dir, 'precious'), join(dir, 'logs', 'f'));
  return dir;
}

test('a hard link is refused where everybody may make one, and taken where nobody else may', async (t) => {
  const dir = setUp(t);
  const path = join(dir, 'logs', 'f');
  assert.equal(await outcome(path), 'regular');
  chmodSync(join(dir, 'logs'), 0o777);
  assert.equal(
    await outcome(path),
    `"${path}" has 2 hard links, in a directory that everybody can change: not opened: expected a file with one link`,
  );
  assert.equal(readFileSync(path, 'utf8'), 'precious\n');
});

test("a user's own file may have two names in his own folder, a foreign one may not", { skip: root }, async (t) => {
  const dir = setUp(t);
  chownSync(join(dir, 'logs'), SOMEBODY, SOMEBODY);
  assert.match(await outcome(join(dir, 'logs', 'f')), /has 2 hard links, in a directory that user 4000001 can/);
  chownSync(join(dir, 'precious'), SOMEBODY, SOMEBODY);
  assert.equal(await outcome(join(dir, 'logs', 'f')), 'regular');
  chmodSync(join(dir, 'logs'), 0o775);
  assert.match(await outcome(join(dir, 'logs', 'f')), /has 2 hard links, in a directory that group 4000001 can/);
});

/** @returns the message for what `make` puts into a folder that everybody may change. */
async function refusalOf(t: test.TestContext, make: (path: string) => void): Promise<string> {
  const folder = join(setUp(t), 'open');
  mkdirSync(folder);
  chmodSync(folder, 0o777);
  make(join(folder, 'x'));
  const text = await outcome(join(folder, 'x'));
  return text.replace(join(folder, 'x'), 'PATH');
}

const REFUSED = '"PATH" is in a directory that everybody can change: expected a regular file';

test('no FIFO is opened where everybody may put one; a folder fails as ever', async (t) => {
  assert.equal(await refusalOf(t, (path) => execFileSync('mkfifo', [path])), REFUSED);
  assert.match(await refusalOf(t, (path) => mkdirSync(path)), /^EISDIR/);
});

test('no device is opened where everybody may put one', { skip: root || noDevices() }, async (t) => {
  assert.equal(await refusalOf(t, (path) => execFileSync('mknod', [path, 'c', '1', '3'])), REFUSED);
});

function noDevices(): string | false {
  const dir = mkdtempSync(join(tmpdir(), 'tsyslogd-'));
  const made = spawnSync('mknod', [join(dir, 'null'), 'c', '1', '3']).status === 0;
  rmSync(dir, { recursive: true });
  return made ? false : 'devices cannot be made here';
}

test('a file that is made there has the mode of its rule; the folder above it may be reached by a link', async (t) => {
  const dir = setUp(t);
  chmodSync(join(dir, 'logs'), 0o777);
  symlinkSync('logs', join(dir, 'to'));
  const umask = process.umask(0o077);
  t.after(() => process.umask(umask));
  const target = await openTarget(join(dir, 'to', 'new'), 0o644);
  await target.close();
  assert.equal(statSync(join(dir, 'logs', 'new')).mode & 0o7777, 0o644);
});
