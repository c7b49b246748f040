/** FIFOs and pipes, with native calls and without. */
import assert from 'node:assert/strict';
import { closeSync, constants, fstatSync, openSync, readSync, statSync, writeSync } from 'node:fs';
import { test } from 'node:test';
import { hasReader, makeFifo, openPipe, tryOpenReadSide } from '../../../../src/sys/file/fifo.ts';
import { TestDaemon } from '../../../support/daemon.ts';
import { builtPath } from '../../../support/project.ts';
import { run } from '../../../support/receiving.ts';

test('a FIFO has exactly the mode asked for, whatever the umask', (t) => {
  const dir = TestDaemon.folder(t);
  const umask = process.umask(0o077);
  try {
    makeFifo(`${dir}/fifo`, 0o646);
  } finally {
    process.umask(umask);
  }
  assert.ok(statSync(`${dir}/fifo`).isFIFO());
  assert.equal(statSync(`${dir}/fifo`).mode & 0o7777, 0o646);
});

test('a FIFO is not made where something stands', (t) => {
  const dir = TestDaemon.folder(t);
  makeFifo(`${dir}/fifo`, 0o600);
  assert.throws(() => makeFifo(`${dir}/fifo`, 0o600), { code: 'EEXIST', syscall: 'mkfifo', path: `${dir}/fifo` });
});

test('a pipe: the write end never blocks, the read end does', () => {
  const { readFd, writeFd } = openPipe();
  assert.ok(fstatSync(readFd).isFIFO() && fstatSync(writeFd).isFIFO());
  const flags = (fd: number): number => Number.parseInt(/flags:\s*(\d+)/.exec(readInfo(fd))?.[1] ?? '', 8);
  assert.equal(flags(readFd) & (constants.O_NONBLOCK | 3), constants.O_RDONLY);
  assert.equal(flags(writeFd) & (constants.O_NONBLOCK | 3), constants.O_WRONLY | constants.O_NONBLOCK);
  for (const fd of [readFd, writeFd]) assert.notEqual(flags(fd) & 0o2000000, 0, 'closed in child processes');
  writeSync(writeFd, 'x');
  assert.equal(readSync(readFd, Buffer.alloc(9)), 1);
  for (const fd of [readFd, writeFd]) closeSync(fd);
});

test('a FIFO: whether somebody reads is told, and its read side can be opened from the write side', (t) => {
  const path = `${TestDaemon.folder(t)}/fifo`;
  makeFifo(path, 0o600);
  const readFd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writeFd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  assert.equal(hasReader(writeFd), true);
  closeSync(readFd);
  assert.equal(hasReader(writeFd), false);
  const again = tryOpenReadSide(writeFd);
  assert.equal(hasReader(writeFd), true);
  for (const fd of [again, writeFd]) closeSync(fd);
});

function readInfo(fd: number): string {
  const info = openSync(`/proc/self/fdinfo/${fd}`, constants.O_RDONLY);
  const bytes = Buffer.alloc(1000);
  const length = readSync(info, bytes);
  closeSync(info);
  return bytes.toString('latin1', 0, length);
}

test('without koffi mkfifo(1) makes FIFOs and pipes', async (t) => {
  const dir = TestDaemon.folder(t);
  const { stdout } = await run(process.execPath, [
    '--input-type=module',
    '-e',
    `const { default: Module } = await import('node:module');
     const find = Module._resolveFilename;
     Module._resolveFilename = (name, ...rest) => {
       if (name === 'koffi') throw new Error('Cannot find koffi');
       return find.call(Module, name, ...rest);
     };
     const { makeFifo, openPipe } = await import(${JSON.stringify(builtPath('src/sys/file/fifo.js'))});
     const { readSync, writeSync, statSync } = await import('node:fs');
     makeFifo('${dir}/fifo', 0o606);
     let twice = '';
     try { makeFifo('${dir}/fifo', 0o606); } catch (error) { twice = error.message; }
     const { readFd, writeFd } = openPipe();
     writeSync(writeFd, 'through');
     const bytes = Buffer.alloc(20);
     console.log(JSON.stringify([statSync('${dir}/fifo').mode & 0o777, twice.includes('exists'), bytes.toString('latin1', 0, readSync(readFd, bytes))]));`,
  ]);
  assert.deepEqual(JSON.parse(stdout), [0o606, true, 'through']);
});
