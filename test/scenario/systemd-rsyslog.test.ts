/**
 * A machine on which rsyslog is the syslog daemon: it loses nothing to tsyslogd, and hands over in order.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { installedMachine, UNIT } from '../support/installed.ts';
import { type Machine, machineMissing } from '../support/machine.ts';
import { until } from '../support/until.ts';

const skip = machineMissing();
const ALL = '/var/log/all';
const THEIRS = '/var/log/syslog';

async function withRsyslog(t: Parameters<typeof installedMachine>[0]): Promise<Machine> {
  const machine = await installedMachine(t, `user.* -${ALL}`);
  await machine.must('systemctl', 'enable', '--now', 'rsyslog');
  return machine;
}

/** Every message of several goes to this file, and none to the other. */
async function gets(machine: Machine, file: string, other: string, tag: string): Promise<void> {
  for (let number = 0; number < 5; number++) await machine.must('logger', '-t', tag, String(number));
  for (let number = 0; number < 5; number++) await machine.line(file, new RegExp(` ${tag}: ${number}$`));
  assert.equal(machine.read(other).includes(` ${tag}: `), false);
}

test('the socket of a running rsyslog is left to it, and the reason is told', { skip }, async (t) => {
  const machine = await withRsyslog(t);
  const { status, stderr } = await machine.run('systemctl', 'enable', UNIT);
  assert.notEqual(status, 0);
  assert.match(stderr, /syslog\.service already exists/);
  assert.notEqual((await machine.run('systemctl', 'start', UNIT)).status, 0);
  await until('the reason is told', async () =>
    /^cannot start: .*"\/run\/systemd\/journal\/syslog": .* is listening on it: disable .* syslog\.service/.test(
      await machine.show(UNIT, 'StatusText'),
    ),
  );
  await gets(machine, THEIRS, ALL, 'theirs');
  await machine.must('systemctl', 'stop', UNIT);
  await gets(machine, THEIRS, ALL, 'still');
});

test('with a log socket of its own it runs beside rsyslog', { skip }, async (t) => {
  const machine = await withRsyslog(t);
  machine.write(
    `/etc/systemd/system/${UNIT}.d/beside.conf`,
    '[Service]\nExecStart=\nExecStart=/usr/local/bin/tsyslogd -F -p /run/own-log\n',
  );
  await machine.must('systemctl', 'daemon-reload');
  await machine.must('systemctl', 'start', UNIT);
  await gets(machine, THEIRS, ALL, 'theirs');
  await machine.must('logger', '-u', '/run/own-log', '-t', 'ours', 'hello');
  await machine.line(ALL, / ours: hello$/);
  await machine.must('logger', '-n', '127.0.0.1', '-P', '514', '-d', '-t', 'net', 'hello');
  await machine.line(ALL, / net: hello$/);
});

test('when rsyslog is disabled the name and the socket are free', { skip }, async (t) => {
  const machine = await withRsyslog(t);
  await gets(machine, THEIRS, ALL, 'theirs');
  await machine.must('systemctl', 'disable', '--now', 'rsyslog');
  await machine.must('systemctl', 'enable', '--now', UNIT);
  await gets(machine, ALL, THEIRS, 'ours');
  await machine.reboot();
  await gets(machine, ALL, THEIRS, 'rebooted');
});
