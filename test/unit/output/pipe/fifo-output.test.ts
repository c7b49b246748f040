/** A FIFO with and without readers: nothing waits for them, and every record is either read or counted. */
import assert from 'node:assert/strict';
import {
  closeSync,
  constants,
  existsSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { test, type TestContext } from 'node:test';
import { FifoOutput } from '../../../../src/output/pipe/fifo-output.ts';
import { MadeFifos } from '../../../../src/output/pipe/made-fifos.ts';
import { makeFifo } from '../../../../src/sys/file/fifo.ts';
import { cleanUp, TestDaemon } from '../../../support/daemon.ts';
import { inMs, type OutputRig, outputRig } from '../../../support/output-rig.ts';
import { until } from '../../../support/until.ts';

interface Rig extends OutputRig {
  readonly path: string;
  readonly fifos: MadeFifos;
  readonly create: () => FifoOutput;
}

function rig(t: TestContext): Rig {
  const path = `${TestDaemon.folder(t)}/fifo`;
  const base = outputRig(t);
  const fifos = new MadeFifos();
  return {
    ...base,
    path,
    fifos,
    create() {
      const output = new FifoOutput({ path, mode: 0o620, owner: { owner: null, group: null } }, base.services, fifos);
      cleanUp(t, () => output.close(inMs(0)));
      return output;
    },
  };
}

/** A reader that takes what it is told to. */
interface Reader {
  readonly take: (bytes: number) => string;
  readonly takeAll: () => string;
  readonly close: () => void;
}

function reader(t: TestContext, path: string): Reader {
  let fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const take = (bytes: number): string => {
    const buffer = Buffer.alloc(bytes);
    try {
      return buffer.toString('latin1', 0, readSync(fd, buffer));
    } catch {
      return '';
    }
  };
  const close = (): void => {
    if (fd !== -1) closeSync(fd);
    fd = -1;
  };
  cleanUp(t, close);
  return {
    take,
    close,
    takeAll() {
      let text = '';
      for (let part = take(100_000); part !== ''; part = take(100_000)) text += part;
      return text;
    },
  };
}

const big = (i: number): string => `${i} ${'x'.repeat(990)}`;

test('a missing FIFO is made with its mode, and removed at the end', async (t) => {
  const { path, create } = rig(t);
  const output = create();
  assert.equal(await output.open(true), null);
  assert.equal(statSync(path).mode & 0o7777, 0o620);
  assert.equal(await output.close(inMs(1000)), 0);
  assert.equal(existsSync(path), false);
});

test('a FIFO that was there is left there', async (t) => {
  const { path, create } = rig(t);
  makeFifo(path, 0o600);
  const output = create();
  await output.open(true);
  await output.close(inMs(1000));
  assert.ok(statSync(path).isFIFO());
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

test('a FIFO that somebody else put in the place of the made one is left there', async (t) => {
  const { path, create } = rig(t);
  const output = create();
  await output.open(true);
  // The old one keeps its inode meanwhile, so that the new one gets another.
  const held = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  rmSync(path);
  makeFifo(path, 0o600);
  await output.close(inMs(1000));
  closeSync(held);
  assert.ok(existsSync(path));
});

test('of two outputs of one FIFO the last one removes it', async (t) => {
  const { path, create } = rig(t);
  const [first, second] = [create(), create()];
  await first.open(true);
  await second.open(true);
  await first.close(inMs(1000));
  assert.ok(existsSync(path));
  await second.close(inMs(1000));
  assert.equal(existsSync(path), false);
});

test('something else at the path is an error and is not touched', async (t) => {
  const { path, create } = rig(t);
  writeFileSync(path, 'mine');
  assert.equal(await create().open(false), 'it is not a FIFO');
  assert.ok(statSync(path).isFile());
});

test('a symbolic link in a world-writable directory is not followed', async (t) => {
  const dir = TestDaemon.folder(t);
  const { create, path, send, reports } = rig(t);
  makeFifo(`${dir}/target`, 0o600);
  const { chmodSync } = await import('node:fs');
  chmodSync(path.slice(0, path.lastIndexOf('/')), 0o1777);
  symlinkSync(`${dir}/target`, path);
  const target = reader(t, `${dir}/target`);
  const output = create();
  await output.open(true);
  send(output, 'secret');
  await until('the failure is told', () => reports.length > 0);
  assert.match(
    reports[0] ?? '',
    /" is a symbolic link that everybody can change: not followed: expected a path without it$/,
  );
  assert.equal(target.takeAll(), '');
});

test('without a reader records are dropped soon, told once at the start and with their number at the end', async (t) => {
  const { path, create, send, reports } = rig(t);
  const output = create();
  await output.open(true);
  send(output, 'a', 'b');
  await until('they are dropped', () => output.counters.dropped === 2);
  send(output, 'c');
  await until('it is dropped', () => output.counters.dropped === 3);
  assert.deepEqual(reports, [`dropping messages to fifo "${path}": it has no reader`]);
  const { takeAll } = reader(t, path);
  send(output, 'd');
  let text = '';
  await until('the reader has it', () => (text += takeAll()) !== '');
  assert.equal(text, 'd\n');
  await until('its end is told', () => reports.length > 1);
  assert.deepEqual(reports.slice(1), [`dropped 3 messages to fifo "${path}"`]);
});

test('a reader that goes and another that comes soon: what was unread, and what came since, is read', async (t) => {
  const { path, create, send, reports } = rig(t);
  const output = create();
  await output.open(true);
  const first = reader(t, path);
  send(output, 'one', 'two');
  let text = '';
  await until('the first reader has something', () => (text += first.take(6)) !== '');
  assert.equal(text, 'one\ntw');
  first.close();
  send(output, 'three');
  const second = reader(t, path);
  send(output, 'four');
  text = '';
  await until('the second reader has all', () => (text += second.takeAll()).endsWith('four\n'));
  assert.equal(text, 'two\nthree\nfour\n');
  assert.deepEqual(reports, []);
});

test('a full FIFO: the queue is bounded, what is refused is told when it goes on', async (t) => {
  const { path, create, send, reports } = rig(t);
  const output = create();
  await output.open(true);
  const { takeAll } = reader(t, path);
  let taken = 0;
  for (let i = 0; i < 3000; i++) if (send(output, big(i))) taken++;
  assert.ok(taken < 1500, `about a megabyte and what the pipe holds: ${taken}`);
  let text = '';
  await until('the rest is read', () => {
    text += takeAll();
    return text.split('\n').length - 1 === taken;
  });
  assert.deepEqual(
    text.split('\n').slice(0, -1),
    Array.from({ length: taken }, (_, i) => big(i)),
  );
  await until('the loss is told', () => reports.length === 2);
  assert.deepEqual(reports, [
    `dropping messages to fifo "${path}": its queue is full`,
    `dropped ${3000 - taken} messages to fifo "${path}"`,
  ]);
  assert.equal(output.state, 'open');
});

test('closing waits for a reader that reads, and counts what one that does not read leaves', async (t) => {
  const { path, create, send, reports } = rig(t);
  const output = create();
  await output.open(true);
  const { take, takeAll } = reader(t, path);
  send(output, ...Array.from({ length: 500 }, (_, i) => big(i)));
  let text = '';
  await until('reading has begun', () => (text += take(10_000)) !== '');
  const closed = output.close(inMs(4000));
  const reading = setInterval(() => (text += take(10_000)), 5);
  const lost = await closed;
  clearInterval(reading);
  text += takeAll();
  assert.equal(lost, 0);
  assert.equal(text.split('\n').length - 1, 500);
  assert.deepEqual(reports, []);

  const other = create();
  await other.open(true);
  const idle = reader(t, path);
  send(other, ...Array.from({ length: 500 }, (_, i) => big(i)));
  const left = await other.close(inMs(4000));
  assert.equal(left + idle.takeAll().split('\n').length - 1, 500, 'what is in the pipe can still be read');
  assert.match(reports.at(-1) ?? '', new RegExp(`^dropped ${left} messages to fifo`));
});

test('closing when the reader has gone counts what it left unread', async (t) => {
  const { path, create, send, reports } = rig(t);
  const output = create();
  await output.open(true);
  const first = reader(t, path);
  send(output, 'one', 'two', 'three');
  let text = '';
  await until('the reader has something', () => (text += first.take(4)) !== '');
  first.close();
  assert.equal(await output.close(inMs(1000)), 2);
  assert.equal(reports.at(-1), `dropped 2 messages to fifo "${path}"`);
});

test('a FIFO that is removed is made again', async (t) => {
  const { path, create, send } = rig(t);
  const output = create();
  await output.open(true);
  rmSync(path);
  await until('it is back', () => existsSync(path));
  const { takeAll } = reader(t, path);
  send(output, 'after');
  let text = '';
  await until('it is read', () => (text += takeAll()) !== '');
  assert.equal(text, 'after\n');
});

test('a reader that was there first sees no end before the first message', async (t) => {
  const { path, create } = rig(t);
  makeFifo(path, 0o600);
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  cleanUp(t, () => closeSync(fd));
  const read = (): number => readSync(fd, Buffer.alloc(1));
  assert.equal(read(), 0, 'nobody writes yet');
  await create().open(true);
  assert.throws(read, { code: 'EAGAIN' });
});
