import assert from 'node:assert/strict';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { test } from 'node:test';
import { spawnProgram } from '../../../../src/sys/process/spawn-program.ts';
import { limit, limitsMissing, limitWithFree } from '../../../support/limits.ts';

const ROOM = 40;

test('a program that starts is a child with its streams', async () => {
  const child = await spawnProgram('/bin/sh', ['-c', 'echo hello; exit 3'], { stdio: ['ignore', 'pipe', 'ignore'] });
  let said = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (said += text));
  await once(child, 'close');
  assert.deepEqual([child.exitCode, said], [3, 'hello\n']);
});

test('a program that is not there is an error that is thrown', async () => {
  await assert.rejects(spawnProgram('/nowhere/program', [], {}), { code: 'ENOENT' });
});

test('a command line that the kernel refuses is an error that is thrown', async () => {
  await assert.rejects(spawnProgram('/bin/true', ['x'.repeat(4 * 1024 * 1024)], {}), { code: 'E2BIG' });
});

test('without descriptors the error is thrown, and none is lost', { skip: limitsMissing() }, async () => {
  limit(process.pid, 'nofile', limitWithFree(process.pid, ROOM));
  const fds: number[] = [];
  const fill = (): void => {
    try {
      for (;;) fds.push(openSync('/dev/null', 'r'));
    } catch (error) {
      assert.ok(error instanceof Error && 'code' in error && error.code === 'EMFILE', String(error));
    }
  };
  fill();
  const filled = fds.length;
  assert.ok(filled > 0 && filled <= ROOM + 1, `${filled} opened`);
  for (let free = 0; free < 4; free++) {
    await assert.rejects(spawnProgram('/bin/true', [], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] }), {
      code: 'EMFILE',
    });
    closeSync(fds.pop() ?? -1);
  }
  fill();
  assert.equal(fds.length, filled);
  for (const fd of fds) closeSync(fd);
});
