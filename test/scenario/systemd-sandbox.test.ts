/**
 * The sandbox of the unit takes away nothing that any kind of rule needs.
 */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { installedMachine, runningMachine, SELF, UNIT } from '../support/installed.ts';
import { type Machine, machineMissing } from '../support/machine.ts';
import { until } from '../support/until.ts';
import { utmpEntry } from '../support/utmp.ts';

const skip = machineMissing();

/** Writes each datagram to a file, as a line. */
const RECEIVER = String.raw`
use Socket;
socket(my $socket, AF_INET, SOCK_DGRAM, 0) or die; bind($socket, pack_sockaddr_in(1514, INADDR_ANY)) or die;
open(my $out, '>', '/var/tmp/forwarded') or die; $out->autoflush(1); print "ready\n"; STDOUT->flush();
while (defined(recv($socket, my $text, 65536, 0))) { print $out "$text\n"; }
`;

/** Runs a program until the test ends; resolves when it has said a line. */
async function background(machine: Machine, program: string, ...args: readonly string[]): Promise<string> {
  const child = machine.spawn(program, ...args);
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  return await until(`${program} says a line`, () => /^(.*)\r?\n/.exec(said)?.[1]);
}

/** A user who is logged in on a terminal. @returns the file that shows what the terminal shows */
async function logIn(machine: Machine, user: string): Promise<string> {
  await machine.must('useradd', '-m', user);
  const shown = `/var/tmp/screen-${user}`;
  const terminal = await background(machine, 'script', '-qfc', `chown ${user}:tty $(tty); tty; sleep 1000`, shown);
  const entry = utmpEntry({ type: 7, user, line: terminal.replace('/dev/', '') });
  machine.write('/run/utmp', entry);
  return shown;
}

async function works(t: TestContext, machine: Machine, rule: string, file: string, pattern: RegExp): Promise<void> {
  machine.write('/etc/tsyslog.conf', `${rule}\nsyslog.* ${SELF}\n`);
  await machine.must('systemctl', 'reload', UNIT);
  await machine.must('logger', '-t', 'demo', 'hello');
  await machine.line(file, pattern);
  t.diagnostic(`works: ${rule}`);
}

test('every kind of rule works in the sandbox', { skip }, async (t) => {
  const machine = await installedMachine(t, 'user.* /var/log/all');
  const screen = await logIn(machine, 'ann');
  machine.write('/etc/hosts', '127.0.0.1 localhost loghost\n');
  machine.write('/usr/local/bin/rotated', '#!/bin/sh\necho "$1" >> /var/log/rotated\n', 0o755);
  await machine.must('mkfifo', '-m', '622', '/run/reader');
  await machine.must('systemctl', 'enable', '--now', UNIT);
  await works(t, machine, 'user.* /var/log/file', '/var/log/file', / demo: hello$/);
  await works(t, machine, 'user.* /var/log/json ;JSON,mode=0600,owner=ann,group=adm', '/var/log/json', /"hello"/);
  assert.equal(await machine.must('stat', '-c', '%a %U %G', '/var/log/json'), '600 ann adm');
  await works(t, machine, 'user.* |cat >> /var/log/command', '/var/log/command', / demo: hello$/);
  await works(t, machine, 'user.* ann', screen, /demo: hello/);
  machine.write(screen, '');
  await works(t, machine, 'user.* *', screen, /hello/);
  await background(machine, 'perl', '-e', RECEIVER);
  await works(t, machine, 'user.* @loghost:1514', '/var/tmp/forwarded', /^<13>.*demo: hello$/);
  await works(t, machine, 'user.* @127.0.0.1:1514 ;RFC5424', '/var/tmp/forwarded', /^<13>1 .* demo .* hello$/);
  machine.spawn('sh', '-c', 'exec cat /run/reader > /var/tmp/fifo');
  await works(t, machine, 'user.* |/run/reader', '/var/tmp/fifo', / demo: hello$/);
  await works(
    t,
    machine,
    'notify /usr/local/bin/rotated\nuser.* /var/log/turn ;rotate=1k:3',
    '/var/log/turn',
    /hello$/,
  );
  await machine.must('systemctl', 'kill', '-s', 'USR2', '--kill-who=main', UNIT);
  await machine.line('/var/log/rotated', /^\/var\/log\/turn$/);
  assert.match(await machine.must('ls', '/var/log'), /^turn\.0/m);
  assert.equal(await machine.show(UNIT, 'StatusText'), 'running');
});

test('console and terminals are written to', { skip }, async (t) => {
  const machine = await runningMachine(t, 'user.* /dev/console');
  await machine.must('logger', '-t', 'demo', 'to the console');
  await until('it is on the console', () => / demo: to the console\r?$/m.test(machine.console));
});

test('UDP is received by the daemon’s own socket, and by the one of the socket unit', { skip }, async (t) => {
  const machine = await runningMachine(t, 'user.* /var/log/all');
  await machine.must('logger', '-n', '127.0.0.1', '-P', '514', '-d', '-t', 'demo', 'own');
  await machine.line('/var/log/all', / own$/);
  await machine.must('systemctl', 'stop', 'syslog.socket', UNIT);
  await machine.must('systemctl', 'enable', '--now', 'tsyslogd.socket');
  // Nobody reads yet: the message waits, and starts the daemon.
  await machine.must('logger', '-n', '127.0.0.1', '-P', '514', '-d', '-t', 'demo', 'passed');
  await machine.line('/var/log/all', / passed$/);
  await machine.must('systemctl', 'start', UNIT);
  await machine.must('logger', '-t', 'demo', 'to the journal');
  await machine.line('/var/log/all', / to the journal$/);
});

test('writing elsewhere fails with a reason, and is allowed by a line in the unit', { skip }, async (t) => {
  const machine = await installedMachine(t, 'user.* /var/log/all\nuser.* /srv/log');
  await machine.must('systemctl', 'enable', '--now', UNIT);
  await machine.line(SELF, /cannot open file "\/srv\/log": read-only file system/i);
  machine.write(`/etc/systemd/system/${UNIT}.d/srv.conf`, '[Service]\nReadWritePaths=/srv\n');
  await machine.must('systemctl', 'daemon-reload');
  await machine.must('systemctl', 'restart', UNIT);
  await machine.must('logger', '-t', 'demo', 'hello');
  await machine.line('/srv/log', / demo: hello$/);
});
