/**
 * Bad input: one clear line, the right exit status, nothing half-started.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { TestDaemon } from '../support/daemon.ts';
import { freeUdpPort } from '../support/ports.ts';
import { builtPath } from '../support/project.ts';
import { sendLocal, sendUdp } from '../support/send.ts';
import { UdpReceiver } from '../support/udp-receiver.ts';

const asRoot = process.getuid?.() === 0 ? false : 'needs root to become another user';

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(dir: string, args: readonly string[], uid?: number): Outcome {
  const { status, stdout, stderr } = spawnSync(process.execPath, [builtPath('src', 'cli', 'tsyslogd.cjs'), ...args], {
    cwd: dir,
    encoding: 'utf8',
    timeout: 60_000,
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  return { status, stdout, stderr };
}

/** A command line on which everything is right. */
function sound(dir: string): string[] {
  writeFileSync(`${dir}/conf`, `user.* ${dir}/a\n`);
  return ['-F', '-K', '-ss', '-f', `${dir}/conf`, '-p', `${dir}/log`, '-P', `${dir}/pid`];
}

const USAGE: readonly (readonly [string, readonly string[], string | RegExp])[] = [
  ['an unknown short option', ['-j'], "unknown option '-j'"],
  ['an unknown long option', ['--nonsense'], "unknown option '--nonsense'"],
  ['an argument of several lines', ['a\nb\u001b[2J'], "unexpected argument 'a\\nb\\x1b[2J': expected only options"],
  ['a missing value', ['-f'], "option '-f' needs a value: expected FILE"],
  ['a stray argument', ['stray'], "unexpected argument 'stray': expected only options"],
  ['a bad number', ['-m', 'often'], "bad value 'often' for option '-m': expected minutes, 0 to 525600"],
  [
    'a bad receiver',
    ['--receiver', 'magic'],
    "bad value 'magic' for option '--receiver': expected 'batch' or 'portable'",
  ],
  ['a bad umask', ['--umask', '8'], "bad value '8' for option '--umask': expected octal, 0 to 777"],
  ['a flag with a value', ['--foreground=yes'], "option '--foreground' takes no value: found 'yes'"],
  ['a slip', ['--foregroud'], "unknown option '--foregroud': did you mean '--foreground'?"],
  ['the version among other options', ['-v', '-v'], /^option '-v' prints the version and must be used alone: /],
  [
    'an address of the other family',
    ['--check', '-6', '-b', '127.0.0.1'],
    "option '-6' conflicts with '-b 127.0.0.1': expected an IPv6 address",
  ],
];

for (const [title, args, expected] of USAGE) {
  test(`usage: ${title}: one line, where to find help, exit 2`, (t) => {
    const { status, stdout, stderr } = run(TestDaemon.folder(t), args);
    assert.equal(status, 2);
    assert.equal(stdout, '');
    const [said = '', ...more] = stderr.split('\n');
    assert.deepEqual(more, ['try tsyslogd --help', '']);
    if (typeof expected === 'string') assert.equal(said, `tsyslogd: ${expected}`);
    else assert.match(said.replace('tsyslogd: ', ''), expected);
  });
}

test('--help, -h and -? print the usage, --version, -v and -V the version, exit 0', (t) => {
  const dir = TestDaemon.folder(t);
  for (const flag of ['--help', '-h', '-?']) assert.match(run(dir, [flag]).stdout, /^usage: tsyslogd/);
  for (const flag of ['--version', '-v', '-V']) assert.match(run(dir, [flag]).stdout, /^tsyslogd \d+\.\d+\.\d+\n$/);
});

interface Fault {
  readonly title: string;
  readonly prepare: (dir: string, args: string[]) => readonly string[];
  readonly expected: RegExp;
  readonly uid?: number;
}

/** The log socket at another path. */
function elsewhere(args: readonly string[], path: string): readonly string[] {
  return args.map((arg, idx) => (args[idx - 1] === '-p' ? path : arg));
}

const FAULTS: readonly Fault[] = [
  {
    title: 'a missing configuration',
    prepare: (dir, args) => [...args, '-f', `${dir}/none`],
    expected: /^tsyslogd: cannot read configuration ".*\/none": no such file or directory\n$/,
  },
  {
    title: 'a configuration that is a directory',
    prepare: (dir, args) => [...args, '-f', dir],
    expected: /^tsyslogd: cannot read configuration ".*": not a regular file\n$/,
  },
  {
    title: 'a configuration that may not be read',
    uid: 65_534,
    prepare: (dir, args) => {
      chmodSync(`${dir}/conf`, 0o600);
      chmodSync(dir, 0o777);
      return args;
    },
    expected: /^tsyslogd: cannot read configuration ".*": permission denied\n$/,
  },
  {
    title: 'a certificate in place of the cache of the kernel log',
    prepare: (dir, args) => {
      writeFileSync(`${dir}/cert.pem`, '-----BEGIN CERTIFICATE-----\n');
      // In a container too, where the kernel's log is read only if asked for.
      return [...args.filter((arg) => arg !== '-K'), '--kernel-log', '-l', '-C', `${dir}/cert.pem`];
    },
    expected: /^tsyslogd: ".*\/cert\.pem" is not a kernel log cache: expected one, or no file\n$/,
  },
  {
    title: 'a list of sockets in place of the pid file',
    prepare: (dir, args) => {
      writeFileSync(`${dir}/sockets`, '/var/run/log\n');
      return [...args, '-P', `${dir}/sockets`];
    },
    expected: /^tsyslogd: ".*\/sockets" is not a pid file: expected one, or no file\n$/,
  },
  {
    title: 'a regular file in place of the log socket',
    prepare: (dir, args) => {
      writeFileSync(`${dir}/log`, 'precious');
      return args;
    },
    expected: /^tsyslogd: .*log.*\n$/,
  },
  {
    title: 'a log socket in a missing directory',
    prepare: (dir, args) => elsewhere(args, `${dir}/none/log`),
    expected: /^tsyslogd: .*none\/log.*no such file or directory.*\n$/,
  },
  {
    title: 'a log socket where nothing may be made',
    uid: 65_534,
    prepare: (dir, args) => {
      mkdirSync(`${dir}/mine`);
      chmodSync(`${dir}/mine`, 0o755);
      chmodSync(dir, 0o777);
      return elsewhere(args, `${dir}/mine/log`);
    },
    expected: /^tsyslogd: .*mine\/log.*permission denied.*\n$/,
  },
  {
    title: 'a path of a log socket that is too long',
    prepare: (dir, args) => [...args, '-p', `${dir}/${'x'.repeat(120)}`],
    expected: /^tsyslogd: .*x{120}.*\n$/,
  },
  {
    title: 'a pid file that is a directory',
    prepare: (dir, args) => [...args, '-P', dir],
    expected: /^tsyslogd: cannot use pid file ".*": is not a regular file\n$/,
  },
  {
    title: 'a pid file that is a device',
    prepare: (_dir, args) => [...args, '-P', '/dev/null'],
    expected: /^tsyslogd: cannot use pid file "\/dev\/null": is not a regular file\n$/,
  },
  {
    title: 'a configuration that never ends',
    prepare: (_dir, args) => [...args, '-f', '/dev/zero'],
    expected: /^tsyslogd: cannot read configuration "\/dev\/zero": not a regular file\n$/,
  },
];

for (const { title, prepare, expected, uid } of FAULTS) {
  test(`start: ${title}: one line, exit 1, nothing left`, { skip: uid === undefined ? false : asRoot }, (t) => {
    const dir = TestDaemon.folder(t);
    const args = prepare(dir, sound(dir));
    const before = readdirSync(dir).toSorted();
    const { status, stderr, stdout } = run(dir, args, uid);
    assert.equal(status, 1, stderr);
    assert.match(stderr, expected);
    assert.equal(stdout, '');
    assert.deepEqual(readdirSync(dir).toSorted(), before, 'nothing half-started is left');
  });
}

test('start: rules in error are left out and reported; the others work', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: 'maul.* DIR/x\nuser.* DIR/a\nuser.* DIR/b ;nonsense' });
  await sendLocal(daemon.socket, ['<13>t: works']);
  await daemon.line('a', /works/);
  assert.match(daemon.stderr, /^tsyslogd: .*conf:1:1: .*maul/m);
  assert.match(daemon.stderr, /^tsyslogd: .*conf:3:\d+: .*nonsense/m);
  assert.match(daemon.lines('self').join('\n'), /conf:1:1: .*maul/);
  assert.equal(existsSync(daemon.path('x')), false);
});

test('--check: prints every error, exits 3, touches nothing', (t) => {
  const dir = TestDaemon.folder(t);
  writeFileSync(`${dir}/conf`, `maul.* ${dir}/x\nuser.* ${dir}/y\nuser.info\n`);
  const { status, stdout, stderr } = run(dir, ['--check', '-f', `${dir}/conf`]);
  assert.equal(status, 3);
  assert.match(stdout, /conf:1:1: .*maul/);
  assert.match(stdout, /conf:3:/);
  assert.equal(stderr, '');
  assert.deepEqual(readdirSync(dir), ['conf']);
});

test('--check: a sound configuration exits 0', (t) => {
  const dir = TestDaemon.folder(t);
  writeFileSync(`${dir}/conf`, `user.* ${dir}/y\n`);
  assert.deepEqual(run(dir, ['--check', '-f', `${dir}/conf`]), {
    status: 0,
    stdout: `${dir}/conf: no errors\n`,
    stderr: '',
  });
});

test('a UDP port in use is reported once; the rest runs, and the port is taken when it is free', async (t) => {
  const squatter = await UdpReceiver.start(t);
  const { port } = squatter;
  const daemon = await TestDaemon.start(t, { conf: '*.* DIR/a', args: ['-b', `127.0.0.1:${port}`] });
  await sendLocal(daemon.socket, ['<13>t: works']);
  await daemon.line('a', /t: works/);
  assert.match(daemon.lines('a').join('\n'), new RegExp(`127\\.0\\.0\\.1:${port}: address already in use`));
  await squatter.close();
  await daemon.line('self', new RegExp(`(?:listening|receiving).*127\\.0\\.0\\.1:${port}`));
  await sendUdp(port, ['<13>t: over UDP']);
  await daemon.line('a', /over UDP/);
});

test('listen: an address of the other family than -4 says is left out, and told once', async (t) => {
  const port = await freeUdpPort();
  const daemon = await TestDaemon.start(t, {
    conf: `listen [::1]:${port}\nlisten 127.0.0.1:${port}\nuser.* DIR/a`,
    args: ['-4'],
  });
  await daemon.reload();
  await sendUdp(port, ['<13>t: over UDP']);
  await daemon.line('a', /over UDP/);
  const told = daemon.lines('self').filter((line) => line.includes('::1'));
  assert.equal(told.length, 1);
  assert.match(told[0] ?? '', /not listening on "::1": forbidden by option '-4'$/);
});

for (const [what, args, status] of [
  ['the usage', ['--nonsense'], 2],
  ['an error', ['-F', '-f', '/none'], 1],
] as const)
  test(`${what} that nobody can take changes no exit status`, () => {
    const program = [process.execPath, builtPath('src', 'cli', 'tsyslogd.cjs'), ...args];
    assert.equal(spawnSync('sh', ['-c', 'exec "$@" 2>/dev/full', 'sh', ...program]).status, status);
  });

test('--help into a pipe whose reader has gone is silent; onto a full disk it is an error', () => {
  const program = [process.execPath, builtPath('src', 'cli', 'tsyslogd.cjs'), '--help'];
  const gone = spawnSync('bash', ['-c', 'set -o pipefail; "$@" | sleep 0', 'bash', ...program], { encoding: 'utf8' });
  assert.deepEqual([gone.status, gone.stderr], [0, '']);
  const full = spawnSync('sh', ['-c', 'exec "$@" >/dev/full', 'sh', ...program], { encoding: 'utf8' });
  assert.equal(full.status, 1);
  assert.match(full.stderr, /^tsyslogd: .*no space left on device.*\n$/);
});
