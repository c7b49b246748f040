/**
 * Inputs wait for files that are slow, and not for what is out of order: the files lose nothing, however different
 * their speed, and the memory for queues is bounded.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { appendRow, Batch, ORIGIN } from '../../../src/dgram-parser/columns/batch.ts';
import { NO_HOST_WORDS } from '../../../src/dgram-parser/header/host-words.ts';
import { DatagramParser } from '../../../src/dgram-parser/parser.ts';
import { Destination } from '../../../src/engine/outputs/destination.ts';
import { HostLabels } from '../../../src/engine/outputs/host-labels.ts';
import { Pipeline } from '../../../src/engine/pipeline.ts';
import { TraditionalFormat } from '../../../src/format/traditional/traditional.ts';
import { ChunkPool } from '../../../src/queue/chunk-pool.ts';
import { LineOutput } from '../../../src/output/file/line-output.ts';
import type { OutputServices } from '../../../src/output/services.ts';
import { type GatedWriter, WriteGate } from '../../../src/output/file/write-gate.ts';
import { fixedZone } from '../../../src/protocol/calendar.ts';
import { compileRoutes } from '../../../src/route/compile.ts';
import { parseText } from '../../support/conf-source.ts';
import { cleanUp, TestDaemon } from '../../support/daemon.ts';
import { inMs, outputRig } from '../../support/output-rig.ts';
import { until } from '../../support/until.ts';

const MIB = 1024 ** 2;
const BATCH_ROWS = 256;
const PADDING = 'x'.repeat(900);
/** What one batch brings to one file, at most. */
const BATCH_BYTES = BATCH_ROWS * 1024;

/** Lets one write start for each call of `step`: a disk that is as slow as the test wants. */
class SlowGate extends WriteGate {
  readonly #waiting = new Set<GatedWriter>();

  override enter(writer: GatedWriter): void {
    this.#waiting.add(writer);
  }

  override leave(): void {}

  override withdraw(writer: GatedWriter): void {
    this.#waiting.delete(writer);
  }

  step(): void {
    const [next] = this.#waiting;
    if (next === undefined) return;
    this.#waiting.delete(next);
    next.startWrite();
  }

  /** From now on nobody waits. */
  open(): void {
    this.enter = (writer) => writer.startWrite();
    while (this.#waiting.size > 0) this.step();
  }
}

class Rig {
  readonly dir: string;
  readonly pool: ChunkPool;
  readonly slowGate = new SlowGate();
  readonly outputs: LineOutput[] = [];
  readonly #services: OutputServices;
  readonly #batch = new Batch(BATCH_ROWS, 8192);
  #paused = false;
  #pauses = 0;
  #sent = 0;
  readonly pipeline = new Pipeline(
    new DatagramParser({ keepHost: false, keepKern: false, receiptTime: false }, NO_HOST_WORDS, fixedZone(0)),
    new HostLabels('web1', { label: () => Buffer.alloc(0) }),
    {
      pause: () => {
        this.#paused = true;
        this.#pauses++;
      },
      resume: () => (this.#paused = false),
    },
  );

  constructor(t: TestContext, memoryBytes: number) {
    this.dir = TestDaemon.folder(t);
    this.pool = new ChunkPool(memoryBytes);
    // Where a test fails, too.
    cleanUp(t, () => this.close(0));
    this.#services = { ...outputRig(t).services, pool: this.pool, progressed: () => this.pipeline.progressed() };
  }

  get pauses(): number {
    return this.#pauses;
  }

  /** A rule for everything to a file. */
  async add(path: string, writes: WriteGate): Promise<LineOutput> {
    const owner = { owner: null, group: null };
    const options = { path: `${this.dir}/${path}`, sync: false, mode: 0o600, owner, rotation: null };
    const output = new LineOutput(options, { ...this.#services, writes });
    await output.open(true);
    this.outputs.push(output);
    return output;
  }

  start(): void {
    const { rules } = parseText(this.outputs.map(({ name }) => `*.* ${name}`).join('\n')).configuration;
    const labels = new HostLabels('web1', { label: () => Buffer.alloc(0) });
    this.pipeline.swap({
      table: compileRoutes(rules, (rule) => rule, ['web1']),
      destinations: this.outputs.map((output) => new Destination(output, new TraditionalFormat(false), labels, null)),
    });
  }

  /** Sends like a sender that waits where the daemon does not read. `each`: after each batch, and while it waits. */
  async send(count: number, each: () => void): Promise<void> {
    const end = this.#sent + count;
    while (this.#sent < end) {
      if (!this.#paused) this.#deliver(Math.min(BATCH_ROWS, end - this.#sent));
      each();
      await turn();
    }
  }

  /** Delivers without letting the event loop turn, until it has to wait. */
  sendAtOnce(count: number): void {
    for (let i = 0; i < count && !this.#paused; i++) this.#deliver(BATCH_ROWS);
  }

  get paused(): boolean {
    return this.#paused;
  }

  #deliver(rows: number): void {
    this.#batch.count = 0;
    for (let i = 0; i < rows; i++)
      appendRow(this.#batch, Buffer.from(`<13>t: ${this.#sent++} ${PADDING}`), ORIGIN.local);
    this.pipeline.deliver(this.#batch);
  }

  /** Every message is in the file, once, in order. */
  assertWhole(output: LineOutput): void {
    const lines = readFileSync(output.name, 'latin1').split('\n').slice(0, -1);
    const wrong = lines.findIndex((line, i) => !line.includes(` t: ${i} `));
    assert.equal(wrong, -1, `${output.name}: line ${wrong}`);
    assert.equal(lines.length, this.#sent);
    assert.equal(output.counters.dropped, 0);
  }

  async close(withinMs = 60_000): Promise<void> {
    await Promise.all(this.outputs.map((output) => output.close(inMs(withinMs))));
    this.pipeline.stop();
  }
}

test('a slow file, fast ones and dead ones: senders wait for the slow one, and no file loses anything', async (t) => {
  const rig = new Rig(t, 32 * MIB);
  const slow = await rig.add('slow', rig.slowGate);
  const fast = [await rig.add('fast1', new WriteGate()), await rig.add('fast2', new WriteGate())];
  for (let i = 0; i < 12; i++) await rig.add(`missing/${i}`, new WriteGate());
  rig.start();
  let turns = 0;
  let longest = 0;
  await rig.send(20_000, () => {
    longest = Math.max(longest, slow.queue.queuedBytes);
    if (++turns % 8 === 0) rig.slowGate.step();
  });
  assert.ok(rig.pauses > 0, 'senders had to wait');
  assert.ok(longest > 4 * MIB - BATCH_BYTES && longest < 6 * MIB, `${longest} bytes in its queue`);
  assert.ok(rig.pool.budget.usedBytes <= 32 * MIB);
  rig.slowGate.open();
  await until('the slow one has caught up', () => slow.queue.queuedBytes === 0);
  await rig.close();
  for (const output of [slow, ...fast]) rig.assertWhole(output);
});

test('many slow files that use up the memory together: senders wait before that, and nothing is lost', async (t) => {
  const rig = new Rig(t, 8 * MIB);
  const slow: LineOutput[] = [];
  for (let i = 0; i < 16; i++) slow.push(await rig.add(`slow${i}`, rig.slowGate));
  const dead: LineOutput[] = [];
  for (let i = 0; i < 12; i++) dead.push(await rig.add(`missing/${i}`, new WriteGate()));
  rig.start();
  let most = 0;
  await rig.send(3000, () => {
    most = Math.max(most, rig.pool.budget.usedBytes);
    rig.slowGate.step();
  });
  assert.ok(rig.pauses > 0, 'senders had to wait');
  // A batch comes in whole, into chunks that are not quite full.
  assert.ok(most <= 8 * MIB + slow.length * 2 * BATCH_BYTES, `${most} bytes`);
  rig.slowGate.open();
  await until('they have caught up', () => slow.every(({ queue }) => queue.queuedBytes === 0));
  await rig.close();
  for (const output of slow) rig.assertWhole(output);
  for (const { counters } of dead) assert.equal(counters.dropped, 3000);
});

test('senders do not wait for files that are out of order', async (t) => {
  const rig = new Rig(t, 4 * MIB);
  const good = await rig.add('good', new WriteGate());
  for (let i = 0; i < 12; i++) await rig.add(`missing/${i}`, new WriteGate());
  rig.start();
  for (let i = 0; i < 40; i++) {
    await rig.send(200, () => undefined);
    await until('the good one has it', () => good.queue.queuedBytes === 0);
  }
  assert.equal(rig.pauses, 0);
  await rig.close();
  rig.assertWhole(good);
});

test('a daemon that was stopped, or busy, for long does not take its own files for hung', async (t) => {
  const rig = new Rig(t, 32 * MIB);
  const good = await rig.add('good', new WriteGate());
  rig.start();
  rig.sendAtOnce(1);
  // Longer than a write may take, while its end cannot be heard of.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1200);
  rig.sendAtOnce(100);
  assert.ok(rig.paused, 'senders have to wait');
  await until('it has caught up', () => good.queue.queuedBytes === 0 && !rig.paused);
  await rig.close();
  rig.assertWhole(good);
});
