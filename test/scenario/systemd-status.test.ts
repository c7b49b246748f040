/**
 * What an administrator sees of the daemon in systemctl status and in the journal.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configure, installedMachine, runningMachine, SELF, UNIT } from '../support/installed.ts';
import { type Machine, machineMissing } from '../support/machine.ts';
import { PATIENCE_MS, until } from '../support/until.ts';

const skip = machineMissing();

/** Waits until systemd has the text that the daemon tells of itself. */
async function status(machine: Machine, text: string | RegExp): Promise<void> {
  let last = '';
  await until(
    `the status is ${text}`,
    async () => {
      last = await machine.show(UNIT, 'StatusText');
      return typeof text === 'string' ? last === text : text.test(last);
    },
    PATIENCE_MS,
    () => last,
  );
}

/** Lines of the journal about the unit at a severity or above, those of systemd left out. */
async function journal(machine: Machine, severity: string): Promise<readonly string[]> {
  const { stdout } = await machine.run('journalctl', '--sync');
  const args = ['-u', UNIT, '-p', severity, '-o', 'cat', '-t', 'tsyslogd'];
  return (stdout + (await machine.run('journalctl', ...args)).stdout).split('\n').filter((line) => line !== '');
}

test('the status names the outputs that fail, as long as they do', { skip }, async (t) => {
  const machine = await runningMachine(t, 'user.* /var/log/all\nuser.* /var/log/a/one\nuser.* /var/log/b/two');
  await status(machine, 'running, 2 outputs failing: file "/var/log/a/one", file "/var/log/b/two"');
  await machine.must('mkdir', '/var/log/a');
  await status(machine, 'running, 1 output failing: file "/var/log/b/two"');
  await machine.must('mkdir', '/var/log/b');
  await status(machine, 'running');
});

test('a failure is in the journal at its severity, and once in the log', { skip }, async (t) => {
  const machine = await runningMachine(t, '*.*;syslog.none /var/log/all\nuser.* /var/log/a/one');
  const failure = 'cannot open file "/var/log/a/one": no such file or directory';
  assert.deepEqual(await journal(machine, 'err'), [failure]);
  await machine.must('mkdir', '/var/log/a');
  await machine.line(SELF, /writing to file "\/var\/log\/a\/one" again$/);
  assert.deepEqual(
    (await journal(machine, 'notice')).filter((line) => line.includes('/var/log/a/one')),
    [failure, 'writing to file "/var/log/a/one" again'],
  );
  // What was written to the journal has come back before what is sent there now.
  await machine.must('logger', 'after');
  await machine.line('/var/log/all', / after$/);
  assert.deepEqual(
    machine.lines('/var/log/all').filter((line) => line.includes('/var/log/a/one')),
    [],
    'nothing of it comes back from the journal',
  );
  assert.equal(machine.lines(SELF).filter((line) => line.endsWith(failure)).length, 1);
});

test('a refused reload is in status and journal until one succeeds', { skip }, async (t) => {
  const machine = await runningMachine(t, 'user.* /var/log/all');
  configure(machine, 'maul.* /var/log/all');
  await machine.must('systemctl', 'kill', '-s', 'HUP', '--kill-who=main', UNIT);
  const mistake = '/etc/tsyslog.conf:1:1: unknown facility `maul`';
  await status(machine, /^running, last reload refused: 1 error: \/etc\/tsyslog\.conf:1:1: unknown facility `maul`/);
  const lines = await journal(machine, 'err');
  assert.ok(
    lines.some((line) => line.startsWith(mistake)),
    lines.join('\n'),
  );
  assert.ok(
    lines.some((line) => line.startsWith('configuration not changed')),
    lines.join('\n'),
  );
  const { status: reloaded } = await machine.run('systemctl', 'reload', UNIT);
  assert.notEqual(reloaded, 0);
  configure(machine, 'user.* /var/log/all');
  await machine.must('systemctl', 'reload', UNIT);
  await status(machine, 'running');
});

for (const [what, option, reason] of [
  [
    'a configuration that is missing',
    '-f /nonexistent',
    'cannot read configuration "/nonexistent": no such file or directory',
  ],
  ['a wrong option', '--nonsense', /unknown option.*--nonsense/],
  ['a user that does not exist', '--user stranger', /stranger/],
] as const)
  test(`${what}: status and journal say why it did not start`, { skip }, async (t) => {
    const machine = await installedMachine(t, 'user.* /var/log/all');
    const drop = `[Service]\nRestart=no\nExecStart=\nExecStart=/usr/local/bin/tsyslogd -F ${option}\n`;
    machine.write(`/etc/systemd/system/${UNIT}.d/wrong.conf`, drop);
    await machine.must('systemctl', 'daemon-reload');
    assert.notEqual((await machine.run('systemctl', 'start', UNIT)).status, 0);
    const shown = (await machine.run('systemctl', 'status', UNIT)).stdout;
    const line = shown.split('\n').find((found) => found.includes('Status: "cannot start: ')) ?? shown;
    const lines = await journal(machine, 'err');
    if (typeof reason === 'string') {
      assert.ok(line.includes(`Status: "cannot start: ${reason}"`), shown);
      assert.deepEqual(lines, [reason]);
    } else {
      assert.match(line, reason);
      assert.match(lines.join('\n'), reason);
      assert.equal(lines.length, 1, lines.join('\n'));
    }
  });

test('what could not be written at the end is told', { skip }, async (t) => {
  const machine = await runningMachine(t, 'user.* /var/log/a/one');
  await machine.must('logger', 'lost');
  await machine.must('logger', '-p', 'syslog.info', 'seen');
  await machine.line(SELF, / seen$/);
  await machine.must('systemctl', 'stop', 'syslog.socket', UNIT);
  assert.equal(await machine.show(UNIT, 'ExecMainStatus'), '4');
  await status(machine, 'exited with 1 message unwritten');
  assert.deepEqual((await journal(machine, 'err')).slice(-1), ['exiting with 1 message unwritten: exit status 4']);
});
