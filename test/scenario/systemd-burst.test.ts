/**
 * A burst that the journal cannot hand on as fast as it comes, since the daemon does not read at the moment.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runningMachine, UNIT } from '../support/installed.ts';
import { type Machine, machineMissing } from '../support/machine.ts';
import { numbersOf } from '../support/numbered-sender.ts';

const ALL = '/var/log/all';
const COUNT = 5000;

/** Waits for the journal to have room: that loses nothing. */
const BURST = String.raw`
use Socket; my ($tag, $count) = @ARGV;
socket(my $socket, AF_UNIX, SOCK_DGRAM, 0) or die; connect($socket, pack_sockaddr_un('/dev/log')) or die "connect: $!";
for (0 .. $count - 1) { defined(send($socket, "<13>$tag: $_", 0)) or die "send: $!"; }
`;

/** Sends to a daemon that does not read. @returns how many arrive when it reads again */
async function burst(machine: Machine, tag: string): Promise<number> {
  const signal = (name: string): Promise<string> =>
    machine.must('systemctl', 'kill', '-s', name, '--kill-who=main', UNIT);
  await signal('STOP');
  await machine.must('perl', '-e', BURST, tag, String(COUNT));
  await machine.must('journalctl', '--sync');
  await signal('CONT');
  // Behind all that was forwarded; the journal waits for nobody, so that there must be room again.
  for (let round = 0; !machine.read(ALL).includes(` ${tag}-end: `); round++)
    await machine.must('logger', '-t', `${tag}-end`, String(round));
  return numbersOf(machine.lines(ALL), tag).length;
}

test('the sample settings give room to bursts, from the next boot on', { skip: machineMissing() }, async (t) => {
  const machine = await runningMachine(t, `user.* -${ALL}`);
  assert.ok((await burst(machine, 'before')) < COUNT, 'without them the journal loses messages');
  await machine.shell(`
    cp /opt/tsyslogd/etc/sysctl.d/tsyslogd.conf /etc/sysctl.d/
    mkdir /etc/systemd/system/syslog.socket.d
    cp /opt/tsyslogd/etc/systemd/syslog.socket.d/* /etc/systemd/system/syslog.socket.d/`);
  await machine.reboot();
  assert.equal(await machine.must('cat', '/proc/sys/net/unix/max_dgram_qlen'), '16384');
  assert.equal(await burst(machine, 'after'), COUNT);
});
