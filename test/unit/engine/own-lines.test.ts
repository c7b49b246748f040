/**
 * The daemon's lines about lost messages go to the destinations too that lose them: they lead to no further lines.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appendRow, Batch, ORIGIN } from '../../../src/dgram-parser/columns/batch.ts';
import { NO_HOST_WORDS } from '../../../src/dgram-parser/header/host-words.ts';
import { DatagramParser } from '../../../src/dgram-parser/parser.ts';
import { Destination } from '../../../src/engine/outputs/destination.ts';
import { HostLabels } from '../../../src/engine/outputs/host-labels.ts';
import { Pipeline } from '../../../src/engine/pipeline.ts';
import { SelfLog } from '../../../src/engine/self-log.ts';
import { TraditionalFormat } from '../../../src/format/traditional/traditional.ts';
import { ChunkPool } from '../../../src/queue/chunk-pool.ts';
import { LineQueue } from '../../../src/queue/line-queue.ts';
import { LossAccount } from '../../../src/output/loss-account.ts';
import type { Output, OutputCounters, OutputState, Report } from '../../../src/output/output.ts';
import { fixedZone } from '../../../src/protocol/calendar.ts';
import { RepeatState } from '../../../src/repeat/repeat-state.ts';
import { compileRoutes } from '../../../src/route/compile.ts';
import { parseText } from '../../support/conf-source.ts';
import { FakeClock } from '../../support/hold-clock.ts';

const HOUR_MS = 3_600_000;

/** Loses whatever it gets, and then seems to work: a host that refuses, say. */
class LosingOutput implements Output {
  readonly kind = 'forward';
  readonly name: string;
  readonly label: string;
  readonly state: OutputState = 'open';
  readonly crlf = false;
  readonly queue: LineQueue;
  readonly account: LossAccount;
  works = false;
  kept = '';

  constructor(name: string, limitBytes: number, report: Report, clock: FakeClock) {
    this.name = name;
    this.label = `loghost "${name}"`;
    this.queue = new LineQueue(new ChunkPool(), limitBytes);
    this.account = new LossAccount(this.label, report, { clock });
  }

  get counters(): OutputCounters {
    return this.account.counters;
  }

  open(): Promise<null> {
    return Promise.resolve(null);
  }

  written(): number {
    return this.account.written(0);
  }

  refuse(messages: number): void {
    this.account.refuse(messages);
    this.account.recover();
  }

  flush(): void {
    for (let head = this.queue.head(); head !== null && this.works; head = this.queue.head()) {
      this.kept += head.bytes.toString('latin1', head.begin, head.end);
      this.queue.consume(head.end - head.begin);
    }
    const lost = this.queue.clear();
    if (lost > 0) this.account.fail(`cannot send to loghost "${this.name}": connection refused`);
    this.account.lose(lost);
    this.account.recover();
  }

  readonly sound = false;

  drain(): Promise<void> {
    return Promise.resolve();
  }

  reopen(): void {}

  settle(): void {
    this.account.settle();
  }

  congested(): boolean {
    return false;
  }

  close(): Promise<number> {
    this.account.close(0);
    return Promise.resolve(0);
  }
}

class Rig {
  readonly clock = new FakeClock();
  readonly selfLog = new SelfLog(false);
  readonly outputs: readonly LosingOutput[];
  readonly #batch = new Batch(1, 8192);
  readonly #pipeline = new Pipeline(
    new DatagramParser({ keepHost: false, keepKern: false, receiptTime: false }, NO_HOST_WORDS, fixedZone(0)),
    new HostLabels('web1', { label: () => Buffer.alloc(0) }),
    { pause: () => undefined, resume: () => undefined },
  );

  /** Every output gets everything. */
  constructor(count: number, { limitBytes = 1 << 20, suppress = true } = {}) {
    const { report } = this.selfLog;
    const names = Array.from({ length: count }, (_, i) => `@host${i}`);
    this.outputs = names.map((name) => new LosingOutput(name, limitBytes, report, this.clock));
    const { rules } = parseText(names.map((name) => `*.* ${name}`).join('\n')).configuration;
    const labels = new HostLabels('web1', { label: () => Buffer.alloc(0) });
    this.#pipeline.swap({
      table: compileRoutes(rules, (rule) => rule, ['web1']),
      destinations: this.outputs.map(
        (output) =>
          new Destination(output, new TraditionalFormat(false), labels, suppress ? new RepeatState(8192) : null),
      ),
    });
    this.selfLog.attach((batch) => this.#pipeline.deliverOwn(batch));
  }

  send(text: string): void {
    this.#batch.count = 0;
    appendRow(this.#batch, Buffer.from(`<13>t: ${text}`), ORIGIN.local);
    this.#pipeline.deliver(this.#batch);
  }

  /** Lets the daemon speak for a year. */
  pass(): void {
    for (let hour = 0; hour < 365 * 24; hour++) {
      this.selfLog.flush();
      this.clock.pass(HOUR_MS);
    }
  }
}

for (const suppress of [true, false]) {
  test(`destinations that lose every line about losses, ${suppress ? 'with' : 'without'} suppression of repetitions: two lines each`, () => {
    for (const limitBytes of [1 << 20, 0]) {
      const rig = new Rig(5, { limitBytes, suppress });
      rig.send('one');
      rig.pass();
      assert.equal(rig.selfLog.reportedCount, 10);
      for (let i = 2; i <= 10; i++) {
        rig.send(`message ${i}`);
        rig.pass();
      }
      assert.equal(rig.selfLog.reportedCount, 100);
    }
  });
}

test('the line about the end of a failure reaches a destination that works again', () => {
  const rig = new Rig(2);
  rig.send('one');
  for (const output of rig.outputs) output.works = true;
  rig.pass();
  assert.equal(rig.selfLog.reportedCount, 4);
  for (const output of rig.outputs) assert.match(output.kept, /dropped \d messages? to loghost "@host1"/);
});
