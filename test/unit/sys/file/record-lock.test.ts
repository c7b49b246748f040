import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { lockOwner, tryWriteLock } from '../../../../src/sys/file/record-lock.ts';
import { builtPath } from '../../../support/project.ts';
import { run, temporaryDirectory } from '../../../support/receiving.ts';
import { until } from '../../../support/until.ts';

const MODULE = JSON.stringify(builtPath('src/sys/file/record-lock.js'));

/** A process that takes the lock, prints what it got, and stays. */
async function holder(t: TestContext, path: string): Promise<ChildProcess> {
  const child = spawn(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `import { openSync } from 'node:fs'; const { tryWriteLock } = await import(${MODULE});
       console.log(tryWriteLock(openSync(${JSON.stringify(path)}, 'r+'))); setInterval(() => {}, 1000);`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  t.after(() => child.kill('SIGKILL'));
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  await until('it has tried', () => said.endsWith('\n'));
  assert.equal(said, 'true\n');
  return child;
}

test('tryWriteLock is refused while another process has the lock, and lockOwner names it', async (t) => {
  const path = join(temporaryDirectory(t), 'pid');
  const fd = openSync(path, 'w+');
  t.after(() => closeSync(fd));
  assert.equal(lockOwner(fd), null);
  const child = await holder(t, path);
  assert.equal(tryWriteLock(fd), false);
  assert.equal(lockOwner(fd), child.pid);
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.equal(lockOwner(fd), null);
  assert.equal(tryWriteLock(fd), true);
});

test('lockOwner does not see the lock of this process, but another process does', async (t) => {
  const path = join(temporaryDirectory(t), 'pid');
  const fd = openSync(path, 'w+');
  t.after(() => closeSync(fd));
  assert.equal(tryWriteLock(fd), true);
  assert.equal(lockOwner(fd), null);
  assert.equal(await ownerSeenOutside(path), String(process.pid));
});

test('the lock vanishes when any other descriptor of the file is closed', async (t) => {
  const path = join(temporaryDirectory(t), 'pid');
  const fd = openSync(path, 'w+');
  t.after(() => closeSync(fd));
  assert.equal(tryWriteLock(fd), true);
  closeSync(openSync(path, 'r'));
  assert.equal(await ownerSeenOutside(path), 'null');
});

test('tryWriteLock throws SysError on a descriptor that is not open for writing', (t) => {
  const path = join(temporaryDirectory(t), 'pid');
  closeSync(openSync(path, 'w'));
  const fd = openSync(path, 'r');
  t.after(() => closeSync(fd));
  assert.throws(() => tryWriteLock(fd), { name: 'SysError', code: 'EBADF', syscall: 'fcntl' });
});

async function ownerSeenOutside(path: string): Promise<string> {
  const text = `import { openSync } from 'node:fs'; const { lockOwner } = await import(${MODULE});
    console.log(lockOwner(openSync(${JSON.stringify(path)}, 'r+')));`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', text]);
  return stdout.trim();
}
