/** The words of the control pipe while the daemon cannot carry them out: none is lost without a line. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { carryOutWord, type ControlHooks, type ControlTarget } from '../../../src/control/commands.ts';
import type { DaemonPhase } from '../../../src/control/protocol.ts';

const NEVER = (): never => assert.fail('carried out');

/** Carries out a word. @returns what was done, and what was reported */
function carriedOut(word: string, phase: DaemonPhase): { readonly done: string[]; readonly told: string[] } {
  const done: string[] = [];
  const told: string[] = [];
  const target: ControlTarget = {
    phase,
    status: NEVER,
    reload: () => {
      done.push('reload');
      return Promise.resolve({ ok: false, problems: [] });
    },
    reopen: NEVER,
    rotate: NEVER,
    mark: NEVER,
  };
  const hooks: ControlHooks = { stop: () => done.push('stop'), restart: null, replaced: NEVER };
  assert.equal(
    carryOutWord(word, target, hooks, (_severity, text) => told.push(text)),
    true,
  );
  return { done, told };
}

for (const word of ['rotate', 'reopen', 'mark'])
  test(`control pipe: "${word}" during a restart is told to be left out`, () => {
    assert.deepEqual(carriedOut(word, 'restarting'), {
      done: [],
      told: [`ignoring command "${word}" from the control pipe: the daemon is being replaced by a new process`],
    });
  });

test('control pipe: "reload" and "stop" during a restart are for whoever goes on', () => {
  assert.deepEqual(carriedOut('reload', 'restarting'), { done: ['reload'], told: [] });
  assert.deepEqual(carriedOut('stop', 'restarting'), { done: ['stop'], told: [] });
});
