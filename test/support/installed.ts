/**
 * tsyslogd on a machine with systemd, installed by hand: programs in /usr/local/bin, units from etc/systemd in
 * /etc/systemd/system.
 */
import assert from 'node:assert/strict';
import { chmodSync, readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { Machine } from './machine.ts';
import { projectPath } from './project.ts';

export const UNIT = 'tsyslogd.service';
/** What the daemon says about itself. */
export const SELF = '/var/log/self';

/** @param conf the configuration; {@link SELF} is added to it */
export async function installedMachine(context: TestContext, conf: string): Promise<Machine> {
  const machine = await Machine.boot(context);
  for (const [name, file] of Object.entries(programs())) {
    // As npm does with the programs of a package.
    chmodSync(projectPath(file), 0o755);
    await machine.must('ln', '-s', `/opt/tsyslogd/${file}`, `/usr/local/bin/${name}`);
  }
  await machine.shell(
    'cp /opt/tsyslogd/etc/systemd/tsyslogd.service /opt/tsyslogd/etc/systemd/tsyslogd.socket /etc/systemd/system/',
  );
  configure(machine, conf);
  return machine;
}

/** @returns by name, files in the project */
function programs(): Readonly<Record<string, string>> {
  const found: unknown = JSON.parse(readFileSync(projectPath('package.json'), 'utf8'));
  assert.ok(typeof found === 'object' && found !== null && 'bin' in found);
  const { bin } = found;
  assert.ok(typeof bin === 'object' && bin !== null);
  return Object.fromEntries(Object.entries(bin).map(([name, file]) => [name, String(file)]));
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
