/**
 * A destination that works and fails in turns writes few lines about that, and the numbers in them are true.
 */
import assert from 'node:assert/strict';
import { closeSync, constants, openSync, readSync, statSync } from 'node:fs';
import { test } from 'node:test';
import { makeFifo } from '../../src/sys/file/fifo.ts';
import { errorCode } from '../../src/sys/call/error-text.ts';
import { TestDaemon } from '../support/daemon.ts';
import { NumberedSender, numbersOf } from '../support/numbered-sender.ts';
import { until } from '../support/until.ts';

const { O_NONBLOCK, O_RDONLY } = constants;
const ROUNDS = 12;
/** Messages a second. */
const RATE = 4000;
/** Growth of the file beside it while nobody reads, or while somebody does. */
const ROUND_BYTES = 50_000;

test('a FIFO whose readers come and go: few lines, and the numbers in them are all that was lost', async (t) => {
  const dir = TestDaemon.folder(t);
  const path = `${dir}/fifo`;
  makeFifo(path, 0o600);
  const daemon = await TestDaemon.start(t, { conf: 'user.* |DIR/fifo\nuser.* DIR/all', args: ['-ss'] }, dir);
  const sender = await NumberedSender.start(t, 'local', daemon.socket, 'one', RATE);
  const size = (): number => statSync(daemon.path('all')).size;
  let text = '';
  const buffer = Buffer.alloc(65_536);
  const readAll = (fd: number): void => {
    try {
      for (let bytes = readSync(fd, buffer); bytes > 0; bytes = readSync(fd, buffer))
        text += buffer.toString('latin1', 0, bytes);
    } catch (error) {
      if (errorCode(error) !== 'EAGAIN') throw error;
    }
  };
  await daemon.line('all', / one: 100$/);
  for (let round = 0; round < ROUNDS; round++) {
    const before = size();
    const fd = openSync(path, O_RDONLY | O_NONBLOCK);
    await until('much was read', () => {
      readAll(fd);
      return size() > before + ROUND_BYTES;
    });
    // To the end of a line, so that nothing is read in part.
    await until('a line is whole', () => {
      readAll(fd);
      return text.endsWith('\n');
    });
    closeSync(fd);
    const gone = size();
    await until('much was lost', () => size() > gone + ROUND_BYTES);
  }
  const sent = await sender.stop();
  await daemon.line('all', new RegExp(` one: ${sent - 1}$`));
  await daemon.stop();
  const told = daemon.lines('self').filter((line) => line.includes(`fifo "${path}"`));
  const lost = told.reduce((sum, line) => sum + Number(/dropped (\d+) /.exec(line)?.[1] ?? 0), 0);
  assert.ok(lost > 0, 'something was lost');
  const read = numbersOf(text.split('\n').slice(0, -1), 'one');
  assert.ok(read.every((number, idx) => idx === 0 || number > (read[idx - 1] ?? 0)));
  assert.equal(read.length + lost, sent, told.join('\n'));
  assert.ok(told.length < ROUNDS, told.join('\n'));
});
