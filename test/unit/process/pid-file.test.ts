/**
 * What the pid file may be, and what is left of it where it cannot be written.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { test } from 'node:test';
import { PidFile, PidFileError } from '../../../src/process/pid-file.ts';
import { cleanUp, TestDaemon } from '../../support/daemon.ts';

function refusal(path: string): string {
  let file: PidFile | null = null;
  try {
    file = PidFile.acquire(path);
    file.publish();
  } catch (error) {
    assert.ok(error instanceof PidFileError, String(error));
    return error.message;
  } finally {
    file?.release();
  }
  return 'none';
}

test('a FIFO, a device and a directory are refused with their path, and stay', (t) => {
  const dir = TestDaemon.folder(t);
  execFileSync('mkfifo', [`${dir}/fifo`]);
  mkdirSync(`${dir}/dir`);
  symlinkSync('/dev/null', `${dir}/device`);
  const before = readdirSync(dir);
  for (const path of [`${dir}/fifo`, `${dir}/dir`, `${dir}/device`, '/dev/full'])
    assert.equal(refusal(path), `cannot use pid file "${path}": is not a regular file`);
  assert.deepEqual(readdirSync(dir), before);
  assert.ok(lstatSync('/dev/null').isCharacterDevice() && lstatSync('/dev/full').isCharacterDevice());
});

test('a stale file is taken over, a link is followed, and release removes it', (t) => {
  const dir = TestDaemon.folder(t);
  writeFileSync(`${dir}/pid`, '999999999\n');
  const file = PidFile.acquire(`${dir}/pid`);
  assert.equal(readFileSync(`${dir}/pid`, 'latin1'), '', 'locked, and the pid is not there yet');
  file.publish();
  assert.equal(readFileSync(`${dir}/pid`, 'latin1'), `${process.pid}\n`);
  file.release();
  assert.equal(existsSync(`${dir}/pid`), false);
  symlinkSync(`${dir}/target`, `${dir}/link`);
  const linked = PidFile.acquire(`${dir}/link`);
  linked.publish();
  assert.equal(readFileSync(`${dir}/target`, 'latin1'), `${process.pid}\n`);
  linked.release();
});

test('a full disk: the error names the path, and no file without a pid stays', {
  skip: process.getuid?.() === 0 ? false : 'needs root to mount a small disk',
}, (t) => {
  const dir = TestDaemon.folder(t);
  const disk = `${dir}/disk`;
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4k', 'tmpfs', disk]);
  cleanUp(t, () => execFileSync('umount', ['-l', disk]));
  writeFileSync(`${disk}/empty`, '');
  writeFileSync(`${disk}/ballast`, Buffer.alloc(4096));
  for (const name of ['pid', 'empty'])
    assert.equal(refusal(`${disk}/${name}`), `cannot write pid file "${disk}/${name}": no space left on device`);
  assert.deepEqual(readdirSync(disk), ['ballast']);
});

for (const text of ['/var/run/log\n/var/www/dev/log\n', '12 34\n', 'pid 12\n', `${'1'.repeat(80)}\n`])
  test(`a file with ${JSON.stringify(text.slice(0, 20))} is not taken for a pid file, and stays`, (t) => {
    const path = `${TestDaemon.folder(t)}/file`;
    writeFileSync(path, text);
    assert.equal(refusal(path), `"${path}" is not a pid file: expected one, or no file`);
    assert.equal(readFileSync(path, 'latin1'), text);
  });

test('what a crash leaves of a pid file is no obstacle', (t) => {
  const path = `${TestDaemon.folder(t)}/pid`;
  for (const text of ['', '\n', '\0\0\0\0\0', '1', ' 12 \n', '4294967295\n']) {
    writeFileSync(path, text);
    assert.equal(refusal(path), 'none', JSON.stringify(text));
  }
});

test('who takes the file over and fails leaves it to its owner', (t) => {
  const path = `${TestDaemon.folder(t)}/pid`;
  const owner = PidFile.acquire(path);
  owner.publish();
  owner.handOver();
  PidFile.takeOver(path, openSync(path, 'r+')).release();
  assert.equal(readFileSync(path, 'latin1'), `${process.pid}\n`);
  owner.takeBack();
  owner.release();
  assert.equal(existsSync(path), false);
});
