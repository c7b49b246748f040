import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHUNK_BYTES, ChunkPool, SMALL_CHUNK_BYTES } from '../../../src/queue/chunk-pool.ts';
import { countRecords, LineQueue } from '../../../src/queue/line-queue.ts';

function append(queue: LineQueue, line: string): boolean {
  const bytes = Buffer.from(`${line}\n`);
  if (!queue.reserve(bytes.length)) return false;
  bytes.copy(queue.chunk.bytes, queue.chunk.end);
  queue.commit(queue.chunk.end + bytes.length);
  return true;
}

function takeAll(queue: LineQueue, most = Number.POSITIVE_INFINITY): string {
  let text = '';
  for (let head = queue.head(); head !== null; head = queue.head()) {
    const bytes = Math.min(most, head.end - head.begin);
    text += head.bytes.toString('utf8', head.begin, head.begin + bytes);
    queue.consume(bytes);
  }
  return text;
}

test('line queue: gives back all records in their order, over many chunks and odd writes', () => {
  const queue = new LineQueue(new ChunkPool(), 1 << 30);
  const lines = Array.from({ length: 20_000 }, (_, i) => `${i} ${'x'.repeat(i % 97)}`);
  let text = '';
  for (const [i, line] of lines.entries()) {
    assert.ok(append(queue, line));
    if (i % 1000 === 999) text += takeAll(queue, 777);
  }
  text += takeAll(queue, 12_345);
  assert.equal(text, lines.map((line) => `${line}\n`).join(''));
  assert.equal(queue.queuedBytes, 0);
});

test('line queue: counts what waits, at any moment', () => {
  const queue = new LineQueue(new ChunkPool(), 1 << 30);
  let bytes = 0;
  const sizes: number[] = [];
  for (let i = 0; i < 3000; i++) {
    const line = 'x'.repeat((i * 7919) % 3000);
    append(queue, line);
    sizes.push(line.length + 1);
    bytes += line.length + 1;
    // Now and then a part is taken away, which need not end with a record.
    for (let left = i % 3 === 0 ? (i * 104_729) % 6000 : 0; left > 0 && bytes > 0; ) {
      const head = queue.head();
      assert.ok(head !== null);
      const taken = Math.min(left, head.end - head.begin);
      queue.consume(taken);
      left -= taken;
      bytes -= taken;
      for (let rest = taken; rest > 0; ) {
        const first = sizes[0] ?? 0;
        const part = Math.min(first, rest);
        rest -= part;
        if (part === first) sizes.shift();
        else sizes[0] = first - part;
      }
    }
    if (i % 10 === 0) assert.equal(queue.countRecords(), sizes.length);
  }
  assert.equal(queue.clear(), sizes.length);
  assert.equal(queue.countRecords(), 0);
});

test('line queue: can be appended to while its head is being written', () => {
  const queue = new LineQueue(new ChunkPool(), 1 << 20);
  append(queue, 'one');
  const head = queue.head();
  assert.ok(head !== null);
  const under = head.end - head.begin;
  append(queue, 'two');
  assert.equal(head.bytes.toString('utf8', head.begin, head.begin + under), 'one\n');
  queue.consume(under);
  assert.equal(takeAll(queue), 'two\n');
});

test('line queue: refuses what comes beyond its limit, and takes again when there is room', () => {
  const queue = new LineQueue(new ChunkPool(), 10);
  assert.ok(append(queue, '0123456789'));
  assert.equal(append(queue, 'more'), false);
  queue.consume(5);
  assert.ok(append(queue, 'more'));
});

test('line queue: takes a record longer than a chunk', () => {
  const queue = new LineQueue(new ChunkPool(), 1 << 30);
  const long = 'y'.repeat(CHUNK_BYTES * 3);
  append(queue, 'before');
  append(queue, long);
  append(queue, 'after');
  assert.equal(takeAll(queue), `before\n${long}\nafter\n`);
});

test('line queue: holds a small chunk while there is little to write, ordinary ones while there is much', () => {
  const queue = new LineQueue(new ChunkPool(), 1 << 30);
  const sizes = (lines: number): number[] => {
    const seen = new Set<number>();
    for (let i = 0; i < lines; i++) {
      append(queue, 'x'.repeat(100));
      seen.add(queue.chunk.bytes.length);
    }
    takeAll(queue);
    return [...seen];
  };
  assert.deepEqual(sizes(3), [SMALL_CHUNK_BYTES]);
  assert.deepEqual(sizes(1000), [SMALL_CHUNK_BYTES, CHUNK_BYTES]);
  assert.deepEqual(sizes(1000), [CHUNK_BYTES]);
  sizes(3);
  assert.deepEqual(sizes(3), [SMALL_CHUNK_BYTES]);
});

test('line queue: puts back the part of a record that was consumed', () => {
  const queue = new LineQueue(new ChunkPool(), 1 << 20);
  append(queue, 'whole');
  queue.consume(3);
  queue.unconsume(3);
  assert.equal(takeAll(queue), 'whole\n');
});

test('line queue: clear counts the records that are dropped', () => {
  const queue = new LineQueue(new ChunkPool(), 1 << 30);
  for (let i = 0; i < 5000; i++) append(queue, `${i} ${'z'.repeat(50)}`);
  assert.equal(queue.clear(), 5000);
  assert.equal(queue.head(), null);
  assert.ok(append(queue, 'again'));
  assert.equal(takeAll(queue), 'again\n');
});

test('countRecords: looks at its range only', () => {
  assert.equal(countRecords(Buffer.from('a\nb\nc\nd\n'), 2, 6), 2);
});

test('line queue: memory that a write still reads never serves another queue', () => {
  const pool = new ChunkPool();
  const hung = new LineQueue(pool, 1 << 20);
  append(hung, 'secret');
  const head = hung.head();
  hung.headInUse = true;
  assert.equal(hung.clear(), 1);
  for (let i = 0; i < 200; i++) {
    const other = new LineQueue(pool, 1 << 20);
    append(other, 'public');
    assert.notEqual(other.head()?.bytes, head?.bytes);
  }
});
