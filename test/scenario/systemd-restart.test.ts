/**
 * Restart without loss, under systemd: the new process must be the service to it as the old one was.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runningMachine, SELF, UNIT } from '../support/installed.ts';
import { type Machine, machineMissing } from '../support/machine.ts';
import { assertComplete, NumberedSender } from '../support/numbered-sender.ts';
import { sendLocal } from '../support/send.ts';
import { until } from '../support/until.ts';

const skip = machineMissing();
/** Where journald hands on what it gets. Senders wait where it is full. */
const SOCKET = '/run/systemd/journal/syslog';

async function restart(machine: Machine): Promise<void> {
  const before = await machine.show(UNIT, 'MainPID');
  await machine.must('tsyslogctl', 'restart');
  const after = await machine.show(UNIT, 'MainPID');
  assert.notEqual(after, before);
  assert.equal(await machine.must('cat', '/run/tsyslogd.pid'), after);
  // The parent of a main process must be systemd, which would not notice its end otherwise.
  assert.match(machine.read(`/proc/${after}/status`), /^PPid:\t1$/m);
}

test('the process that took over is systemd’s own, and nothing of it is in doubt', { skip }, async (t) => {
  const machine = await runningMachine(t, 'user.* -/var/log/all');
  await restart(machine);
  await restart(machine);
  assert.equal(await machine.show(UNIT, 'ActiveState'), 'active');
  const journal = await machine.must('journalctl', '-u', UNIT, '-o', 'cat');
  assert.doesNotMatch(journal, /not our child|notice when it exits/);
  const processes = await machine.shell(`cd /proc; grep -l ${UNIT} [0-9]*/cgroup`);
  assert.equal(processes, `${await machine.show(UNIT, 'MainPID')}/cgroup`, 'nothing else is left of it');
});

test('restarted, then stopped under load: everything that was sent is written', { skip }, async (t) => {
  const machine = await runningMachine(t, 'user.* -/var/log/all');
  const sender = await NumberedSender.start(t, 'local', machine.path(SOCKET), 'one', 3000);
  await restart(machine);
  await machine.line('/var/log/all', / one: \d+$/);
  await machine.must('systemctl', 'restart', UNIT);
  await restart(machine);
  const sent = await sender.stop();
  await machine.must('systemctl', 'stop', 'syslog.socket', UNIT);
  assertComplete(machine.lines('/var/log/all'), 'one', sent);
  assert.equal(await machine.show(UNIT, 'Result'), 'success');
});

test('stopped after a restart, a command gets the time to take what was sent to it', { skip }, async (t) => {
  const machine = await runningMachine(
    t,
    'user.* |while read -r line; do sleep 0.01; echo "$line"; done > /var/log/slow',
  );
  await restart(machine);
  await sendLocal(
    machine.path(SOCKET),
    Array.from({ length: 100 }, (_, number) => `<13>one: ${number}`),
  );
  await machine.line('/var/log/slow', / one: 0$/);
  await machine.must('systemctl', 'stop', 'syslog.socket', UNIT);
  assertComplete(machine.lines('/var/log/slow'), 'one', 100);
  assert.equal(await machine.show(UNIT, 'Result'), 'success');
  assert.ok(machine.lines(SELF).some((line) => line.endsWith('exiting on signal SIGTERM')));
});

test('a process that took over and is killed is started anew, and nothing that waits is lost', { skip }, async (t) => {
  const machine = await runningMachine(t, 'user.* -/var/log/all');
  await restart(machine);
  const pid = await machine.show(UNIT, 'MainPID');
  await machine.must('kill', '-9', pid);
  await until('systemd has started it anew', async () => (await machine.show(UNIT, 'NRestarts')) === '1');
  await machine.must('logger', 'after');
  await machine.line('/var/log/all', / after$/);
  assert.notEqual(await machine.show(UNIT, 'MainPID'), pid);
});

test('a restart that fails leaves the service as it was', { skip }, async (t) => {
  const machine = await runningMachine(t, 'user.* -/var/log/all');
  const pid = await machine.show(UNIT, 'MainPID');
  machine.write('/etc/tsyslog.conf', 'maul.* /var/log/all\n');
  const { status, stderr } = await machine.run('tsyslogctl', 'restart');
  assert.notEqual(status, 0);
  assert.match(stderr, /tsyslog\.conf:1:1/);
  assert.equal(await machine.show(UNIT, 'MainPID'), pid);
  await machine.must('logger', 'after');
  await machine.line('/var/log/all', / after$/);
});
