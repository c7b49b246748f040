/**
 * The daemon under a real systemd, with its journal, installed with the units of etc/systemd.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runningMachine, SELF, UNIT } from '../support/installed.ts';
import { machineMissing } from '../support/machine.ts';

const skip = machineMissing();

test('enabled and started, it gets what programs send to /dev/log', { skip }, async (t) => {
  const machine = await runningMachine(t, '*.*;syslog.none -/var/log/all');
  assert.equal(await machine.show(UNIT, 'ActiveState'), 'active');
  assert.equal(await machine.must('systemctl', 'is-enabled', UNIT), 'enabled');
  assert.equal(await machine.show('syslog.service', 'Id'), UNIT);
  await machine.must('logger', '-t', 'demo', 'hello');
  await machine.line('/var/log/all', / demo: hello$/);
  await machine.line(SELF, /: start \(version /);
});
