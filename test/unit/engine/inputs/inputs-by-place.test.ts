import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InputsByPlace } from '../../../../src/engine/inputs/inputs-by-place.ts';
import { createInputCounters, type Input } from '../../../../src/input/input.ts';

function fakeInput(label: string, log: string[]): Input {
  return {
    kind: 'udp',
    label,
    state: 'open',
    counters: createInputCounters(),
    pause: () => undefined,
    resume: () => log.push(`resume ${label}`),
    openSockets: () => [],
    freeze: () => undefined,
    leave: () => undefined,
    close: () => log.push(`close ${label}`),
  };
}

interface Step {
  readonly wanted: readonly string[];
  readonly mayRead?: boolean;
  readonly log: readonly string[];
  readonly open: string;
}

const STEPS: readonly Step[] = [
  { wanted: ['a', 'b'], log: ['open a', 'open b'], open: 'a b' },
  { wanted: ['b', 'a'], log: [], open: 'a b' },
  { wanted: ['b', 'c', 'c'], mayRead: true, log: ['close a', 'open c', 'resume c'], open: 'b c' },
  { wanted: ['forbidden', 'c'], mayRead: true, log: ['close b', 'open forbidden'], open: 'c' },
  { wanted: ['forbidden', 'c'], mayRead: true, log: ['open forbidden'], open: 'c' },
  { wanted: [], log: ['close c'], open: '' },
];

test('inputs by place: each is opened once, kept while it is named, closed before others are opened', () => {
  const log: string[] = [];
  let mayRead = false;
  const inputs = new InputsByPlace<string, Input>({
    keyOf: (place) => place.toUpperCase(),
    open: (place) => {
      log.push(`open ${place}`);
      return place === 'forbidden' ? null : fakeInput(place, log);
    },
    mayRead: () => mayRead,
  });
  for (const step of STEPS) {
    log.length = 0;
    mayRead = step.mayRead === true;
    inputs.adopt(step.wanted);
    assert.deepEqual(log, step.log);
    assert.equal(inputs.inputs.map(({ label }) => label).join(' '), step.open);
  }
});
