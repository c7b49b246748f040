/**
 * tsyslogd on a machine with systemd, installed as an administrator does it by hand: programs in /usr/local/bin, units
 * in /etc/systemd/system, as they are in etc/systemd.
 */
import { chmodSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { relative } from 'node:path';
import { Machine } from './machine.ts';
import { builtPath, projectPath } from './project.ts';

export const UNIT = 'tsyslogd.service';
/** What the daemon says about itself. */
export const SELF = '/var/log/self';

/** @param conf the configuration; {@link SELF} is added to it */
export async function installedMachine(context: TestContext, conf: string): Promise<Machine> {
  const machine = await Machine.boot(context);
  for (const [name, file] of [
    ['tsyslogd', 'tsyslogd.cjs'],
    ['tsyslogctl', 'tsyslogctl.cjs'],
  ] as const) {
    const program = builtPath('src', 'cli', file);
    // As npm does it with the programs of a package.
    chmodSync(program, 0o755);
    await machine.must('ln', '-s', `/opt/tsyslogd/${relative(projectPath(), program)}`, `/usr/local/bin/${name}`);
  }
  await machine.shell(
    'cp /opt/tsyslogd/etc/systemd/tsyslogd.service /opt/tsyslogd/etc/systemd/tsyslogd.socket /etc/systemd/system/',
  );
  configure(machine, conf);
  return machine;
}

export function configure(machine: Machine, conf: string): void {
  machine.write('/etc/tsyslog.conf', `${conf}\nsyslog.* -${SELF}\n`);
}

/** Installs, enables and starts the service. */
export async function runningMachine(context: TestContext, conf: string): Promise<Machine> {
  const machine = await installedMachine(context, conf);
  await machine.must('systemctl', 'enable', '--now', UNIT);
  return machine;
}
