/** The life of a daemon: every event in every state. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Life, LIFE_EVENTS, LIFE_STATES, type LifeEvent, type LifeState } from '../../../src/daemon/life.ts';

/**
 * `state: answer`; `-`: impossible. Columns in the order of {@link LIFE_EVENTS}: run, abandon, reload, restart,
 * successor ready, restart failed, replaced, end, ended.
 */
const EXPECTED: Readonly<Record<LifeState, readonly string[]>> = {
  prepared: [
    ...['running: do it', 'ended: do it', 'prepared: refuse', 'prepared: refuse'],
    ...['-', '-', '-', 'ending: do it', '-'],
  ],
  running: ['-', '-', 'running: do it', 'restarting: do it', '-', '-', '-', 'ending: do it', '-'],
  restarting: [
    ...['-', '-', 'restarting: postpone', 'restarting: refuse'],
    ...['handing over: do it', 'running: do it', '-', 'ending: cancel restart', '-'],
  ],
  'handing over': [
    ...['-', '-', 'handing over: postpone', 'handing over: refuse'],
    ...['-', 'running: do it', 'ended: do it', 'handing over: pass on', '-'],
  ],
  ending: [
    ...['-', '-', 'ending: refuse', 'ending: refuse'],
    ...['ending: refuse', 'ending: ignore', '-', 'ending: ignore', 'ended: do it'],
  ],
  ended: ['-', '-', 'ended: refuse', 'ended: refuse', '-', '-', '-', 'ended: ignore', '-'],
};

/** @returns as in {@link EXPECTED} */
function outcome(state: LifeState, event: LifeEvent): string {
  const life = new Life(state);
  try {
    const answer = life.on(event);
    return `${life.state}: ${answer}`;
  } catch (error) {
    assert.ok(error instanceof Error);
    assert.equal(error.message, `a daemon that is ${state} got the event "${event}"`);
    assert.equal(life.state, state, 'what is impossible changes nothing');
    return '-';
  }
}

for (const state of LIFE_STATES)
  for (const [idx, event] of LIFE_EVENTS.entries())
    test(`${state}: "${event}" leads to ${EXPECTED[state][idx]}`, () => {
      assert.equal(outcome(state, event), EXPECTED[state][idx]);
    });

test('a daemon begins prepared', () => {
  assert.equal(new Life().state, 'prepared');
});

test('the end can be asked for at any time, and leads to the end', () => {
  for (const state of LIFE_STATES) {
    const life = new Life(state);
    const answer = life.on('end');
    // The new process ends instead of this one, or fails: then this one is running, and asked again.
    if (answer === 'pass on') {
      life.on('restart failed');
      assert.equal(life.on('end'), 'do it');
    }
    if (life.state !== 'ended') life.on('ended');
    assert.equal(life.state, 'ended', `from ${state}`);
  }
});

for (const outcomeOfRestart of ['restart failed', 'replaced'] as const)
  test(`a reload that was asked for during a restart is left to be done once: ${outcomeOfRestart}`, () => {
    const life = new Life('running');
    assert.equal(life.on('reload'), 'do it');
    assert.equal(life.takePostponedReload(), false, 'that was done');
    life.on('restart');
    life.on('reload');
    life.on('successor ready');
    life.on('reload');
    life.on(outcomeOfRestart);
    assert.equal(life.takePostponedReload(), true);
    assert.equal(life.takePostponedReload(), false);
  });
