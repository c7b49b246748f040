/**
 * The life of the daemon under a real systemd, with its journal, installed with the units of etc/systemd.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configure, installedMachine, runningMachine, SELF, UNIT } from '../support/installed.ts';
import { type Machine, machineMissing } from '../support/machine.ts';
import { assertComplete, NumberedSender, numbersOf } from '../support/numbered-sender.ts';
import { sendLocal } from '../support/send.ts';
import { until } from '../support/until.ts';

const skip = machineMissing();
/** Where journald hands on what it gets. Senders wait where it is full. */
const SOCKET = '/run/systemd/journal/syslog';
const ALL = '/var/log/all';
const CONF = `*.*;syslog.none -${ALL}`;

/** A message to /dev/log is written. */
async function works(machine: Machine, text: string): Promise<void> {
  await machine.must('logger', '-t', 'demo', text);
  await machine.line(ALL, new RegExp(` demo: ${text}$`));
}

async function startedAnew(machine: Machine, times: number): Promise<void> {
  await until(
    'systemd has started it anew',
    async () =>
      (await machine.show(UNIT, 'NRestarts')) === String(times) &&
      (await machine.show(UNIT, 'ActiveState')) === 'active',
  );
}

function override(machine: Machine, lines: string): Promise<string> {
  machine.write(`/etc/systemd/system/${UNIT}.d/test.conf`, `[Service]\n${lines}\n`);
  return machine.must('systemctl', 'daemon-reload');
}

test('enabled and started, it gets what programs send to /dev/log', { skip }, async (t) => {
  const machine = await runningMachine(t, CONF);
  assert.equal(await machine.show(UNIT, 'ActiveState'), 'active');
  assert.equal(await machine.must('systemctl', 'is-enabled', UNIT), 'enabled');
  assert.equal(await machine.show('syslog.service', 'Id'), UNIT);
  await works(machine, 'hello');
  await machine.must('systemd-cat', '-t', 'service', 'echo', 'what a service prints');
  await machine.line(ALL, / service\[\d+\]: what a service prints$/);
  await machine.line(SELF, /: start \(version /);
  assert.match(await machine.must('tsyslogctl', 'status'), /^\/run\/systemd\/journal\/syslog +log socket +open /m);
});

test('started without having been enabled, it works as well', { skip }, async (t) => {
  const machine = await installedMachine(t, CONF);
  await machine.must('systemctl', 'start', UNIT);
  await works(machine, 'hello');
  // Its own socket goes with it; the one of the unit is there from then on.
  await machine.must('systemctl', 'stop', UNIT);
  await machine.must('systemctl', 'enable', '--now', UNIT);
  await works(machine, 'again');
});

test('a reload brings a new configuration into force before systemctl returns', { skip }, async (t) => {
  const machine = await runningMachine(t, CONF);
  const pid = await machine.show(UNIT, 'MainPID');
  configure(machine, `${CONF}\nuser.* -/var/log/user`);
  await machine.must('systemctl', 'reload', UNIT);
  assert.match(machine.lines(SELF).at(-1) ?? '', /: reloaded \/etc\/tsyslog\.conf, configuration 2$/);
  await works(machine, 'hello');
  await machine.line('/var/log/user', / demo: hello$/);
  assert.equal(await machine.show(UNIT, 'MainPID'), pid);
});

test('what comes while it is stopped waits, and starts it again', { skip }, async (t) => {
  const machine = await runningMachine(t, CONF);
  await machine.must('systemctl', 'stop', UNIT);
  await works(machine, 'while it was down');
  await works(machine, 'afterwards');
  assert.equal(await machine.show(UNIT, 'ActiveState'), 'active');
});

test('killed under load, it is started anew and goes on where it was', { skip }, async (t) => {
  const machine = await runningMachine(t, `user.* -${ALL}`);
  await override(machine, 'RestartSec=0');
  const sender = await NumberedSender.start(t, 'local', machine.path(SOCKET), 'one', 3000);
  await machine.line(ALL, / one: \d+$/);
  await machine.must('systemctl', 'kill', '-s', 'KILL', '--kill-who=main', UNIT);
  await startedAnew(machine, 1);
  const sent = await sender.stop();
  await machine.must('systemctl', 'stop', 'syslog.socket', UNIT);
  const numbers = numbersOf(machine.lines(ALL), 'one');
  assert.equal(numbers[0], 0);
  assert.equal(numbers.at(-1), sent - 1);
  const gaps = numbers.filter((number, idx) => idx > 0 && number !== (numbers[idx - 1] ?? 0) + 1);
  assert.ok(gaps.length <= 1, `only what it had taken and not written is missing: ${gaps.join()}`);
  assert.deepEqual(
    numbers,
    numbers.toSorted((one, other) => one - other),
  );
});

test('a process that hangs is replaced, and what waited meanwhile is written', { skip }, async (t) => {
  const machine = await runningMachine(t, CONF);
  await override(machine, 'WatchdogSec=1\nRestartSec=0');
  await machine.must('systemctl', 'restart', UNIT);
  await machine.must('systemctl', 'kill', '-s', 'STOP', '--kill-who=main', UNIT);
  await machine.must('logger', '-t', 'demo', 'meanwhile');
  await startedAnew(machine, 1);
  await machine.line(ALL, / demo: meanwhile$/);
  await works(machine, 'afterwards');
  assert.match(await machine.must('journalctl', '-u', UNIT, '-o', 'cat'), /watchdog/i);
});

test('signs of life keep the watchdog quiet, also after a restart without loss', { skip }, async (t) => {
  const machine = await runningMachine(t, CONF);
  await override(machine, 'WatchdogSec=1');
  await machine.must('systemctl', 'restart', UNIT);
  await machine.must('tsyslogctl', 'restart');
  const begin = Number(await machine.show(UNIT, 'WatchdogTimestampMonotonic'));
  await until(
    'the watchdog was told three times the time it waits',
    async () => Number(await machine.show(UNIT, 'WatchdogTimestampMonotonic')) > begin + 3e6,
  );
  assert.equal(await machine.show(UNIT, 'NRestarts'), '0');
});

test('a start that fails is tried again until it succeeds, and nothing is lost meanwhile', { skip }, async (t) => {
  const machine = await installedMachine(t, CONF);
  await machine.must('mkdir', '/run/tsyslogd.pid');
  await machine.run('systemctl', 'enable', '--now', UNIT);
  await until('it was tried again', async () => Number(await machine.show(UNIT, 'NRestarts')) >= 1);
  await sendLocal(machine.path(SOCKET), ['<13>demo: meanwhile']);
  await machine.must('rmdir', '/run/tsyslogd.pid');
  await machine.line(ALL, / demo: meanwhile$/);
  assert.equal(await machine.show('syslog.socket', 'ActiveState'), 'active');
});

test('it survives a reboot: ends in order, and is back', { skip }, async (t) => {
  const machine = await runningMachine(t, CONF);
  await works(machine, 'before');
  await machine.reboot();
  await works(machine, 'after');
  assert.equal(machine.lines(SELF).filter((line) => line.endsWith('exiting on signal SIGTERM')).length, 1);
  assert.equal(machine.lines(SELF).filter((line) => line.includes(': start (version ')).length, 2);
  assert.equal(machine.lines(ALL).filter((line) => line.endsWith(' demo: before')).length, 1);
});

test('a restart of the journal costs nothing that is sent afterwards', { skip }, async (t) => {
  const machine = await runningMachine(t, CONF);
  await machine.must('systemctl', 'restart', 'systemd-journald');
  await works(machine, 'afterwards');
  assert.equal(await machine.show(UNIT, 'NRestarts'), '0');
});

test('without ForwardToSyslog nothing comes, with it everything', { skip }, async (t) => {
  const machine = await runningMachine(t, CONF);
  const forward = async (answer: string): Promise<void> => {
    machine.write('/etc/systemd/journald.conf.d/forward.conf', `[Journal]\nForwardToSyslog=${answer}\n`);
    await machine.must('systemctl', 'restart', 'systemd-journald');
  };
  await forward('no');
  await machine.must('logger', '-t', 'demo', 'not forwarded');
  await forward('yes');
  await works(machine, 'forwarded');
  assert.equal(machine.read(ALL).includes('not forwarded'), false);
});

test('restarted under load ten times, in both ways, nothing is lost', { skip }, async (t) => {
  const machine = await runningMachine(t, `user.* -${ALL}`);
  await override(machine, 'StartLimitBurst=100');
  const sender = await NumberedSender.start(t, 'local', machine.path(SOCKET), 'one', 3000);
  for (let round = 0; round < 5; round++) {
    await machine.must('systemctl', 'restart', UNIT);
    await machine.must('tsyslogctl', 'restart');
  }
  const sent = await sender.stop();
  await machine.must('systemctl', 'stop', 'syslog.socket', UNIT);
  assertComplete(machine.lines(ALL), 'one', sent);
});
