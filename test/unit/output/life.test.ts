/** The life of an output: every state met by every event, and timers that end with it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LifeEvent, LifeTimer, OutputLife } from '../../../src/output/life.ts';
import type { OutputState } from '../../../src/output/output.ts';
import { until } from '../../support/until.ts';

/** How a life comes to each state. */
const WAYS: Readonly<Record<OutputState, readonly LifeEvent[]>> = {
  opening: [],
  open: ['works'],
  retrying: ['fails'],
  draining: ['works', 'drain'],
  closed: ['drain', 'close'],
};

const TABLE: readonly (readonly [OutputState, LifeEvent, OutputState])[] = [
  ['opening', 'works', 'open'],
  ['opening', 'fails', 'retrying'],
  ['opening', 'drain', 'draining'],
  ['opening', 'close', 'closed'],
  ['open', 'works', 'open'],
  ['open', 'fails', 'retrying'],
  ['open', 'drain', 'draining'],
  ['open', 'close', 'closed'],
  ['retrying', 'works', 'open'],
  ['retrying', 'fails', 'retrying'],
  ['retrying', 'drain', 'draining'],
  ['retrying', 'close', 'closed'],
  ['draining', 'works', 'draining'],
  ['draining', 'fails', 'draining'],
  ['draining', 'drain', 'draining'],
  ['draining', 'close', 'closed'],
  ['closed', 'works', 'closed'],
  ['closed', 'fails', 'closed'],
  ['closed', 'drain', 'closed'],
  ['closed', 'close', 'closed'],
];

function lifeIn(state: OutputState): OutputLife {
  const life = new OutputLife();
  for (const event of WAYS[state]) life.on(event);
  assert.equal(life.state, state);
  return life;
}

for (const [before, event, after] of TABLE) {
  test(`${before}, ${event}: ${after}`, () => {
    const life = lifeIn(before);
    life.on(event);
    assert.equal(life.state, after);
    assert.equal(life.ending, after === 'draining' || after === 'closed');
    assert.equal(life.closed, after === 'closed');
  });
}

for (const state of ['draining', 'closed'] as const) {
  test(`no timer starts, and none is due, once an output is ${state}`, async () => {
    const life = lifeIn('open');
    let due = 0;
    const before = new LifeTimer(life, () => due++);
    before.start(1);
    for (const event of state === 'draining' ? (['drain'] as const) : (['drain', 'close'] as const)) life.on(event);
    const late = new LifeTimer(life, () => due++);
    late.start(0);
    // Of another life that goes on, and longer than both.
    let passed = 0;
    const other = new LifeTimer(lifeIn('open'), () => passed++);
    other.start(20);
    await until('the other timer is due', () => passed === 1);
    assert.equal(due, 0);
  });
}

test('a timer that runs is not started again, and starts anew when it was due or stopped', async () => {
  let due = 0;
  const timer = new LifeTimer(lifeIn('retrying'), () => due++);
  timer.start(1);
  timer.start(1);
  await until('it is due', () => due === 1);
  timer.start(3_600_000);
  timer.stop();
  timer.start(1);
  await until('it is due again', () => due === 2);
});
