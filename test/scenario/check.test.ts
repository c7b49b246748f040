/**
 * `--check` says what a reload says, word for word, and changes nothing: for everything that may stand at a path, and
 * for every user that the daemon may be.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { ask, at } from '../support/control-client.ts';
import { cleanUp, TestDaemon } from '../support/daemon.ts';
import { builtPath } from '../support/project.ts';

const isRoot = process.getuid?.() === 0;
const needsRoot = isRoot ? false : 'needs root to become another user';
const NOBODY = 65_534;
const SELF = 'syslog.* -DIR/self\n';

/** What stands in the folder, by kind of thing. */
async function furnish(t: TestContext, dir: string): Promise<void> {
  for (const [name, mode] of [
    ['open', 0o777],
    ['sticky', 0o1777],
    ['locked', 0o555],
    ['secret', 0o700],
  ] as const) {
    mkdirSync(`${dir}/${name}`);
    writeFileSync(`${dir}/${name}/file`, 'x\n');
    chmodSync(`${dir}/${name}/file`, 0o644);
    symlinkSync(`${dir}/${name}/file`, `${dir}/${name}/link`);
    symlinkSync('nothing', `${dir}/${name}/dangling`);
    symlinkSync('/no/such/folder/file', `${dir}/${name}/astray`);
    symlinkSync('loop', `${dir}/${name}/loop`);
    mkdirSync(`${dir}/${name}/folder`);
    execFileSync('mkfifo', ['-m', '666', `${dir}/${name}/fifo`]);
    chmodSync(`${dir}/${name}`, mode);
    // Otherwise an ordinary user cannot remove what is in it.
    cleanUp(t, () => chmodSync(`${dir}/${name}`, 0o700));
  }
  symlinkSync('open', `${dir}/way`);
  writeFileSync(`${dir}/read-only`, '');
  chmodSync(`${dir}/read-only`, 0o444);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(`${dir}/socket`, resolve));
  cleanUp(t, () => new Promise((resolve) => server.close(resolve)));
}

const ENTRIES = ['new', 'file', 'link', 'dangling', 'astray', 'loop', 'folder', 'fifo'];
const FOLDERS = ['open', 'sticky', 'locked', 'secret', 'way', 'missing', 'read-only'];
const PATHS: readonly string[] = [
  ...FOLDERS.flatMap((folder) => ENTRIES.map((entry) => `DIR/${folder}/${entry}`)),
  'DIR/socket',
  'DIR/read-only',
  `DIR/${'n'.repeat(256)}`,
  '/dev/null',
  '/dev/no-such-device',
  '/dev/stderr',
  '/proc/version',
];
/** Configurations; each rule is a destination of its own. */
const CONFIGURATIONS: readonly (readonly string[])[] = [
  [...PATHS.map((path) => `user.* ${path}`), 'user.* @host.invalid', 'user.* no-such-user'],
  PATHS.map((path) => `user.* |${path}`),
  [
    'user.* DIR/open/owned ;owner=no-such-user,group=no-such-group',
    'user.* |DIR/open/pipe ;group=no-such-group',
    'user.* DIR/open/numbers ;owner=0,group=0',
  ],
];

/** Everything that is there, with what would change if it were touched. */
function inventory(dir: string): readonly string[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .toSorted()
    .filter((name) => name !== 'self')
    .map((name) => {
      const { ino, mode, size, mtimeMs, ctimeMs } = lstatSync(join(dir, name));
      return [name, ino, mode, size, mtimeMs, ctimeMs].join(' ');
    });
}

/** Makes what can be made again go away, so that the next check meets the same. */
function tidy(dir: string): void {
  for (const folder of FOLDERS)
    for (const name of ['new', 'nothing', 'owned', 'pipe', 'numbers'])
      try {
        unlinkSync(`${dir}/${folder}/${name}`);
      } catch {
        // It was not made.
      }
}

function check(confFile: string, args: readonly string[], uid?: number): { status: number | null; lines: string[] } {
  const program = builtPath('src', 'cli', 'tsyslogd.cjs');
  const run = spawnSync(process.execPath, [program, '--check', '-f', confFile, ...args], {
    encoding: 'utf8',
    cwd: '/',
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  assert.equal(run.stderr, '');
  return { status: run.status, lines: run.stdout.split('\n').slice(0, -1) };
}

interface Variant {
  readonly name: string;
  readonly skip: string | false;
  /** Of daemon and check. */
  readonly uid?: number;
  readonly args?: (dir: string) => readonly string[];
}

const VARIANTS: readonly Variant[] = [
  { name: 'as whoever runs it', skip: false },
  { name: 'as an ordinary user', skip: needsRoot, uid: NOBODY },
  { name: 'with --user', skip: needsRoot, args: () => ['--user', String(NOBODY), '--group', String(NOBODY)] },
  { name: 'with --chroot', skip: needsRoot, args: (dir) => ['--chroot', dir, '--user', '1', '--group', '1'] },
];

for (const { name, skip, uid, args } of VARIANTS) {
  test(`--check says what a reload says and changes nothing: ${name}`, { skip }, async (t) => {
    const dir = TestDaemon.folder(t);
    chmodSync(dir, 0o755);
    if (uid !== undefined) chownSync(dir, uid, uid);
    await furnish(t, dir);
    const more = args?.(dir) ?? [];
    const daemon = await TestDaemon.start(t, { conf: '', args: more, ...(uid === undefined ? {} : { uid }) }, dir);
    const compare = async (rules: readonly string[]): Promise<readonly string[]> => {
      daemon.configure(`${rules.join('\n')}\n${SELF}`);
      const before = inventory(dir);
      const { status, lines } = check(daemon.confFile, more, uid);
      assert.deepEqual(inventory(dir), before);
      const answer = await ask(t, `${daemon.pidFile}.ctl`, 'reload');
      const errors = lines.filter((line) => !line.includes(': warning: ') && !line.endsWith(': no errors'));
      assert.deepEqual(errors, at(answer, 'problems') ?? []);
      assert.equal(status, at(answer, 'ok') === true ? 0 : 3);
      assert.equal(status, errors.length === 0 ? 0 : 3);
      daemon.configure(SELF);
      assert.equal(at(await ask(t, `${daemon.pidFile}.ctl`, 'reload'), 'ok'), true);
      tidy(dir);
      return errors;
    };
    const found = { errors: 0, sound: 0 };
    for (const rules of CONFIGURATIONS) {
      const errors = await compare(rules);
      const wrong = new Set(errors.map((line) => Number(line.slice(daemon.confFile.length + 1).split(':')[0])));
      const sound = rules.filter((_, idx) => !wrong.has(idx + 1));
      found.errors += errors.length;
      found.sound += sound.length;
      assert.deepEqual(await compare(sound), [], 'the others are taken');
    }
    t.diagnostic(`${found.errors} errors, ${found.sound} sound rules`);
    assert.ok(found.errors > 50 && found.sound > 10, JSON.stringify(found));
  });
}

test('--check: all errors of a configuration, then what is doubtful', (t) => {
  const dir = TestDaemon.folder(t);
  writeFileSync(`${dir}/file`, '');
  const rules = [
    `mial.* ${dir}/file`,
    `user.* ${dir}/missing/a`,
    `mail.* ${dir}/missing/a`,
    `user.* ${dir}/missing/a ;JSON`,
    `user.* |${dir}/file`,
    'user.* no-such-user',
    'user.* @host.invalid ;iface=nosuchif',
    `notify ${dir}/file`,
  ];
  writeFileSync(`${dir}/conf`, rules.map((rule) => `${rule}\n`).join(''));
  const { status, lines } = check(`${dir}/conf`, []);
  assert.equal(status, 3);
  assert.match(lines.shift() ?? '', /:1:1: unknown facility/);
  const missing = `cannot open file "${dir}/missing/a": no such file or directory`;
  assert.deepEqual(lines.splice(0, 5), [
    `${dir}/conf:2:8: ${missing}`,
    `${dir}/conf:4:8: ${missing}`,
    `${dir}/conf:5:8: cannot open fifo "${dir}/file": it is not a FIFO`,
    `${dir}/conf:6:8: warning: no such user: "no-such-user"`,
    `${dir}/conf:8:1: warning: cannot run "${dir}/file" after rotations: permission denied`,
  ]);
  assert.equal(lines.shift(), `${dir}/conf:7:23: warning: no such network interface: "nosuchif"`);
  assert.match(lines.shift() ?? '', /:7:8: warning: cannot resolve loghost "host.invalid": /);
  assert.deepEqual(lines, []);
});

test('--check: what is doubtful alone is no error', (t) => {
  const dir = TestDaemon.folder(t);
  writeFileSync(`${dir}/conf`, 'user.* no-such-user\n');
  assert.deepEqual(check(`${dir}/conf`, []), {
    status: 0,
    lines: [`${dir}/conf:1:8: warning: no such user: "no-such-user"`, `${dir}/conf: no errors`],
  });
  writeFileSync(`${dir}/conf`, 'user.* @host.invalid\n');
  assert.deepEqual(check(`${dir}/conf`, ['-ss']), {
    status: 0,
    lines: [
      `${dir}/conf:1:8: warning: not forwarding to "host.invalid": secure mode 2 allows no network socket`,
      `${dir}/conf: no errors`,
    ],
  });
});

test('--check: a file in a folder where it cannot be renamed is not rotated', { skip: needsRoot }, (t) => {
  const dir = TestDaemon.folder(t);
  chmodSync(dir, 0o755);
  writeFileSync(`${dir}/log`, '');
  chownSync(`${dir}/log`, NOBODY, NOBODY);
  writeFileSync(`${dir}/conf`, `user.* ${dir}/log ;rotate=1M\n`);
  assert.deepEqual(check(`${dir}/conf`, [], NOBODY), {
    status: 0,
    lines: [
      `${dir}/conf:1:${`user.* ${dir}/log ;`.length + 1}: warning: cannot rotate file "${dir}/log": permission denied`,
      `${dir}/conf: no errors`,
    ],
  });
});

test('--check with --user by an ordinary user: checked as that user, which is said', { skip: needsRoot }, (t) => {
  const dir = TestDaemon.folder(t);
  chmodSync(dir, 0o755);
  writeFileSync(`${dir}/conf`, `user.* ${dir}/log\n`);
  const { status, lines } = check(`${dir}/conf`, ['--user', 'root'], NOBODY);
  assert.deepEqual(lines, [
    `${dir}/conf: warning: checked with the privileges of the caller: only root can become user "root"`,
    `${dir}/conf:1:8: cannot open file "${dir}/log": permission denied`,
  ]);
  assert.equal(status, 3);
});

test('--check with --user: a configuration that this user may not read', { skip: needsRoot }, (t) => {
  const dir = TestDaemon.folder(t);
  chmodSync(dir, 0o755);
  writeFileSync(`${dir}/conf`, 'user.* /dev/null\n', { mode: 0o600 });
  const program = builtPath('src', 'cli', 'tsyslogd.cjs');
  const run = spawnSync(
    process.execPath,
    [program, '--check', '-f', `${dir}/conf`, '--user', String(NOBODY), '--group', '65534'],
    {
      encoding: 'utf8',
    },
  );
  assert.deepEqual([run.status, run.stdout], [1, '']);
  assert.equal(run.stderr, `tsyslogd: cannot read configuration "${dir}/conf": permission denied\n`);
  assert.match(readFileSync(`${dir}/conf`, 'utf8'), /user/);
});
