/**
 * The process as others see it: its name, what signals do to it, and what it leaves alone in a container.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { portableMissing, TestDaemon } from '../support/daemon.ts';
import { builtPath } from '../support/project.ts';
import { descriptorsOf, RestartingDaemon } from '../support/restarting.ts';
import { sendLocal } from '../support/send.ts';

/** What `ps -C` and `pgrep` look for, and what `ps -f` shows. */
function namesOf(pid: number): readonly [string, string] {
  const shown = readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').trim();
  return [readFileSync(`/proc/${pid}/comm`, 'latin1').trim(), shown];
}

test('the process is called tsyslogd, with its arguments, in the foreground and after a restart', async (t) => {
  const daemon = await RestartingDaemon.start(t, { conf: 'user.* -DIR/all' });
  const expected = `tsyslogd -F -K -n -f ${daemon.dir}/conf `;
  const assertNamed = (pid: number): void => {
    const [name, shown] = namesOf(pid);
    assert.equal(name, 'tsyslogd');
    assert.ok(shown.startsWith(expected), shown);
  };
  assertNamed(daemon.pid);
  assertNamed(await daemon.restart());
});

/** Starts a daemon in the background. @returns what it said */
function detached(dir: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): string {
  writeFileSync(`${dir}/conf`, `user.* -${dir}/all\nsyslog.* -${dir}/self\n`);
  const own = ['-n', '-ss', '-f', `${dir}/conf`, '-p', `${dir}/log`, '-P', `${dir}/pid`, '-C', `${dir}/cache`];
  const { status, stderr } = spawnSync(process.execPath, [builtPath('src', 'cli', 'tsyslogd.cjs'), ...own, ...args], {
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...process.env, ...env },
  });
  assert.equal(status, 0, stderr);
  return stderr;
}

test('the process is called tsyslogd in the background too', async (t) => {
  const dir = TestDaemon.folder(t);
  detached(dir, ['-K']);
  const daemon = RestartingDaemon.at(t, dir);
  const [name, shown] = namesOf(daemon.pid);
  assert.equal(name, 'tsyslogd');
  assert.ok(shown.startsWith(`tsyslogd -n -ss -f ${dir}/conf`), shown);
  await daemon.stop();
});

test('SIGALRM is ignored, SIGQUIT ends as SIGTERM does', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: 'user.* -DIR/all' });
  daemon.child.kill('SIGALRM');
  await sendLocal(daemon.socket, ['<13>t: alive']);
  await daemon.line('all', /alive/);
  daemon.child.kill('SIGQUIT');
  assert.deepEqual(await daemon.exited, { code: 0, signal: null });
  await daemon.line('self', /exiting on signal SIGQUIT$/);
});

test("in a container the kernel's log is left alone, and that is said once", async (t) => {
  const dir = TestDaemon.folder(t);
  detached(dir, [], { container: 'test' });
  const daemon = RestartingDaemon.at(t, dir);
  assert.ok(!descriptorsOf(daemon.pid).includes('/dev/kmsg'));
  await daemon.restart();
  assert.ok(!descriptorsOf(daemon.pid).includes('/dev/kmsg'));
  await daemon.stop();
  const said = readFileSync(`${dir}/self`, 'utf8').match(/in a container \(container=test\): .*--kernel-log/g);
  assert.equal(said?.length, 1);
});

const HIDE_KOFFI = `const M = require('module'), find = M._resolveFilename;
M._resolveFilename = (name, ...rest) => { if (name === 'koffi') throw new Error('no koffi here'); return find.call(M, name, ...rest); };`;

test('a receiver that is only the second best says why', { skip: portableMissing() }, async (t) => {
  const dir = TestDaemon.folder(t);
  writeFileSync(`${dir}/hide.cjs`, HIDE_KOFFI);
  const env = { NODE_OPTIONS: `--require=${dir}/hide.cjs` };
  const daemon = await TestDaemon.start(t, { conf: 'user.* -DIR/all', env }, dir);
  const reason = 'using the portable receiver: koffi cannot be loaded: no koffi here';
  assert.ok(daemon.lines('self').some((line) => line.endsWith(reason)));
  assert.ok(daemon.stderr.includes(`tsyslogd: ${reason}\n`), daemon.stderr);
});
