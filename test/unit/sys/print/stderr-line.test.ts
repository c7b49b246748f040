/**
 * Lines that never wait: pipes, sockets and devices that take nothing, and what is told afterwards.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, existsSync, openSync, readFileSync, readSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { AF } from '../../../../src/sys/call/abi.ts';
import { check, native } from '../../../../src/sys/call/native.ts';
import { packUnixAddress } from '../../../../src/sys/socket/sockaddr.ts';
import { LineWriter } from '../../../../src/sys/print/stderr-line.ts';
import { cleanUp, TestDaemon } from '../../../support/daemon.ts';
import { until } from '../../../support/until.ts';

const LINES = 5000;

function lineOf(number: number): string {
  return `line ${number} ${'x'.repeat(100)}`;
}

/** Whole lines only; those written and those told as dropped make all. @returns how many were dropped */
function account(text: string): number {
  const lines = text.split('\n');
  assert.equal(lines.pop(), '', 'the last line is whole');
  let next = 0;
  let dropped = 0;
  for (const line of lines) {
    const told = /^tsyslogd: dropped (\d+) lines? to standard error$/.exec(line);
    if (told === null) assert.equal(line, lineOf(next++));
    else {
      dropped += Number(told[1]);
      next += Number(told[1]);
    }
  }
  assert.equal(next, LINES + 1);
  return dropped;
}

/** A FIFO whose both ends are open, as blocking as a shell leaves them. */
function openFifo(t: TestContext): { readonly path: string; readonly readFd: number; readonly writeFd: number } {
  const path = `${TestDaemon.folder(t)}/fifo`;
  execFileSync('mkfifo', [path]);
  const readFd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writeFd = openSync(path, constants.O_WRONLY);
  return { path, readFd, writeFd };
}

function drain(fd: number): string {
  const buffer = Buffer.alloc(1024 * 1024);
  let text = '';
  for (;;) {
    try {
      const got = readSync(fd, buffer);
      if (got === 0) return text;
      text += buffer.toString('latin1', 0, got);
    } catch {
      return text;
    }
  }
}

test('a pipe that nobody reads: lines are dropped whole, counted, and the number is told first', (t) => {
  const { readFd, writeFd } = openFifo(t);
  const writer = new LineWriter(writeFd);
  for (let i = 0; i < LINES; i++) writer.write(lineOf(i));
  let text = drain(readFd);
  writer.write(lineOf(LINES));
  text += drain(readFd);
  assert.ok(account(text) > 0);
  writer.reset();
  closeSync(readFd);
  closeSync(writeFd);
});

test('a pipe: a line longer than its room is finished before the next one', (t) => {
  const { readFd, writeFd } = openFifo(t);
  const writer = new LineWriter(writeFd);
  writer.write('y'.repeat(100_000));
  writer.write('dropped');
  const begin = drain(readFd);
  writer.write('last');
  assert.equal(begin + drain(readFd), `${'y'.repeat(100_000)}\ntsyslogd: dropped 1 line to standard error\nlast\n`);
  writer.reset();
  closeSync(readFd);
  closeSync(writeFd);
});

test('a FIFO without reader does no harm, and is written again when there is one', (t) => {
  const { path, readFd, writeFd } = openFifo(t);
  closeSync(readFd);
  const writer = new LineWriter(writeFd);
  writer.write('nobody');
  const second = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  writer.write('somebody');
  assert.equal(drain(second), 'tsyslogd: dropped 1 line to standard error\nsomebody\n');
  writer.reset();
  closeSync(second);
  closeSync(writeFd);
});

test('a socket that nobody reads, though it blocks: dropped, counted, told', async (t) => {
  const path = `${TestDaemon.folder(t)}/socket`;
  let peer: Socket | null = null;
  const server = createServer({ pauseOnConnect: true }, (socket) => (peer = socket));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  cleanUp(t, () => server.close());
  const fd = check(native().libc.socket(AF.UNIX, 1, 0), 'socket');
  const address = packUnixAddress(path);
  check(native().libc.connect(fd, address, address.length), 'connect', path);
  const writer = new LineWriter(fd);
  for (let i = 0; i < LINES; i++) writer.write(lineOf(i));
  const socket: Socket = await until('the server has it', () => peer ?? undefined);
  let text = '';
  socket.setEncoding('latin1').on('data', (part: string) => (text += part));
  socket.resume();
  await until('what went through has come', () => text.endsWith('\n'));
  writer.write(lineOf(LINES));
  await until('the last line has come', () => text.includes(`${lineOf(LINES)}\n`));
  assert.ok(account(text) > 0);
  native().libc.close(fd);
  socket.destroy();
});

test('a full device and a closed descriptor do no harm', () => {
  const full = openSync('/dev/full', 'w');
  const writer = new LineWriter(full);
  writer.write('no room');
  writer.reset();
  closeSync(full);
  writer.write('closed');
});

test('a regular file that stdout shares: nothing is overwritten', (t) => {
  const path = `${TestDaemon.folder(t)}/file`;
  const fd = openSync(path, 'w');
  const writer = new LineWriter(fd);
  writer.write('one');
  execFileSync('sh', ['-c', 'echo two'], { stdio: ['ignore', fd, 'ignore'] });
  writer.write('three');
  assert.equal(readFileSync(path, 'latin1'), 'one\ntwo\nthree\n');
  closeSync(fd);
});

test('reset: the descriptor that was opened anew is given back', (t) => {
  const { readFd, writeFd } = openFifo(t);
  const writer = new LineWriter(writeFd);
  writer.write('one');
  assert.equal(drain(readFd), 'one\n');
  writer.reset();
  closeSync(writeFd);
  assert.ok(existsSync(`/proc/self/fd/${readFd}`));
  // Only with the last writer gone does a reader see the end.
  assert.equal(readSync(readFd, Buffer.alloc(1)), 0);
  closeSync(readFd);
});
