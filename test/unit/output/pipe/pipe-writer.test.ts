/** Whole records in pieces that the kernel takes at once, and nothing lost that nobody read. */
import assert from 'node:assert/strict';
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { ChunkPool } from '../../../../src/queue/chunk-pool.ts';
import { LineQueue } from '../../../../src/queue/line-queue.ts';
import { PipeWriter, readToEnd } from '../../../../src/output/pipe/pipe-writer.ts';
import { openPipe, tryOpenReadSide } from '../../../../src/sys/file/fifo.ts';
import { cleanUp } from '../../../support/daemon.ts';

interface Rig {
  readonly writer: PipeWriter;
  readonly writeFd: number;
  /** Never blocks. */
  readonly readFd: number;
  readonly add: (...records: readonly string[]) => void;
  readonly read: (bytes: number) => string;
}

function rig(t: TestContext): Rig {
  const queue = new LineQueue(new ChunkPool(), 1 << 30);
  const { readFd: blocking, writeFd } = openPipe();
  const readFd = tryOpenReadSide(writeFd);
  closeSync(blocking);
  cleanUp(t, () => {
    closeSync(writeFd);
    closeSync(readFd);
  });
  return {
    writer: new PipeWriter(queue),
    writeFd,
    readFd,
    add(...records) {
      for (const record of records) {
        const bytes = Buffer.from(`${record}\n`);
        assert.ok(queue.reserve(bytes.length));
        bytes.copy(queue.chunk.bytes, queue.chunk.end);
        queue.commit(queue.chunk.end + bytes.length);
      }
    },
    read(bytes) {
      const buffer = Buffer.alloc(bytes);
      return buffer.toString('latin1', 0, readSync(readFd, buffer));
    },
  };
}

const numbered = (count: number): string[] => Array.from({ length: count }, (_, i) => `${i} ${'x'.repeat(i % 300)}`);
const text = (records: readonly string[]): string => records.map((record) => `${record}\n`).join('');

test('a full pipe takes whole records only; the rest follows, in order', (t) => {
  const { writer, writeFd, readFd, add } = rig(t);
  const records = numbered(5000);
  add(...records);
  let read = '';
  let stalls = 0;
  for (let end = writer.write(writeFd); ; end = writer.write(writeFd)) {
    const part = readToEnd(readFd).toString();
    assert.ok(part.endsWith('\n'), 'nothing torn');
    read += part;
    if (end === 'empty') break;
    stalls++;
  }
  assert.ok(stalls > 5, 'the pipe was full at times');
  assert.equal(read, text(records));
  assert.equal(writer.pendingBytes, 0);
});

test('a record longer than PIPE_BUF may be taken in parts, and its rest goes before all others', (t) => {
  const { writer, writeFd, readFd, add } = rig(t);
  const records = ['short', 'y'.repeat(200_000), 'next', 'z'.repeat(70_000)];
  add(...records);
  let read = '';
  do read += readToEnd(readFd).toString();
  while (writer.write(writeFd) !== 'empty' || writer.pendingBytes > 0);
  read += readToEnd(readFd).toString();
  assert.equal(read, text(records));
});

test('a turn ends after a while, so that others get theirs', (t) => {
  const { writer, add } = rig(t);
  add(...numbered(3000));
  const sink = openSync('/dev/null', constants.O_WRONLY);
  assert.equal(writer.write(sink), 'more');
  assert.equal(writer.write(sink), 'empty');
  closeSync(sink);
});

for (const taken of [0, 5, 6, 7, 1000, 60_000]) {
  test(`what a reader left after ${taken} bytes is written again, from the beginning of a record`, (t) => {
    const { writer, writeFd, readFd, add, read } = rig(t);
    const records = numbered(3000);
    add(...records);
    assert.equal(writer.write(writeFd), 'full');
    const first = taken === 0 ? '' : read(taken);
    assert.equal(first.length, taken);
    assert.equal(writer.takeBack(writeFd), 0);
    let again = '';
    while (writer.pendingBytes > 0) {
      writer.write(writeFd);
      again += readToEnd(readFd).toString();
    }
    const whole = text(records);
    assert.equal(again, whole.slice(whole.lastIndexOf('\n', taken - 1) + 1));
    if (taken === 0) assert.equal(again, whole);
  });
}

test('a record that was under way is begun anew for the next reader', (t) => {
  const { writer, writeFd, readFd, add, read } = rig(t);
  add('first', 'y'.repeat(90_000), 'last');
  assert.equal(writer.write(writeFd), 'full');
  read(30_000);
  assert.equal(writer.takeBack(writeFd), 0);
  assert.equal(writer.write(writeFd), 'full');
  let again = '';
  while (writer.pendingBytes > 0) {
    again += readToEnd(readFd).toString();
    writer.write(writeFd);
  }
  again += readToEnd(readFd).toString();
  assert.equal(again, text(['y'.repeat(90_000), 'last']));
});

test('a record whose beginning is forgotten is left out whole, and counted', (t) => {
  const { writer, writeFd, readFd, add } = rig(t);
  add('y'.repeat(400_000), 'last');
  for (let bytes = 0; bytes < 300_000; ) {
    writer.write(writeFd);
    bytes += readToEnd(readFd).length;
  }
  writer.write(writeFd);
  assert.equal(writer.takeBack(writeFd), 1);
  assert.equal(writer.write(writeFd), 'empty');
  assert.equal(readToEnd(readFd).toString(), 'last\n');
});

test('taken back twice, nothing is doubled', (t) => {
  const { writer, writeFd, readFd, add, read } = rig(t);
  const records = numbered(2000);
  add(...records);
  let got = '';
  for (let i = 0; i < 3; i++) {
    writer.write(writeFd);
    const part = read(3001);
    got += part.slice(0, part.lastIndexOf('\n') + 1);
    writer.takeBack(writeFd);
  }
  while (writer.pendingBytes > 0) {
    writer.write(writeFd);
    got += readToEnd(readFd).toString();
  }
  assert.equal(got, text(records));
});

test('what another writer put into the FIFO is passed on as it is', (t) => {
  const { writer, writeFd, readFd, add } = rig(t);
  add('from here');
  writer.write(writeFd);
  writeSync(writeFd, 'from another\n');
  writer.takeBack(writeFd);
  assert.equal(readToEnd(readFd).length, 0, 'all is taken back');
  writer.write(writeFd);
  assert.equal(readToEnd(readFd).toString(), 'from here\nfrom another\n');
});

test('dropping counts every record once, taken back or not', (t) => {
  const { writer, writeFd, add } = rig(t);
  add(...numbered(3000));
  writer.write(writeFd);
  writer.takeBack(writeFd);
  assert.equal(writer.clear(), 3000);
  assert.equal(writer.pendingBytes, 0);
});
