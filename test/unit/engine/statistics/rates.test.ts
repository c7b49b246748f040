/**
 * Rates: what they say, and that they wake nobody without need.
 */
import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { Rates } from '../../../../src/engine/statistics/rates.ts';

class Rig {
  readonly counts = new Map<object, number>();
  readonly a = {};
  readonly b = {};
  looks = 0;
  nowMs = 1000;
  readonly rates = new Rates(
    () => {
      this.looks++;
      return this.counts;
    },
    () => this.nowMs,
  );

  /** A batch brings `n` messages. */
  batch(source: object, n: number): void {
    this.counts.set(source, (this.counts.get(source) ?? 0) + n);
    this.rates.touch();
  }

  pass(ms: number): void {
    for (let left = ms; left > 0; left -= 100) {
      this.nowMs += 100;
      mock.timers.tick(100);
    }
  }

  rate(source: object): number {
    return this.rates.of(source, this.counts.get(source) ?? 0);
  }
}

function withRig(name: string, run: (rig: Rig) => void): void {
  test(name, (t) => {
    mock.timers.enable({ apis: ['setTimeout'] });
    t.after(() => mock.timers.reset());
    run(new Rig());
  });
}

withRig('a steady stream: its rate, from the second second on', (rig) => {
  for (let i = 0; i < 100; i++) {
    rig.batch(rig.a, 50);
    rig.pass(100);
    if (i >= 10) assert.ok(Math.abs(rig.rate(rig.a) - 500) <= 50, `${rig.rate(rig.a)} after ${i + 1} batches`);
  }
  assert.equal(rig.rate(rig.b), 0);
});

withRig('the first messages count at once, as over a second', (rig) => {
  rig.batch(rig.a, 7);
  assert.equal(rig.rate(rig.a), 7);
});

withRig('what ends is forgotten after the window, and then nothing is looked at any more', (rig) => {
  rig.batch(rig.a, 100);
  rig.pass(3000);
  assert.ok(rig.rate(rig.a) > 0);
  rig.pass(10_000);
  assert.equal(rig.rate(rig.a), 0);
  const { looks } = rig;
  rig.pass(60_000);
  assert.equal(rig.looks, looks);
  rig.batch(rig.a, 3);
  assert.equal(rig.rate(rig.a), 3, 'what came before the rest does not count again');
});

withRig('a source that comes later is counted from its beginning', (rig) => {
  rig.batch(rig.a, 1);
  rig.pass(2000);
  rig.batch(rig.b, 10);
  assert.ok(rig.rate(rig.b) > 0);
  rig.counts.delete(rig.a);
  rig.pass(2000);
  assert.ok(rig.rate(rig.b) > 0);
});

withRig('closed, nothing runs', (rig) => {
  rig.batch(rig.a, 1);
  rig.rates.close();
  const { looks } = rig;
  rig.pass(10_000);
  assert.deepEqual([rig.looks, rig.rate(rig.a)], [looks, 0]);
});
