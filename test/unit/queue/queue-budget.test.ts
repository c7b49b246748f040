/** Who gets room when the memory for queues is used up, and who gives it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHUNK_BYTES, ChunkPool } from '../../../src/queue/chunk-pool.ts';
import { LineQueue } from '../../../src/queue/line-queue.ts';

/** Fits into every kind of chunk. */
const RECORD = Buffer.from(`${'x'.repeat(1023)}\n`);
const LIMIT_BYTES = 4 * 1024 * 1024;
const UNBOUNDED = Number.POSITIVE_INFINITY;

class Queue extends LineQueue {
  firm = false;
  evictedCount = 0;
  taken = 0;

  constructor(pool: ChunkPool, limitBytes = UNBOUNDED) {
    super(pool, limitBytes, {
      isFirm: () => this.firm,
      evicted: (records) => (this.evictedCount += records),
    });
  }

  append(bytes: Buffer = RECORD): boolean {
    if (!this.reserve(bytes.length)) return false;
    bytes.copy(this.chunk.bytes, this.chunk.end);
    this.commit(this.chunk.end + bytes.length);
    this.taken++;
    return true;
  }

  /** Appends until it is refused. @returns records */
  fill(most = UNBOUNDED): number {
    let count = 0;
    while (count < most && this.append()) count++;
    return count;
  }

  takeAll(): number {
    let records = 0;
    for (let head = this.head(); head !== null; head = this.head()) {
      const end = head.bytes.indexOf(0x0a, head.begin) + 1;
      this.consume(end - head.begin);
      records++;
    }
    return records;
  }
}

function queues(pool: ChunkPool, count: number): Queue[] {
  return Array.from({ length: count }, () => new Queue(pool));
}

/** What is held is what the budget says, and every record is somewhere. */
function assertSound(pool: ChunkPool, all: readonly Queue[]): void {
  assert.equal(
    all.reduce((sum, queue) => sum + queue.heldBytes, 0),
    pool.budget.usedBytes,
  );
  for (const queue of all) assert.equal(queue.countRecords(), queue.taken - queue.evictedCount);
  for (const queue of all) assert.equal(queue.queuedBytes, queue.countRecords() * RECORD.length);
}

test('queues that are never emptied hold no more than the limit together, and as much as each other', () => {
  const pool = new ChunkPool(LIMIT_BYTES);
  const dead = queues(pool, 8);
  for (let i = 0; i < 2000; i++) for (const queue of dead) queue.append();
  assertSound(pool, dead);
  assert.ok(pool.budget.usedBytes <= LIMIT_BYTES);
  assert.ok(pool.budget.usedBytes > LIMIT_BYTES - CHUNK_BYTES);
  const held = dead.map((queue) => queue.heldBytes);
  assert.ok(Math.max(...held) - Math.min(...held) <= 2 * CHUNK_BYTES, held.join(' '));
});

test('a queue that comes late gets its share from those that came first', () => {
  const pool = new ChunkPool(LIMIT_BYTES);
  const [first, late] = [new Queue(pool), new Queue(pool)];
  first.fill();
  assert.equal(first.evictedCount, 0);
  late.fill();
  assertSound(pool, [first, late]);
  assert.ok(Math.abs(first.heldBytes - late.heldBytes) <= 2 * CHUNK_BYTES, `${first.heldBytes} ${late.heldBytes}`);
  assert.ok(first.evictedCount > 0);
});

test('a queue that is emptied again and again loses nothing beside those that are not', () => {
  const pool = new ChunkPool(LIMIT_BYTES);
  const dead = queues(pool, 12);
  const works = new Queue(pool);
  for (let round = 0; round < 500; round++) {
    for (const queue of dead) queue.fill(20);
    assert.equal(works.fill(100), 100);
    assert.equal(works.takeAll(), 100);
    works.taken = 0;
  }
  assert.equal(works.evictedCount, 0);
  assertSound(pool, [...dead, works]);
  assert.ok(pool.budget.usedBytes <= LIMIT_BYTES);
});

test('a firm queue gets room from all others, beyond its own limit, and beyond that of all', () => {
  const pool = new ChunkPool(LIMIT_BYTES);
  const dead = queues(pool, 5);
  const firm = new Queue(pool, 1024);
  firm.firm = true;
  for (const queue of dead) queue.fill();
  const wanted = (2 * LIMIT_BYTES) / RECORD.length;
  assert.equal(firm.fill(wanted), wanted);
  assert.equal(firm.evictedCount, 0);
  assertSound(pool, [...dead, firm]);
  assert.equal(
    dead.reduce((sum, queue) => sum + queue.heldBytes, 0),
    0,
  );
  // What is not firm still gets a first chunk, and no more.
  assert.ok(dead.every((queue) => queue.append()));
  for (const queue of dead) queue.fill();
  assert.ok(dead.every((queue) => queue.heldBytes <= CHUNK_BYTES));
  assert.equal(firm.evictedCount, 0);
  // It gives room itself as soon as it is no longer firm.
  firm.firm = false;
  assert.equal(firm.append(), false);
  for (let i = 0; i < 1000; i++) for (const queue of dead) queue.append();
  assert.ok(dead.every((queue) => queue.countRecords() > 300));
  assert.ok(firm.evictedCount > 0);
});

test('inputs are to wait when firm queues hold three quarters, not when others do', () => {
  const pool = new ChunkPool(LIMIT_BYTES);
  const [dead, firm] = [new Queue(pool), new Queue(pool)];
  firm.firm = true;
  dead.fill();
  assert.equal(pool.budget.isCrowded(1), false);
  while (firm.heldBytes <= 0.75 * LIMIT_BYTES) firm.append();
  assert.equal(pool.budget.isCrowded(2), true);
  firm.takeAll();
  assert.equal(pool.budget.isCrowded(3), false);
});

test('the oldest records are kept, and what comes later goes behind them', () => {
  const pool = new ChunkPool(LIMIT_BYTES);
  const dead = new Queue(pool);
  const firm = new Queue(pool);
  firm.firm = true;
  const numbered = (i: number): Buffer => Buffer.from(`${String(i).padStart(1023)}\n`);
  let next = 0;
  while (dead.append(numbered(next))) next++;
  firm.fill(1000);
  assert.ok(dead.evictedCount > 0);
  const kept = next - dead.evictedCount;
  firm.takeAll();
  assert.ok(dead.append(numbered(next)));
  const numbers: number[] = [];
  for (let head = dead.head(); head !== null; head = dead.head()) {
    for (const line of head.bytes.toString('latin1', head.begin, head.end).trimEnd().split('\n'))
      numbers.push(Number(line));
    dead.consume(head.end - head.begin);
  }
  assert.deepEqual(numbers, [...Array.from({ length: kept }, (_, i) => i), next]);
});

test('a head that a write reads, or of which a record is partly written, is not given away', () => {
  for (const hold of ['write', 'part'] as const) {
    const pool = new ChunkPool(LIMIT_BYTES);
    const dead = new Queue(pool);
    const firm = new Queue(pool);
    firm.firm = true;
    dead.fill(100);
    const head = dead.head();
    assert.ok(head !== null);
    if (hold === 'write') dead.headInUse = true;
    else dead.consume(RECORD.length + 10);
    const { begin, end } = head;
    firm.fill((2 * LIMIT_BYTES) / RECORD.length);
    assert.ok(dead.evictedCount > 0, 'the rest was');
    assert.equal(dead.head(), head);
    assert.deepEqual([head.begin, head.end], [begin, end]);
    assert.equal(head.bytes.toString('latin1', end - RECORD.length, end), RECORD.toString());
    dead.headInUse = false;
    if (hold === 'part') dead.consume(RECORD.length - 10);
    firm.append();
    firm.fill(CHUNK_BYTES / RECORD.length);
    assert.equal(dead.head(), null, 'now it is');
  }
});

test('a smaller limit holds at once, a larger one too', () => {
  const pool = new ChunkPool(LIMIT_BYTES);
  const dead = queues(pool, 3);
  for (const queue of dead) queue.fill();
  pool.budget.setLimit(LIMIT_BYTES / 4);
  assertSound(pool, dead);
  assert.ok(pool.budget.usedBytes <= LIMIT_BYTES / 4);
  pool.budget.setLimit(2 * LIMIT_BYTES);
  for (let i = 0; i < 10_000; i++) for (const queue of dead) queue.append();
  assertSound(pool, dead);
  assert.ok(pool.budget.usedBytes > 1.9 * LIMIT_BYTES && pool.budget.usedBytes <= 2 * LIMIT_BYTES);
});

test('after any mixture of appending, writing, clearing and changes the accounts are true', () => {
  let seed = 1;
  const random = (below: number): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  const pool = new ChunkPool(LIMIT_BYTES);
  const all = queues(pool, 9);
  for (let step = 0; step < 20_000; step++) {
    const queue = all[random(all.length)];
    assert.ok(queue !== undefined);
    const kind = random(100);
    if (kind < 90) queue.fill(random(60));
    else if (kind < 95) queue.taken -= queue.takeAll();
    else if (kind < 96) {
      const cleared = queue.clear();
      queue.taken -= cleared;
    } else if (kind < 98) queue.firm = !queue.firm && queue === all[0];
    else if (kind < 99) pool.budget.setLimit(LIMIT_BYTES / (1 + random(4)));
    // Nobody waits for the firm one here: it must not grow for ever.
    if (queue.firm && queue.heldBytes > LIMIT_BYTES / 8) queue.taken -= queue.takeAll();
    if (step % 100 === 0) assertSound(pool, all);
    assert.ok(pool.budget.usedBytes <= pool.budget.limitBytes + all.length * CHUNK_BYTES);
  }
  for (const queue of all) queue.clear();
  assert.equal(pool.budget.usedBytes, 0);
});
