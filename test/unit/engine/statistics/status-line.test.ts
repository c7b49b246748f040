import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { StatusLine } from '../../../../src/engine/statistics/status-line.ts';
import type { InputState } from '../../../../src/input/input.ts';
import type { OutputState } from '../../../../src/output/output.ts';

interface Fake<S> {
  readonly label: string;
  state: S;
}

function rig(): {
  readonly inputs: Fake<InputState>[];
  readonly outputs: Fake<OutputState>[];
  readonly told: string[];
  readonly line: StatusLine;
} {
  const inputs: Fake<InputState>[] = [];
  const outputs: Fake<OutputState>[] = [];
  const told: string[] = [];
  const line = new StatusLine({ inputs: () => inputs, outputs: () => outputs }, (text) => told.push(text));
  return { inputs, outputs, told, line };
}

test('all is well', () => {
  const { line, inputs, outputs } = rig();
  inputs.push({ label: 'a', state: 'open' }, { label: 'kernel', state: 'closed' });
  outputs.push({ label: 'b', state: 'open' }, { label: 'c', state: 'opening' }, { label: 'd', state: 'draining' });
  assert.equal(line.text, 'running');
});

test('what fails is named: up to five, then counted', () => {
  const { line, inputs, outputs } = rig();
  inputs.push({ label: 'UDP 192.0.2.1:514', state: 'retrying' });
  outputs.push({ label: 'file "/a"', state: 'retrying' }, { label: 'file "/b"', state: 'closed' });
  assert.equal(line.text, 'running, 1 input failing: UDP 192.0.2.1:514, 2 outputs failing: file "/a", file "/b"');
  outputs.push(...['c', 'd', 'e', 'f', 'g'].map((label) => ({ label, state: 'retrying' as const })));
  assert.match(line.text, /7 outputs failing: file "\/a", file "\/b", c, d, e and 2 more$/);
});

test('a configuration with errors is in it until one without is in force', () => {
  const { line } = rig();
  line.started(['f:1:1: one', 'f:2:1: two']);
  assert.equal(line.text, 'running, configuration has 2 errors: f:1:1: one');
  line.reloaded(['f:1:1: one']);
  assert.equal(line.text, 'running, last reload refused: 1 error: f:1:1: one');
  line.reloaded([]);
  assert.equal(line.text, 'running');
});

test('after reports it is told once, as it is when all of them have taken effect', async () => {
  const { line, outputs, told } = rig();
  const output: Fake<OutputState> = { label: 'file "/a"', state: 'open' };
  outputs.push(output);
  line.reported();
  line.reported();
  output.state = 'retrying';
  await turn();
  assert.deepEqual(told, ['running, 1 output failing: file "/a"']);
  output.state = 'open';
  line.reported();
  await turn();
  assert.deepEqual(told.slice(1), ['running']);
});
