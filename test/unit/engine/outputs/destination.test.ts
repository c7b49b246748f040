import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { HostLabels } from '../../../../src/engine/outputs/host-labels.ts';
import { createFormattedRow } from '../../../../src/engine/outputs/record-writer.ts';
import { Destination } from '../../../../src/engine/outputs/destination.ts';
import { ORIGIN } from '../../../../src/dgram-parser/columns/batch.ts';
import { TraditionalFormat } from '../../../../src/format/traditional/traditional.ts';
import { ChunkPool } from '../../../../src/queue/chunk-pool.ts';
import { LineQueue } from '../../../../src/queue/line-queue.ts';
import { createOutputCounters, type Output } from '../../../../src/output/output.ts';
import { RepeatState } from '../../../../src/repeat/repeat-state.ts';
import { NOW_SEC, parsedBatch } from '../../../support/rows.ts';

/** Keeps what it is given. */
class MemoryOutput implements Output {
  readonly kind = 'file';
  readonly name = 'memory';
  readonly label = 'memory';
  readonly state = 'open';
  readonly counters = createOutputCounters();
  readonly queue: LineQueue;
  readonly crlf = false;
  readonly sound = true;
  text = '';

  constructor(limitBytes: number) {
    this.queue = new LineQueue(new ChunkPool(), limitBytes);
  }

  open(): Promise<null> {
    return Promise.resolve(null);
  }

  refuse(messages: number): void {
    this.counters.dropped += messages;
  }

  written(): number {
    return this.counters.accepted;
  }

  flush(): void {
    for (let head = this.queue.head(); head !== null; head = this.queue.head()) {
      this.text += head.bytes.toString('utf8', head.begin, head.end);
      this.queue.consume(head.end - head.begin);
    }
  }

  reopen(): void {}

  settle(): void {}

  congested(): boolean {
    return false;
  }

  drain(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<number> {
    return Promise.resolve(0);
  }
}

class Rig {
  readonly output: MemoryOutput;
  readonly destination: Destination;
  readonly #labels = new HostLabels('web1', { label: (peer) => Buffer.from(`peer${peer}`) });
  /** The clock that nobody sets; the wall clock goes with it where a test says nothing else. */
  clockSec = 1000;
  wallSec = NOW_SEC;

  constructor({ suppress = true, limitBytes = 1 << 20 } = {}) {
    this.output = new MemoryOutput(limitBytes);
    const repeat = suppress ? new RepeatState(8192) : null;
    const clock = (): number => this.clockSec;
    this.destination = new Destination(this.output, new TraditionalFormat(false), this.#labels, repeat, clock);
  }

  /** Each message is a batch of its own, received at `wallSec`. */
  send(message: string, wallSec = this.wallSec, flush = true): void {
    this.clockSec += wallSec - this.wallSec;
    this.wallSec = wallSec;
    const batch = parsedBatch([message], { nowSec: wallSec });
    this.#labels.locate(batch, 0);
    this.destination.accept(batch, 0, createFormattedRow(), this.clockSec);
    if (flush) this.destination.endBatch(0);
    // What is kept must not lie in the batch any more.
    batch.bytes.fill(0xee);
  }

  /** A second passes, also on the timers of the test. */
  tick(): void {
    this.clockSec++;
    this.wallSec++;
    mock.timers.tick(1000);
  }

  mark(wallSec: number): void {
    this.clockSec += wallSec - this.wallSec;
    this.wallSec = wallSec;
    this.destination.acceptMark(parsedBatch(['<46>-- MARK --'], { nowSec: wallSec }), 0, createFormattedRow());
    this.destination.endBatch(0);
  }

  lines(): string[] {
    return this.output.text.split('\n').slice(0, -1);
  }
}

test('repeats: written once, then told with the number as soon as something else comes', () => {
  const rig = new Rig();
  for (let i = 0; i < 4; i++) rig.send('<13>a: same', NOW_SEC + i);
  rig.send('<13>a: other', NOW_SEC + 5);
  assert.deepEqual(rig.lines(), [
    'Nov 20 22:14:15 web1 a: same',
    'Nov 20 22:14:18 web1 last message repeated 3 times',
    'Nov 20 22:14:20 web1 a: other',
  ]);
});

test('repeats: a single one is written as itself, with its own time', () => {
  const rig = new Rig();
  rig.send('<13>a: same', NOW_SEC);
  rig.send('<13>a: same', NOW_SEC + 2);
  rig.send('<13>a: other', NOW_SEC + 3);
  assert.deepEqual(rig.lines(), [
    'Nov 20 22:14:15 web1 a: same',
    'Nov 20 22:14:17 web1 a: same',
    'Nov 20 22:14:18 web1 a: other',
  ]);
});

/** Sends the same message every second; `eachSec` may set the wall clock. @returns how many each line tells of */
function toldOf(seconds: number, eachSec: (rig: Rig, passed: number) => void): number[] {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const rig = new Rig();
    for (let i = 0; i < seconds; i++) {
      rig.send('<13>a: same');
      rig.tick();
      eachSec(rig, i);
    }
    rig.destination.tellPending();
    return rig.lines().map((line) => Number(/repeated (\d+) times$/.exec(line)?.[1] ?? 1));
  } finally {
    mock.timers.reset();
  }
}

test('repeats: told by a timer after 30, 120 and every 600 seconds, and the sum is right', () => {
  assert.deepEqual(
    toldOf(1500, () => {}),
    [1, 29, 120, 600, 600, 150],
  );
});

for (const hours of [-5, 5]) {
  test(`repeats: told in time although the clock is set by ${hours} hours`, () => {
    const told = toldOf(1500, (rig, passed) => {
      if (passed === 40 || passed === 200) rig.wallSec += hours * 3600;
    });
    assert.deepEqual(told, [1, 29, 120, 600, 600, 150]);
  });
}

test('repeats: with -cc every message is written', () => {
  const rig = new Rig({ suppress: false });
  for (let i = 0; i < 3; i++) rig.send('<13>a: same');
  assert.equal(rig.lines().length, 3);
});

test('repeats: nothing repeats a message that was dropped', () => {
  const rig = new Rig({ limitBytes: 10 });
  rig.send('<13>a: first', NOW_SEC, false);
  rig.send('<13>a: same', NOW_SEC, false);
  assert.equal(rig.output.counters.dropped, 1);
  rig.output.flush();
  rig.send('<13>a: same');
  assert.deepEqual(
    rig.lines().map((line) => line.slice(21)),
    ['a: first', 'a: same'],
  );
});

test('marks are never repetitions, and count as writing', () => {
  const rig = new Rig();
  rig.send('<13>a: same', NOW_SEC);
  rig.send('<13>a: same', NOW_SEC + 1);
  rig.mark(NOW_SEC + 60);
  rig.mark(NOW_SEC + 120);
  assert.equal(rig.destination.lastWriteSec, 1000 + 120);
  assert.deepEqual(
    rig.lines().map((line) => line.slice(7)),
    ['22:14:15 web1 a: same', '22:14:16 web1 a: same', '22:15:15 web1 -- MARK --', '22:16:15 web1 -- MARK --'],
  );
});

test('repeats: one that is told later counts as written then', () => {
  const rig = new Rig();
  rig.send('<13>a: same', NOW_SEC);
  rig.send('<13>a: same', NOW_SEC + 1);
  rig.clockSec += 49;
  rig.destination.tellPending();
  assert.equal(rig.destination.lastWriteSec, rig.clockSec);
});

test('a formatted record is used again for another destination of the same format', () => {
  const labels = new HostLabels('web1', { label: () => Buffer.from('peer') });
  const format = new TraditionalFormat(false);
  const outputs = [new MemoryOutput(1 << 20), new MemoryOutput(1 << 20)];
  const formatted = createFormattedRow();
  const batch = parsedBatch(['<13>a: x\u0001'], { origin: ORIGIN.network });
  labels.locate(batch, 0);
  for (const output of outputs) {
    const destination = new Destination(output, format, labels, null);
    destination.accept(batch, 0, formatted, 0);
    destination.endBatch(0);
  }
  assert.deepEqual(
    outputs.map((output) => output.text),
    ['Nov 20 22:14:15 peer a: x^A\n', 'Nov 20 22:14:15 peer a: x^A\n'],
  );
});
