/**
 * Becoming a daemon: the command returns when the daemon is ready or says why it is not; the daemon keeps nothing
 * of where it was started.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { cleanUp, TestDaemon } from '../support/daemon.ts';
import { builtPath, projectPath } from '../support/project.ts';
import { Pty, ptyMissing } from '../support/pty.ts';
import { sendLocal } from '../support/send.ts';
import { until } from '../support/until.ts';

interface Started {
  readonly dir: string;
  readonly status: number | null;
  readonly stderr: string;
  readonly pid: number;
}

/** Runs the command without -F from a shell with 201 descriptors too many. */
function start(t: TestContext, conf = 'user.* ./a\nsyslog.* ./self\n', args: readonly string[] = []): Started {
  const dir = TestDaemon.folder(t);
  writeFileSync(`${dir}/conf`, conf);
  const command = [process.execPath, builtPath('src', 'cli', 'tsyslogd.cjs'), '-K', '-n', '-ss'];
  const own = ['-f', 'conf', '-p', 'log', '-P', 'pid', ...args];
  const script =
    'umask 077; ulimit -Sc unlimited; for fd in {5..204}; do eval "exec $fd</dev/zero"; done; exec 205</etc/passwd; "$@"; exit $?';
  const { status, stderr } = spawnSync('bash', ['-c', script, 'bash', ...command, ...own], {
    cwd: dir,
    encoding: 'utf8',
    timeout: 60_000,
  });
  const pid = existsSync(`${dir}/pid`) ? Number(readFileSync(`${dir}/pid`, 'latin1')) : 0;
  cleanUp(t, async () => {
    if (pid === 0 || isGone(pid)) return;
    process.kill(pid, 'SIGKILL');
    await until('the daemon is gone', () => isGone(pid));
  });
  return { dir, status, stderr, pid };
}

/** Ended, whether init has taken note of it or not. */
function isGone(pid: number): boolean {
  return !existsSync(`/proc/${pid}`) || stat(pid)[0] === 'Z';
}

/** Fields of proc_pid_stat(5) behind the name: state, ppid, pgrp, session, tty_nr. */
function stat(pid: number): readonly string[] {
  return readFileSync(`/proc/${pid}/stat`, 'latin1')
    .replace(/^.*\) /s, '')
    .split(' ');
}

test('the command returns 0 when the daemon is ready, and says nothing', (t) => {
  const { dir, status, stderr, pid } = start(t);
  assert.equal(status, 0);
  assert.equal(stderr, '');
  assert.ok(pid > 0 && existsSync(`/proc/${pid}`));
  assert.ok(existsSync(`${dir}/log`), 'the socket is bound');
  assert.ok(existsSync(`${dir}/a`), 'the rules are loaded');
});

test('a daemon has a session of its own, is not its leader, and has no terminal', (t) => {
  const { pid } = start(t);
  const [, , , session, terminal] = stat(pid);
  assert.notEqual(Number(session), pid);
  assert.notEqual(Number(session), Number(stat(process.pid)[3]));
  assert.equal(Number(terminal), 0);
});

test('a daemon keeps no directory and no umask of its starter, and dumps no core', (t) => {
  const { pid } = start(t);
  assert.equal(readlinkSync(`/proc/${pid}/cwd`), '/');
  assert.match(readFileSync(`/proc/${pid}/status`, 'latin1'), /^Umask:\t0022$/m);
  assert.match(readFileSync(`/proc/${pid}/limits`, 'latin1'), /^Max core file size +0 +0 /m);
});

/** Flags of an open descriptor; null: it is none. Source: proc_pid_fdinfo(5). */
function flagsOf(pid: number, fd: number): number | null {
  try {
    const text = readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'latin1');
    return Number.parseInt(/^flags:\s+(\d+)$/m.exec(text)?.[1] ?? '', 8);
  } catch {
    return null;
  }
}

/** Where each descriptor of a process leads. */
function descriptors(pid: number): ReadonlyMap<number, string> {
  return new Map(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return [[Number(fd), readlinkSync(`/proc/${pid}/fd/${fd}`)] as const];
      } catch {
        // One that was closed since.
        return [];
      }
    }),
  );
}

test('200 inherited descriptors are closed, 0 to 2 lead to /dev/null, all others are close-on-exec', (t) => {
  const { dir, pid } = start(t);
  const targets = descriptors(pid);
  for (const fd of [0, 1, 2]) assert.equal(targets.get(fd), '/dev/null');
  for (const [fd, target] of targets) {
    assert.equal(/^\/dev\/zero$|^\/etc\/passwd$/.test(target), false, `descriptor ${fd} leads to ${target}`);
    if (fd <= 2) continue;
    const flags = flagsOf(pid, fd);
    // One that was closed since.
    if (flags === null) continue;
    assert.notEqual(flags & 0o2000000, 0, `descriptor ${fd}, ${target}, is close-on-exec`);
  }
  assert.ok([...targets.values()].includes(`${dir}/a`), 'what belongs to the daemon is open');
});

/** Calls of open(2) without O_NOCTTY; O_DIRECTORY opens no terminal, and /proc holds none of its own. */
const OPENS = /\bopen(?:Sync)?\((?!['`]\/(?:dev\/null|proc)\b)[^;]*?\bO_(?:RDONLY|WRONLY|RDWR)\b[^;]*;/g;

test('whatever is opened by its flags is never taken for the controlling terminal', () => {
  const folder = projectPath('src');
  const offenders = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => {
      const text = readFileSync(`${folder}/${name}`, 'utf8');
      const shared = [...text.matchAll(/^const (\w*FLAGS) = .*O_NOCTTY.*;$/gm)].map(([, known]) => known ?? '');
      const calls = [...text.matchAll(OPENS)].map(([call]) => call);
      return calls
        .filter((call) => !call.includes('O_NOCTTY') && !/\bflags\b/.test(call))
        .filter((call) => !shared.some((known) => call.includes(known)))
        .map((call) => `${name}: ${call}`);
    });
  assert.deepEqual(offenders, []);
});

test('a daemon that opens a terminal gets no controlling one', { skip: ptyMissing() }, async (t) => {
  const pty = await Pty.open(t);
  const { dir, pid } = start(t, `user.* ${pty.path}\nsyslog.* ./self\n`);
  await sendLocal(`${dir}/log`, ['<13>t: hello']);
  await pty.shows(/hello/);
  assert.equal(Number(stat(pid)[4]), 0);
});

test('a daemon works, reloads with paths that were relative, and ends', async (t) => {
  const { dir, pid } = start(t);
  await sendLocal(`${dir}/log`, ['<13>t: hello']);
  await until('the line is there', () => readFileSync(`${dir}/a`, 'utf8').includes('hello'));
  process.kill(pid, 'SIGHUP');
  await until('it has reloaded', () => /: reloaded /.test(readFileSync(`${dir}/self`, 'utf8')));
  process.kill(pid, 'SIGTERM');
  await until('it has ended', () => isGone(pid));
  assert.deepEqual(readdirSync(dir).toSorted(), ['a', 'conf', 'self']);
});

test('the command prints why the daemon is not ready, and returns 1', (t) => {
  const { status, stderr, pid } = start(t, '', ['-f', 'none/conf']);
  assert.equal(status, 1);
  assert.match(stderr, /^tsyslogd: .*none\/conf.*no such file or directory.*\n$/);
  assert.equal(pid, 0);
});

test('the command prints one line and returns 1 where the daemon ends before it says anything', (t) => {
  const dir = TestDaemon.folder(t);
  const options = { encoding: 'utf8', cwd: dir, timeout: 60_000 } as const;
  writeFileSync(
    `${dir}/starter.mjs`,
    `const { startDetached } = await import(${JSON.stringify(builtPath('src', 'process', 'context', 'detach.js'))});
     if (process.env.DAEMON_CONTEXT_READY_FD !== undefined) process.exit(3);
     process.exitCode = await startDetached({ name: 'starter', preserve: [], inheritStdin: false, inheritStdout: false }) ? 0 : 1;`,
  );
  const { status, stderr } = spawnSync(process.execPath, [`${dir}/starter.mjs`], options);
  assert.deepEqual([status, stderr], [1, 'starter: exited too early\n']);
});

test('errors in the configuration reach the terminal, and the daemon runs', (t) => {
  const { status, stderr, pid } = start(t, 'maul.* ./a\nuser.* ./b\n');
  assert.equal(status, 0);
  assert.match(stderr, /^tsyslogd: .*conf:1:1: .*maul.*\n$/);
  assert.ok(pid > 0);
});

test('a second start is refused', (t) => {
  const { dir, pid } = start(t);
  const { status, stderr } = spawnSync(
    process.execPath,
    [builtPath('src', 'cli', 'tsyslogd.cjs'), '-K', '-ss', '-f', `${dir}/conf`, '-p', `${dir}/log`, '-P', `${dir}/pid`],
    { encoding: 'utf8' },
  );
  assert.equal(status, 1);
  assert.equal(stderr, `tsyslogd: already running, pid ${pid}\n`);
});

/** Starts the daemon in a folder that is removed before. */
function startNowhere(t: TestContext, pidFile: string) {
  const dir = TestDaemon.folder(t);
  writeFileSync(`${dir}/conf`, 'user.* ./a\n');
  const command = [process.execPath, builtPath('src', 'cli', 'tsyslogd.cjs'), '-K', '-n', '-ss', '-P', pidFile];
  const script = 'mkdir gone && cd gone && rmdir ../gone && exec "$@"';
  const { status, stderr } = spawnSync(
    'sh',
    ['-c', script, 'sh', ...command, '-f', `${dir}/conf`, '-p', `${dir}/log`],
    {
      cwd: dir,
      encoding: 'utf8',
      timeout: 60_000,
    },
  );
  return { dir, status, stderr };
}

test('a command whose working directory was removed starts the daemon with absolute paths', (t) => {
  const pidFile = `${TestDaemon.folder(t)}/pid`;
  const { dir, status } = startNowhere(t, pidFile);
  assert.equal(status, 0);
  const pid = Number(readFileSync(pidFile, 'latin1'));
  cleanUp(t, async () => {
    process.kill(pid, 'SIGKILL');
    await until('the daemon is gone', () => isGone(pid));
  });
  assert.ok(existsSync(`${dir}/log`));
});

test('a command whose working directory was removed says what a relative path lacks, with status 2', (t) => {
  const { dir, status, stderr } = startNowhere(t, 'pid');
  assert.equal(status, 2);
  assert.match(stderr, /^tsyslogd: the working directory was removed: 'pid': expected an absolute path$/m);
  assert.deepEqual(readdirSync(dir), ['conf']);
});
