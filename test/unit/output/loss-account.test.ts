/** What is reported of an output that fails: one line for each change of state, and in the end the true number. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LossAccount } from '../../../src/output/loss-account.ts';
import { SyncHealth } from '../../../src/output/file/sync-health.ts';
import { FakeClock } from '../../support/hold-clock.ts';

const SECOND = 1000;
const HOUR = 3600 * SECOND;

class Rig {
  readonly clock = new FakeClock();
  readonly reports: string[] = [];
  readonly account = new LossAccount('file "x"', (_severity, text) => void this.reports.push(text), {
    clock: this.clock,
  });

  /** `count` messages of others are queued. */
  accept(count = 1): void {
    this.account.counters.accepted += count;
  }

  /** A line of the daemon is given to the output. */
  own(taken: boolean): void {
    this.account.counters.own++;
    if (taken) this.account.counters.accepted++;
    else this.account.refuse(1);
  }

  /** Sum of all numbers that were reported. */
  get told(): number {
    return this.reports.reduce((sum, line) => sum + Number(/^dropped (\d+) /.exec(line)?.[1] ?? 0), 0);
  }
}

test('the end of a failure is reported when it has lasted, with the number of records', () => {
  const { account, clock, reports } = new Rig();
  account.fail('cannot write to file "x": no space left on device');
  account.lose(2);
  account.refuse(1);
  account.recover();
  clock.pass(0.9 * SECOND);
  assert.equal(reports.length, 1);
  clock.pass(SECOND);
  assert.deepEqual(reports, ['cannot write to file "x": no space left on device', 'dropped 3 messages to file "x"']);
  assert.equal(clock.pendingCount, 0);
});

test('a failure without loss ends with a line too', () => {
  const { account, clock, reports } = new Rig();
  account.fail('cannot open file "x": no such file or directory');
  account.recover();
  clock.pass(2 * SECOND);
  assert.deepEqual(reports.slice(1), ['writing to file "x" again']);
});

test('what fails again before that is the same failure', () => {
  const { account, clock, reports } = new Rig();
  for (let i = 0; i < 50; i++) {
    account.lose(1);
    account.recover();
    clock.pass(0.9 * SECOND);
  }
  clock.pass(SECOND);
  assert.deepEqual(reports, ['dropping messages to file "x": its queue is full', 'dropped 50 messages to file "x"']);
});

for (const everyMs of [0.1 * SECOND, 2 * SECOND, 30 * SECOND, 200 * SECOND]) {
  test(`an output that fails every ${everyMs / SECOND} seconds for a day writes few lines, and the number is true`, () => {
    const rig = new Rig();
    const { account, clock } = rig;
    const times = Math.floor((24 * HOUR) / everyMs);
    for (let i = 0; i < times; i++) {
      rig.accept();
      account.lose(1);
      account.recover();
      clock.pass(everyMs);
    }
    clock.pass(HOUR);
    assert.ok(rig.reports.length <= 20, rig.reports.join('\n'));
    assert.equal(rig.told, times);
    assert.equal(account.counters.dropped, times);
    // After a calm time a failure is as good as the first.
    const before = rig.reports.length;
    rig.accept();
    account.lose(1);
    account.recover();
    clock.pass(2 * SECOND);
    assert.equal(rig.reports.length, before + 2);
  });
}

test('whatever happens the numbers that are reported are all that was lost', () => {
  let seed = 7;
  const random = (below: number): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  for (let run = 0; run < 200; run++) {
    const rig = new Rig();
    const { account, clock, reports } = rig;
    for (let step = 0; step < 100; step++) {
      const begun = reports.length;
      const kind = random(8);
      if (kind === 0) account.fail('fails');
      else if (kind === 1) account.lose(random(5));
      else if (kind === 2) account.refuse(1);
      else if (kind === 3) account.recover();
      else if (kind === 4) account.settle();
      else if (kind === 5) clock.pass(random(3000));
      else if (kind === 6) rig.own(random(2) === 0);
      else rig.accept();
      assert.ok(reports.length - begun <= 1, 'one line for each change');
    }
    account.settle();
    account.close(3);
    assert.equal(rig.told, account.counters.dropped);
    assert.equal(clock.pendingCount, 0);
  }
});

test('at the end a failure that is over is reported at once, and nothing comes later', () => {
  const { account, clock, reports } = new Rig();
  account.lose(4);
  account.recover();
  account.settle();
  assert.deepEqual(reports.slice(1), ['dropped 4 messages to file "x"']);
  account.settle();
  account.close(0);
  clock.pass(HOUR);
  assert.equal(reports.length, 2);
});

test('what is given up while a failure seems to be over is one number', () => {
  const { account, clock, reports } = new Rig();
  account.lose(4);
  account.recover();
  account.close(5);
  clock.pass(HOUR);
  assert.deepEqual(reports.slice(1), ['dropped 9 messages to file "x"']);
});

test('a line about a failure that is itself lost leads to no other line, until something else is lost', () => {
  const rig = new Rig();
  const { account, clock, reports } = rig;
  rig.accept();
  account.fail('cannot send to loghost "@x": connection refused');
  account.lose(1);
  account.recover();
  clock.pass(2 * SECOND);
  assert.equal(reports.length, 2);
  // The line about the end goes to the output too, and is refused; so is every later one.
  for (let i = 0; i < 1000; i++) {
    rig.own(i % 2 === 0);
    account.fail('cannot send to loghost "@x": connection refused');
    account.lose(1);
    account.recover();
    clock.pass(HOUR);
  }
  assert.equal(reports.length, 2);
  rig.accept();
  account.fail('cannot send to loghost "@x": connection refused');
  assert.equal(reports.length, 3);
  account.lose(1);
  account.recover();
  clock.pass(HOUR);
  assert.deepEqual(reports.slice(2), [
    'cannot send to loghost "@x": connection refused',
    'dropped 1501 messages to file "x"',
  ]);
  assert.equal(rig.told, account.counters.dropped);
});

test('a failure that begins with a line of the daemon is reported when another message is lost, too', () => {
  const rig = new Rig();
  const { account, clock, reports } = rig;
  rig.accept();
  account.lose(1);
  account.recover();
  clock.pass(2 * SECOND);
  rig.own(false);
  assert.equal(reports.length, 2);
  account.refuse(1);
  assert.deepEqual(reports.slice(2), ['dropping messages to file "x": its queue is full']);
});

test('a failure that no message brought about is reported', () => {
  const { account, clock, reports } = new Rig();
  for (let i = 0; i < 2; i++) {
    account.fail('cannot open file "x": no such file or directory');
    account.recover();
    clock.pass(HOUR);
  }
  assert.equal(reports.length, 4);
});

test('fdatasync that fails now and then is reported once when that begins and once when it is over', () => {
  const clock = new FakeClock();
  const reports: string[] = [];
  const health = new SyncHealth('file "x"', (_severity, text) => void reports.push(text), clock);
  const failure = Object.assign(new Error('i/o error'), { code: 'EIO' });
  health.note(null);
  for (let i = 0; i < 20; i++) {
    health.note(failure);
    clock.pass(500);
    health.note(null);
    clock.pass(500);
  }
  assert.deepEqual(reports, ['fdatasync failed on file "x": i/o error']);
  clock.pass(SECOND);
  assert.deepEqual(reports.slice(1), ['fdatasync works again on file "x"']);
  health.note(failure);
  health.note(null);
  health.close();
  clock.pass(HOUR);
  assert.equal(reports.length, 3);
});
