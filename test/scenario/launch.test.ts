/**
 * The process around the daemon: the size of the thread pool, signals before the daemon takes them, what cannot be
 * loaded or printed.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, cpSync, openSync, readdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { cleanUp, TestDaemon } from '../support/daemon.ts';
import { builtPath } from '../support/project.ts';
import { sendLocal } from '../support/send.ts';

function threads(daemon: TestDaemon): number {
  return readdirSync(`/proc/${daemon.child.pid}/task`).length;
}

test('the thread pool has 16 threads unless the environment says otherwise', async (t) => {
  const wrapper = ['env', '-u', 'UV_THREADPOOL_SIZE'];
  const daemon = await TestDaemon.start(t, { conf: '', wrapper });
  const small = await TestDaemon.start(t, { conf: '', wrapper: [...wrapper, 'UV_THREADPOOL_SIZE=3'] });
  assert.equal(threads(daemon) - threads(small), 13);
});

test('commands inherit the size of the pool only where it was given', async (t) => {
  for (const [given, inherited] of [
    ['', 'none'],
    ['UV_THREADPOOL_SIZE=3', '3'],
  ] as const) {
    const wrapper = ['env', '-u', 'UV_THREADPOOL_SIZE', ...(given === '' ? [] : [given])];
    const conf = 'user.* |read -r line; echo "pool ${UV_THREADPOOL_SIZE:-none}" >> DIR/env';
    const daemon = await TestDaemon.start(t, { conf, wrapper });
    await sendLocal(daemon.socket, ['<13>t: go']);
    assert.equal(await daemon.line('env', /^pool/), `pool ${inherited}`);
  }
});

test('SIGHUP, SIGUSR1 and SIGUSR2 during the start open no debugger, and are obeyed when it is ready', async (t) => {
  const dir = TestDaemon.folder(t);
  // The umask is set in the middle of the start, before there is a daemon.
  writeFileSync(
    `${dir}/hook.cjs`,
    `const { umask } = process;
    process.umask = (mask) => {
      for (const name of ['SIGHUP', 'SIGUSR1', 'SIGUSR2']) process.kill(process.pid, name);
      return umask(mask);
    };`,
  );
  const daemon = await TestDaemon.start(t, { conf: 'user.* DIR/a', env: { NODE_OPTIONS: `-r ${dir}/hook.cjs` } }, dir);
  await sendLocal(daemon.socket, ['<13>t: works']);
  await daemon.line('a', /works/);
  await daemon.line('self', /: reloaded /);
  await daemon.line('self', /: nothing to rotate/);
  assert.doesNotMatch(daemon.stderr, /[Dd]ebugger/);
});

test('a program that cannot be loaded says so in one line, with status 1', (t) => {
  const dir = TestDaemon.folder(t);
  for (const file of ['tsyslogd.cjs', 'check-node.cjs', 'tsyslogd/process.cjs', 'command-line/load-one-by-one.js'])
    cpSync(builtPath('src', 'cli', file), `${dir}/${file}`);
  const { status, stderr } = spawnSync(process.execPath, [`${dir}/tsyslogd.cjs`, '--help'], { encoding: 'utf8' });
  assert.equal(status, 1);
  assert.match(stderr, /^tsyslogd: cannot load the program: [^\n]*run-daemon\.js[^\n]*\n$/);
});

for (const [name, file] of [
  ['tsyslogd', 'tsyslogd.cjs'],
  ['tsyslogctl', 'tsyslogctl.cjs'],
] as const)
  test(`${name}: what cannot be printed is one line, with status 1`, (t) => {
    const full = openSync('/dev/full', 'w');
    cleanUp(t, () => closeSync(full));
    const { status, stderr } = spawnSync(process.execPath, [builtPath('src', 'cli', file), '--help'], {
      encoding: 'utf8',
      stdio: ['ignore', full, 'pipe'],
    });
    assert.deepEqual([status, stderr], [1, `${name}: cannot write to standard output: no space left on device\n`]);
  });
