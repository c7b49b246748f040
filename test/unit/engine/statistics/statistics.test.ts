/**
 * Statistics: what the kernel drops, what is left by a reload, and totals that never go back. The figures of a whole
 * daemon: scenario/statistics.test.ts.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createInputCounters, type Input, type InputKind } from '../../../../src/input/input.ts';
import { Statistics } from '../../../../src/engine/statistics/statistics.ts';

class FakeInput implements Input {
  readonly label: string;
  readonly kind: InputKind = 'udp';
  readonly state = 'open';
  readonly counters = createInputCounters();

  constructor(label: string) {
    this.label = label;
  }

  pause(): void {}
  resume(): void {}
  openSockets(): readonly [] {
    return [];
  }
  freeze(): void {}
  leave(): void {}
  close(): void {}
}

function rig(): { inputs: FakeInput[]; statistics: Statistics } {
  const inputs: FakeInput[] = [];
  const statistics = new Statistics({
    inputs: () => inputs,
    destinations: () => [],
    pipeline: { messages: 0, parseFailures: 3, unrouted: 4 },
    selfLog: { reportedCount: 5, omittedCount: 6 },
  });
  return { inputs, statistics };
}

test('what the kernel dropped is told for its input and in the totals', () => {
  const { inputs, statistics } = rig();
  const input = new FakeInput('UDP :514');
  inputs.push(input);
  Object.assign(input.counters, { received: 10, cut: 2, kernelDropped: 7, refused: 1 });
  const { totals, inputs: shown } = statistics.read();
  assert.deepEqual(shown, [
    { name: 'UDP :514', kind: 'udp', state: 'open', received: 10, perSecond: 0, cut: 2, refused: 1, dropped: 7 },
  ]);
  assert.deepEqual(totals, {
    received: 10,
    perSecond: 0,
    parseFailures: 3,
    unrouted: 4,
    dropped: 7,
    cut: 2,
    refused: 1,
    suppressed: 0,
    own: 5,
    ownOmitted: 6,
  });
});

test('an input that is gone stays in the totals, with what it counted after it was left', () => {
  const { inputs, statistics } = rig();
  const gone = new FakeInput('gone');
  inputs.push(gone);
  statistics.take();
  inputs.length = 0;
  // Closing it has read what the kernel still held.
  gone.counters.received += 5;
  inputs.push(new FakeInput('new'));
  assert.equal(statistics.read().totals.received, 5);
  assert.deepEqual(
    statistics.read().inputs.map(({ name }) => name),
    ['new'],
  );
  assert.equal(statistics.read().totals.received, 5, 'it counts once');
});
