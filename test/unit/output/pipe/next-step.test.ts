/** What an output that writes to a pipe does next: every row of the table, and what overrides it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OutputState } from '../../../../src/output/output.ts';
import { nextPipeStep, type PipeSituation, type PipeStep } from '../../../../src/output/pipe/next-step.ts';

type End = PipeSituation['end'];

/** As in the header of next-step.ts: draining, alive in the pause, alive after it. */
const TABLE: Readonly<Record<End, readonly [PipeStep, PipeStep, PipeStep]>> = {
  none: ['rest', 'pause', 'renew'],
  open: ['write', 'write', 'write'],
  waiting: ['rest', 'rest', 'rest'],
  deserted: ['rest', 'pause', 'write'],
};
const ENDS = ['none', 'open', 'waiting', 'deserted'] as const;
const ALIVE: readonly OutputState[] = ['opening', 'open', 'retrying'];

function step(life: OutputState, end: End, pauseMs: number, change: Partial<PipeSituation> = {}): PipeStep {
  return nextPipeStep({ life, end, pauseMs, pending: true, held: false, ...change });
}

for (const end of ENDS) {
  const [draining, inPause, after] = TABLE[end];
  test(`${end}, draining: ${draining}`, () => {
    assert.equal(step('draining', end, 1), draining);
    assert.equal(step('draining', end, 0), draining);
  });
  for (const life of ALIVE) {
    test(`${end}, ${life}, in the pause: ${inPause}`, () => assert.equal(step(life, end, 1), inPause));
    test(`${end}, ${life}, after the pause: ${after}`, () => assert.equal(step(life, end, 0), after));
  }
  test(`${end}: nothing to write, held, or closed: rest`, () => {
    for (const life of [...ALIVE, 'draining'] as const) {
      assert.equal(step(life, end, 0, { pending: false }), 'rest');
      assert.equal(step(life, end, 0, { held: true }), 'rest');
    }
    assert.equal(step('closed', end, 0), 'rest');
  });
}
