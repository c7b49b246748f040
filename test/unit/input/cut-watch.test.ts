import assert from 'node:assert/strict';
import { mock, test, type TestContext } from 'node:test';
import { CutWatch } from '../../../src/input/cut-watch.ts';
import { createInputCounters, type InputKind } from '../../../src/input/input.ts';

interface Rig {
  readonly cuts: CutWatch;
  readonly counters: { readonly cut: number };
  readonly reports: string[];
}

function rig(t: TestContext, kind: InputKind = 'udp', label = 'UDP 127.0.0.1:514'): Rig {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.after(() => mock.timers.reset());
  const counters = createInputCounters();
  const reports: string[] = [];
  const report = (_severity: number, text: string): void => void reports.push(text);
  const cuts = new CutWatch({ kind, label, limitBytes: 8192, report, counters, settleMs: 10_000 });
  t.after(() => cuts.close());
  return { cuts, counters, reports };
}

const BEGIN = 'cutting messages from UDP 127.0.0.1:514 longer than 8192 bytes (max_message)';

test('one line when it begins, one with the number when nothing was cut for a while', (t) => {
  const { cuts, counters, reports } = rig(t);
  cuts.add(0);
  assert.deepEqual(reports, []);
  for (let i = 0; i < 50; i++) {
    cuts.add(2);
    mock.timers.tick(9000);
  }
  assert.deepEqual(reports, [BEGIN]);
  for (const _ of [1, 2]) mock.timers.tick(10_000);
  assert.deepEqual(reports, [BEGIN, 'cut 100 messages from UDP 127.0.0.1:514']);
  mock.timers.tick(100_000);
  cuts.add(1);
  for (const _ of [1, 2]) mock.timers.tick(10_000);
  assert.deepEqual(reports.slice(2), [BEGIN, 'cut 1 message from UDP 127.0.0.1:514']);
  assert.equal(counters.cut, 101);
});

test('at the end the number is told at once, and nothing after it', (t) => {
  const { cuts, reports } = rig(t);
  cuts.add(3);
  cuts.close();
  cuts.close();
  mock.timers.tick(100_000);
  assert.deepEqual(reports, [BEGIN, 'cut 3 messages from UDP 127.0.0.1:514']);
});

const SOURCES: readonly (readonly [InputKind, label: string, told: string])[] = [
  ['log socket', '/dev/log', 'log socket /dev/log'],
  ['log socket', 'log socket syslog.socket', 'log socket syslog.socket'],
  ['udp', 'UDP [::]:514', 'UDP [::]:514'],
  ['kernel', 'kernel log /dev/kmsg', 'kernel log /dev/kmsg'],
];
for (const [kind, label, told] of SOURCES) {
  test(`what is cut from ${kind} "${label}" is told as from ${told}`, (t) => {
    const { cuts, reports } = rig(t, kind, label);
    cuts.add(1);
    assert.equal(reports[0], BEGIN.replace('UDP 127.0.0.1:514', told));
  });
}
