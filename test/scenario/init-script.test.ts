/**
 * The init script, run as a machine without systemd runs it, but away from the machine: all its paths come from a
 * file like /etc/default/tsyslogd.
 */
import assert from 'node:assert/strict';
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { MARK_VARIABLE } from '../runner/leftovers.ts';
import { TestDaemon } from '../support/daemon.ts';
import { builtPath, projectPath } from '../support/project.ts';
import { isAlive, RestartingDaemon } from '../support/restarting.ts';
import { sendLocal } from '../support/send.ts';
import { until } from '../support/until.ts';

const SCRIPT = projectPath('etc', 'init.d', 'tsyslogd');

/** Of the environment, which at boot is nearly empty: what finds programs, and what the run of the tests needs. */
const KEPT = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => ['PATH', 'TMPDIR', MARK_VARIABLE].includes(name)),
);

class Machine {
  readonly dir: string;
  readonly #shell: readonly string[];

  constructor(t: TestContext, shell: readonly string[] = ['sh']) {
    this.dir = TestDaemon.folder(t);
    this.#shell = shell;
    RestartingDaemon.at(t, this.dir);
    this.#program('tsyslogd', builtPath('src', 'cli', 'tsyslogd.cjs'));
    this.#program('tsyslogctl', builtPath('src', 'cli', 'tsyslogctl.cjs'));
    writeFileSync(`${this.dir}/conf`, 'user.* ./all\nsyslog.* ./self\n');
    this.configure(`-K -n -ss -p ${this.dir}/log`);
  }

  configure(options: string, more = ''): void {
    const { dir } = this;
    const lines = [
      `TSYSLOGD=${dir}/tsyslogd`,
      `TSYSLOGCTL=${dir}/tsyslogctl`,
      `TSYSLOGD_CONFIG=${dir}/conf`,
      `TSYSLOGD_PIDFILE=${dir}/pid`,
      `TSYSLOGD_OPTIONS="${options}"`,
      more,
    ];
    writeFileSync(`${dir}/default`, `${lines.join('\n')}\n`);
  }

  run(...args: readonly string[]): SpawnSyncReturns<string> {
    const [shell = '', ...rest] = [...this.#shell, SCRIPT, ...args];
    return spawnSync(shell, rest, {
      env: { ...KEPT, TSYSLOGD_DEFAULTS: `${this.dir}/default` },
      encoding: 'utf8',
      timeout: 60_000,
    });
  }

  get pid(): number {
    return Number(readFileSync(`${this.dir}/pid`, 'latin1'));
  }

  #program(name: string, path: string): void {
    writeFileSync(`${this.dir}/${name}`, `#!/bin/sh\nexec "${process.execPath}" "${path}" "$@"\n`);
    chmodSync(`${this.dir}/${name}`, 0o755);
  }
}

const shells = ['sh', 'dash', 'busybox sh'].filter(
  (shell) => spawnSync(shell.split(' ')[0] ?? '', [...shell.split(' ').slice(1), '-c', 'true']).status === 0,
);

for (const shell of shells) {
  test(`${shell}: start, status, reload, restart and stop do what they say, and say how it went`, async (t) => {
    const machine = new Machine(t, shell.split(' '));
    assert.equal(machine.run('status').status, 3);
    const started = machine.run('start');
    assert.deepEqual([started.status, started.stdout, started.stderr], [0, 'tsyslogd: started\n', '']);
    const { pid } = machine;
    assert.equal(machine.run('status').stdout, `tsyslogd: running, pid ${pid}\n`);
    assert.equal(machine.run('start').stdout, `tsyslogd: already running, pid ${pid}\n`);
    await sendLocal(`${machine.dir}/log`, ['<13>t: hello']);
    await until('the line is there', () => readFileSync(`${machine.dir}/all`, 'utf8').includes('hello'));
    assert.equal(machine.run('reload').status, 0);
    await until('it has said so', () =>
      /: reloaded .*, configuration 2\n/.test(readFileSync(`${machine.dir}/self`, 'utf8')),
    );
    assert.equal(machine.run('force-reload').status, 0);
    assert.equal(machine.run('restart').status, 0);
    assert.notEqual(machine.pid, pid);
    assert.equal(isAlive(pid), false);
    assert.equal(machine.run('stop').status, 0);
    assert.equal(existsSync(`${machine.dir}/pid`), false);
    assert.equal(machine.run('stop').status, 0, 'stopping what does not run is no failure');
  });
}

test('a wrong configuration: reload fails and names the place, restart leaves the daemon running', (t) => {
  const machine = new Machine(t);
  assert.equal(machine.run('start').status, 0);
  const { pid } = machine;
  writeFileSync(`${machine.dir}/conf`, 'maul.* ./all\n');
  const reload = machine.run('reload');
  assert.equal(reload.status, 1);
  assert.match(reload.stderr, /conf:1:1: /);
  const restart = machine.run('restart');
  assert.equal(restart.status, 6);
  assert.match(restart.stderr, /conf:1:1: /);
  assert.equal(machine.pid, pid);
  assert.ok(isAlive(pid));
});

test('a daemon that was killed: status 1, and start makes a new one', async (t) => {
  const machine = new Machine(t);
  machine.run('start');
  const { pid } = machine;
  process.kill(pid, 'SIGKILL');
  await until('it is gone', () => !isAlive(pid));
  assert.equal(machine.run('status').status, 1);
  assert.equal(machine.run('reload').status, 7);
  assert.equal(machine.run('start').status, 0);
  assert.notEqual(machine.pid, pid);
});

test('the pid of another program in the pid file is no daemon', (t) => {
  const machine = new Machine(t);
  writeFileSync(`${machine.dir}/pid`, '1\n');
  assert.equal(machine.run('status').status, 1);
  writeFileSync(`${machine.dir}/pid`, 'nonsense $(touch x)\n');
  assert.equal(machine.run('status').status, 3);
});

test('what cannot be done has the status that LSB gives it', (t) => {
  const machine = new Machine(t);
  assert.equal(machine.run().status, 2);
  assert.equal(machine.run('dance').status, 2);
  assert.equal(machine.run('reload').status, 7);
  machine.configure('--nonsense');
  assert.equal(machine.run('start').status, 1);
  machine.configure('', `TSYSLOGD_CONFIG=${machine.dir}/none`);
  assert.equal(machine.run('start').status, 6);
  machine.configure('', `TSYSLOGD=${machine.dir}/none`);
  assert.equal(machine.run('start').status, 5);
});
