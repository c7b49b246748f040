/**
 * A start that fails, at every point at which it can: one line and status 1, and nothing is left of it, in the
 * foreground and in the background: no process, no socket, no FIFO, no pid file.
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { TestDaemon } from '../support/daemon.ts';
import { processesNaming } from '../support/processes.ts';
import { builtPath } from '../support/project.ts';
import { until } from '../support/until.ts';

const isRoot = process.getuid?.() === 0;
const UID = 61_234;
const GID = 61_235;

/** A log that has everything that can be left, and a mistake that is reported to a command that does not end. */
const CONF = 'user.* -DIR/file\nlocal0.* |DIR/fifo\nsyslog.* |cat > /dev/null; : DIR; sleep 1000\nmaul.* DIR/never\n';
/** What the mistake is reported as, on stderr too. */
const REPORTED = /^tsyslogd: \S+conf:4:1: .*\n/;

interface Case {
  readonly name: string;
  readonly args?: readonly string[];
  readonly wrapper?: readonly string[];
  /** Needs a folder prepared. @returns names that stay */
  readonly prepare?: (dir: string) => readonly string[];
  readonly skip?: string | false;
  readonly complaint: RegExp;
}

/** Root without one capability: what has been checked before fails nevertheless. */
function without(capability: string): readonly string[] {
  return ['setpriv', `--bounding-set=-${capability}`, `--inh-caps=-${capability}`];
}

function withoutMissing(): string | false {
  if (!isRoot) return 'needs root to give it up';
  return spawnSync('setpriv', [...without('setuid').slice(1), 'true']).status === 0
    ? false
    : 'setpriv does not work here';
}

const USER: readonly string[] = ['--user', String(UID), '--group', String(GID)];
const GIVE_UP = /^tsyslogd: cannot drop privileges: operation not permitted\n$/;

const CASES: readonly Case[] = [
  {
    name: 'the configuration is missing',
    args: ['-f', '/no/such/conf'],
    complaint: /^tsyslogd: cannot read configuration "\/no\/such\/conf": no such file or directory\n$/,
  },
  {
    name: 'a file stands where the log socket is to be',
    prepare: (dir) => {
      writeFileSync(`${dir}/log`, '');
      return ['log'];
    },
    complaint: /^tsyslogd: cannot create log socket "\S+\/log": a regular file is in the way\n$/,
  },
  {
    name: 'a folder stands where the pid file is to be',
    prepare: (dir) => {
      mkdirSync(`${dir}/pid`);
      return ['pid'];
    },
    complaint: /^tsyslogd: cannot use pid file "\S+\/pid": is not a regular file\n$/,
  },
  {
    name: 'a file stands where the control pipe is to be',
    prepare: (dir) => {
      writeFileSync(`${dir}/pipe`, '');
      return ['pipe'];
    },
    complaint: /^tsyslogd: cannot use control pipe "\S+\/pipe": a regular file is in the way\n$/,
  },
  {
    name: 'the user does not exist',
    args: ['--user', 'no-such-user'],
    complaint: /^tsyslogd: no such user: "no-such-user"\n$/,
  },
  ...(['setgid', 'setuid'] as const).map((capability) => ({
    name: `the group or user cannot be changed: no CAP_${capability.toUpperCase()}`,
    args: USER,
    wrapper: without(capability),
    skip: withoutMissing(),
    complaint: GIVE_UP,
  })),
  ...(['sys_chroot', 'setuid'] as const).map((capability) => ({
    name: `--chroot, and no CAP_${capability.toUpperCase()}`,
    args: [...USER, '--chroot', 'DIR/jail'],
    wrapper: without(capability),
    skip: withoutMissing(),
    prepare: (dir: string) => {
      mkdirSync(`${dir}/jail`);
      return ['jail'];
    },
    complaint: GIVE_UP,
  })),
];

function commandLine(dir: string, args: readonly string[]): readonly string[] {
  const own = ['-K', '-n', '-ss', '-f', `${dir}/conf`, '-p', `${dir}/log`, '-P', `${dir}/pid`];
  const control = ['--control', `${dir}/ctl`, '--control-pipe', `${dir}/pipe`];
  const more = args.map((arg) => arg.replace('DIR', dir));
  return [process.execPath, builtPath('src', 'cli', 'tsyslogd.cjs'), ...own, ...control, ...more];
}

function prepared(t: TestContext): string {
  const dir = TestDaemon.folder(t);
  writeFileSync(`${dir}/conf`, CONF.replaceAll('DIR', dir));
  return dir;
}

/** Files of the log may stay; a FIFO, socket or pid file that was made must not. */
async function assertNothingLeft(dir: string, stays: readonly string[]): Promise<void> {
  // A daemon in the background says why it ends, and ends.
  await until('no process is left', () => processesNaming(dir).length === 0);
  assert.deepEqual(
    readdirSync(dir)
      .filter((name) => name !== 'file')
      .toSorted(),
    ['conf', ...stays].toSorted(),
  );
}

for (const { name, args = [], wrapper = [], prepare, skip = false, complaint } of CASES) {
  for (const foreground of [['-F'], []]) {
    test(`${name}${foreground.length > 0 ? ', in the foreground' : ''}`, { skip }, async (t) => {
      const dir = prepared(t);
      const stays = prepare?.(dir) ?? [];
      const [program = '', ...rest] = [...wrapper, ...commandLine(dir, [...foreground, ...args])];
      const { status, stderr } = spawnSync(program, rest, { encoding: 'utf8', timeout: 60_000, killSignal: 'SIGKILL' });
      assert.equal(status, 1, stderr);
      assert.match(stderr.replace(REPORTED, '').replace(/^tsyslogd: cannot open .*\n/gm, ''), complaint);
      await assertNothingLeft(dir, stays);
    });
  }
}

/** Answers the command at once, and the daemon only when the command has been killed. */
const SLOW_GETENT = `#!/bin/sh
if mkdir DIR/bin/asked 2>/dev/null; then :; else
  mkdir DIR/bin/waiting 2>/dev/null
  while [ ! -e DIR/bin/go ]; do sleep 0.05; done
fi
[ "$2" = passwd ] && echo "slow:x:${UID}:${GID}::/:/bin/sh" || exit 2
`;

test('a command that is killed leaves no daemon', { skip: isRoot ? false : 'needs root' }, async (t) => {
  const dir = prepared(t);
  chmodSync(dir, 0o755);
  mkdirSync(`${dir}/bin`);
  writeFileSync(`${dir}/bin/getent`, SLOW_GETENT.replaceAll('DIR', dir), { mode: 0o755 });
  const [program = '', ...rest] = commandLine(dir, ['--user', 'slow']);
  const env = { ...process.env, PATH: `${dir}/bin:${process.env['PATH']}` };
  const command = spawn(program, rest, { stdio: 'ignore', env });
  const ended = once(command, 'exit');
  await until('the daemon looks for the user', () => existsSync(`${dir}/bin/waiting`));
  command.kill('SIGKILL');
  await ended;
  mkdirSync(`${dir}/bin/go`);
  await assertNothingLeft(dir, ['bin']);
});
