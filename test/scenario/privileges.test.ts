/**
 * Giving up privileges: nothing of root is left in any thread, what was open is written on, and what no longer works
 * is said exactly.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { test, type TestContext } from 'node:test';
import { cleanUp, type DaemonOptions, TestDaemon } from '../support/daemon.ts';
import { FifoReader } from '../support/fifo-reader.ts';
import { builtPath } from '../support/project.ts';
import { sendLocal } from '../support/send.ts';
import { freeUdpPort } from '../support/ports.ts';
import { until } from '../support/until.ts';
import { zoneFile } from '../support/zone-file.ts';

const skip = process.getuid?.() === 0 ? false : 'needs root to give it up';

/** Numbers that no user and no group of the machine has. */
const UID = 61_234;
const GID = 61_235;
const USER: readonly string[] = ['--user', String(UID), '--group', String(GID)];

/** A folder that everybody may enter and only root may change. */
function folder(t: TestContext): string {
  const dir = TestDaemon.folder(t);
  chmodSync(dir, 0o755);
  return dir;
}

/** A subfolder of the user that the daemon becomes. */
function ownFolder(dir: string, name: string): void {
  mkdirSync(`${dir}/${name}`);
  chownSync(`${dir}/${name}`, UID, GID);
}

async function started(t: TestContext, conf: string, options: Partial<DaemonOptions> = {}, dir = folder(t)) {
  const args = [...USER, '--control', 'none', ...(options.args ?? [])];
  return await TestDaemon.start(t, { conf, ...options, args }, dir);
}

/** What the daemon said of itself, without time, host and tag. */
function said(daemon: TestDaemon): string[] {
  return daemon.lines('self').map((line) => line.replace(/^.*? tsyslogd\[\d+\]: /, ''));
}

interface ThreadStatus {
  readonly thread: string;
  readonly field: (name: string) => string;
}

function threads(pid: number | undefined): readonly ThreadStatus[] {
  return readdirSync(`/proc/${pid}/task`).map((thread) => {
    const text = readFileSync(`/proc/${pid}/task/${thread}/status`, 'latin1');
    const field = (name: string): string => new RegExp(`^${name}:\\t(.*)$`, 'm').exec(text)?.[1]?.trim() ?? 'missing';
    return { thread, field };
  });
}

test('--user: every thread has all ids of the user, no capability, and cannot get new ones', { skip }, async (t) => {
  const daemon = await started(t, '*.* DIR/a');
  // So that the threads of the pool have worked too.
  await sendLocal(daemon.socket, ['<13>t: hello']);
  await daemon.line('a', /hello/);
  const all = threads(daemon.child.pid);
  assert.ok(all.length > 10, `${all.length} threads`);
  for (const { thread, field } of all) {
    assert.equal(field('Uid'), Array(4).fill(UID).join('\t'), thread);
    assert.equal(field('Gid'), Array(4).fill(GID).join('\t'), thread);
    assert.equal(field('Groups'), String(GID), thread);
    for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapAmb']) assert.match(field(set), /^0+$/, `${thread} ${set}`);
    assert.equal(field('NoNewPrivs'), '1', thread);
  }
  const main = all.find(({ thread }) => thread === String(daemon.child.pid));
  assert.match(main?.field('CapBnd') ?? '', /^0+$/, 'what programs that are started could get');
});

test('inheritable and ambient capabilities are given up too', { skip }, async (t) => {
  const wrapper = ['setpriv', '--inh-caps', '+chown,+kill', '--ambient-caps', '+chown,+kill'];
  const daemon = await started(t, '*.* DIR/a', { wrapper });
  for (const { thread, field } of threads(daemon.child.pid))
    for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapAmb']) assert.match(field(set), /^0+$/, `${thread} ${set}`);
});

/** Tables of its own, so that the machine's are not touched. */
const OWN_TABLES = `
set -e
mount --make-rprivate /
for table in passwd group; do cat "/etc/$table" "$1/$table" > "$1/$table.all"; mount --bind "$1/$table.all" "/etc/$table"; done
shift
exec "$@"
`;

for (const [args, uid, gid, groups] of [
  [['--user', 'logger'], 61_001, 61_002, [61_002, 61_003, 61_004]],
  [['--user', '61001', '--group', 'second'], 61_001, 61_004, [61_003, 61_004]],
  [['--group', 'second'], 0, 61_004, [61_004]],
] as const) {
  test(`${args.join(' ')}: user ${uid}, group ${gid}, groups ${groups.join(' ')}`, { skip }, async (t) => {
    const dir = folder(t);
    writeFileSync(`${dir}/passwd`, 'logger:x:61001:61002::/:/bin/false\n');
    writeFileSync(
      `${dir}/group`,
      'primary:x:61002:\nfirst:x:61003:a,logger,b\nsecond:x:61004:logger\nother:x:61005:a\n',
    );
    const wrapper = ['unshare', '-m', 'bash', '-c', OWN_TABLES, 'own-tables', dir];
    const daemon = await TestDaemon.start(t, { conf: '*.* DIR/a', args: [...args], wrapper }, dir);
    for (const { field } of threads(daemon.child.pid)) {
      assert.equal(field('Uid'), Array(4).fill(uid).join('\t'));
      assert.equal(field('Gid'), Array(4).fill(gid).join('\t'));
      assert.deepEqual(field('Groups').split(' ').map(Number), groups);
    }
  });
}

/** Runs the command to its end. @returns exit status and what it said. */
function run(dir: string, args: readonly string[], wrapper: readonly string[] = []): [number | null, string] {
  writeFileSync(`${dir}/conf`, `*.* ${dir}/a\n`);
  const own = ['-K', '-ss', '-f', `${dir}/conf`, '-p', `${dir}/log`, '-P', `${dir}/pid`, ...args];
  const [program = '', ...rest] = [...wrapper, process.execPath, builtPath('src', 'cli', 'tsyslogd.cjs'), ...own];
  const { status, stderr } = spawnSync(program, rest, { encoding: 'utf8', timeout: 60_000 });
  return [status, stderr];
}

for (const foreground of [['-F'], []]) {
  for (const [args, complaint] of [
    [['--user', 'no-such-user'], 'no such user: "no-such-user"'],
    [['--group', 'no-such-group'], 'no such group: "no-such-group"'],
    [['--user', '61234'], 'user 61234 has no group: expected a group as well'],
    [['--chroot', '/no/such'], 'cannot use "/no/such" as root directory: no such file or directory'],
    [['--chroot', '/etc/passwd'], 'cannot use "/etc/passwd" as root directory: is not a directory'],
  ] as const) {
    test(`${[...foreground, ...args].join(' ')}: one line, status 1, nothing made`, (t) => {
      const dir = TestDaemon.folder(t);
      assert.deepEqual(run(dir, [...foreground, ...args]), [1, `tsyslogd: ${complaint}\n`]);
      assert.deepEqual(readdirSync(dir), ['conf']);
    });
  }
}

for (const [args, what] of [
  [['--user', 'root'], 'become user "root"'],
  [['--user', '1', '--group', '1'], `become user`],
  [['--group', '0'], 'become group 0'],
  [['--chroot', '/'], 'change the root directory'],
] as const) {
  test(`${args.join(' ')} of an ordinary user: one line, status 1`, { skip }, (t) => {
    const dir = TestDaemon.folder(t);
    chmodSync(dir, 0o777);
    const [status, stderr] = run(
      dir,
      ['-F', ...args],
      ['setpriv', '--reuid', String(UID), '--regid', String(GID), '--clear-groups'],
    );
    assert.equal(status, 1);
    assert.match(stderr, new RegExp(`^tsyslogd: only root can ${what}.*\\n$`));
  });
}

test('an ordinary user may ask for what it is already', { skip }, async (t) => {
  const dir = folder(t);
  chmodSync(dir, 0o777);
  const daemon = await started(
    t,
    '*.* DIR/a',
    { wrapper: ['setpriv', '--reuid', String(UID), '--regid', String(GID), '--clear-groups'] },
    dir,
  );
  await sendLocal(daemon.socket, ['<13>t: hello']);
  await daemon.line('a', /hello/);
});

test("a file of root's is written on after privileges are given up, also after a reload", { skip }, async (t) => {
  const dir = folder(t);
  mkdirSync(`${dir}/logs`, { mode: 0o700 });
  writeFileSync(`${dir}/logs/a`, '', { mode: 0o640 });
  const daemon = await started(t, 'user.* DIR/logs/a', {}, dir);
  await sendLocal(daemon.socket, ['<13>t: first']);
  await daemon.line('logs/a', /first/);
  await daemon.reload();
  await sendLocal(daemon.socket, ['<13>t: second']);
  await daemon.line('logs/a', /second/);
  assert.equal(statSync(`${dir}/logs/a`).uid, 0);
  assert.deepEqual(
    said(daemon).filter((line) => /cannot open|dropp/.test(line)),
    [],
  );
});

test('what will not work is told at the start, a line for each, and at a reload only what is new', {
  skip,
}, async (t) => {
  const dir = folder(t);
  for (const name of ['plain', 'rotating', 'later']) writeFileSync(`${dir}/${name}`, '', { mode: 0o640 });
  ownFolder(dir, 'own');
  const conf = 'user.* DIR/plain\nuser.* DIR/rotating ;rotate=1M\nuser.* DIR/own/free ;rotate=1M\n';
  const daemon = await started(t, conf, {}, dir);
  await daemon.line('self', /cannot be recreated/);
  const expected = [
    `pid file "${dir}/pid" will be emptied at exit, not removed: permission denied`,
    `log socket "${dir}/log" can be neither recreated nor removed: permission denied`,
    `file "${dir}/plain" stays open but cannot be recreated: permission denied`,
    `file "${dir}/rotating" stays open but can be neither recreated nor rotated: permission denied`,
    `file "${dir}/self" stays open but cannot be recreated: permission denied`,
  ];
  assert.deepEqual(said(daemon).slice(1), expected);
  await daemon.reload();
  assert.deepEqual(
    said(daemon)
      .slice(6)
      .map((line) => line.replace(/ .*/, '')),
    ['reloaded'],
  );
  chmodSync(`${dir}/later`, 0o666);
  daemon.configure(`${conf}user.* DIR/later\nsyslog.* -DIR/self\n`);
  await daemon.reload();
  await daemon.line('self', /later" stays/);
  assert.deepEqual(said(daemon).slice(8), [
    `file "${dir}/later" stays open but cannot be recreated: permission denied`,
  ]);
});

test('a renamed file that cannot be recreated is written on, which is said once, until that is possible', {
  skip,
}, async (t) => {
  const dir = folder(t);
  const daemon = await started(t, 'user.* DIR/a', {}, dir);
  renameSync(`${dir}/a`, `${dir}/a.old`);
  const complaint = /: cannot open file ".*\/a": permission denied: still writing to the old file$/;
  await daemon.line('self', complaint);
  await sendLocal(daemon.socket, ['<13>t: during']);
  await daemon.line('a.old', /during/);
  await daemon.reload();
  await sendLocal(daemon.socket, ['<13>t: later']);
  await daemon.line('a.old', /later/);
  assert.equal(daemon.lines('self').filter((line) => complaint.test(line)).length, 1);
  chmodSync(dir, 0o777);
  await daemon.line('self', /: writing to file ".*\/a" again$/);
  await sendLocal(daemon.socket, ['<13>t: after']);
  await daemon.line('a', /after/);
  assert.deepEqual(daemon.lines('a.old').length, 2);
  assert.equal(statSync(`${dir}/a`).uid, UID);
});

test('what comes for a removed file that cannot be recreated waits, and is in the new one', { skip }, async (t) => {
  const dir = folder(t);
  const daemon = await started(t, 'user.* DIR/a', {}, dir);
  unlinkSync(`${dir}/a`);
  await daemon.line('self', /: cannot open file ".*\/a": permission denied$/);
  await sendLocal(daemon.socket, ['<13>t: during']);
  chmodSync(dir, 0o777);
  await daemon.line('a', /during/);
  await daemon.line('self', /: writing to file ".*\/a" again$/);
  assert.deepEqual(
    said(daemon).filter((line) => /dropped/.test(line)),
    [],
  );
});

/** A folder that only root may look into. */
function closedFolder(dir: string): string {
  mkdirSync(`${dir}/closed`, { mode: 0o700 });
  return `${dir}/closed`;
}

for (const [what, option] of [
  ['a file', ''],
  ['a file that is rotated', ' ;rotate=1M'],
] as const) {
  test(`${what} removed from a folder that cannot be looked into: said once, nothing vanishes`, { skip }, async (t) => {
    const dir = folder(t);
    const closed = closedFolder(dir);
    const daemon = await started(t, `user.* DIR/closed/a${option}\nlocal0.* DIR/closed/b${option}`, {}, dir);
    await sendLocal(daemon.socket, ['<13>t: before', '<128>t: before']);
    await daemon.line('closed/b', /before/);
    unlinkSync(`${closed}/a`);
    unlinkSync(`${closed}/b`);
    await daemon.line('self', /: cannot open file ".*\/closed\/a": permission denied$/);
    await daemon.line('self', /: cannot open file ".*\/closed\/b": permission denied$/);
    const messages = Array.from({ length: 20 }, (_, i) => i);
    await sendLocal(
      daemon.socket,
      messages.flatMap((i) => [`<13>t: during ${i}`, `<128>t: during ${i}`]),
    );
    chmodSync(closed, 0o777);
    await daemon.line('closed/a', /during 19$/);
    await daemon.line('self', /: writing to file ".*\/closed\/a" again$/);
    assert.equal(daemon.lines('closed/a').length, 20);
    assert.deepEqual(
      said(daemon).filter((line) => /dropp/.test(line)),
      [],
    );
    assert.equal(said(daemon).filter((line) => /^cannot open file/.test(line)).length, 2);
    assert.deepEqual(await daemon.stop(), { code: 0, signal: null });
  });
}

test('what cannot be written to a file that was removed out of reach is counted at the end', { skip }, async (t) => {
  const dir = folder(t);
  const closed = closedFolder(dir);
  const daemon = await started(t, 'user.* DIR/closed/a', {}, dir);
  unlinkSync(`${closed}/a`);
  await daemon.line('self', /: cannot open file ".*\/closed\/a": permission denied$/);
  await sendLocal(
    daemon.socket,
    Array.from({ length: 20 }, (_, i) => `<13>t: during ${i}`),
  );
  assert.deepEqual(await daemon.stop(), { code: 4, signal: null });
  assert.equal(said(daemon).at(-1), `dropped 20 messages to file "${closed}/a"`);
});

test('a file renamed in a folder that cannot be looked into is written on, which is said once', { skip }, async (t) => {
  const dir = folder(t);
  const closed = closedFolder(dir);
  const daemon = await started(t, 'user.* DIR/closed/a', {}, dir);
  renameSync(`${closed}/a`, `${closed}/a.old`);
  const complaint = /: cannot open file ".*\/a": permission denied: still writing to the old file$/;
  await daemon.line('self', complaint);
  await sendLocal(daemon.socket, ['<13>t: during']);
  await daemon.line('closed/a.old', /during/);
  await daemon.reload();
  chmodSync(closed, 0o777);
  await daemon.line('self', /: writing to file ".*\/a" again$/);
  await sendLocal(daemon.socket, ['<13>t: after']);
  await daemon.line('closed/a', /after/);
  assert.equal(daemon.lines('self').filter((line) => complaint.test(line)).length, 1);
  assert.deepEqual(await daemon.stop(), { code: 0, signal: null });
});

test('what stays where it is in a folder that cannot be looked into is left alone', { skip }, async (t) => {
  const dir = folder(t);
  const closed = closedFolder(dir);
  execFileSync('mkfifo', ['-m', '666', `${closed}/fifo`]);
  const reader = FifoReader.open(t, `${closed}/fifo`);
  const daemon = await started(t, 'user.* DIR/closed/a\nuser.* |DIR/closed/fifo', {}, dir);
  writeFileSync(`${closed}/other`, '');
  await daemon.reload();
  await sendLocal(daemon.socket, ['<13>t: one']);
  await daemon.line('closed/a', /one/);
  await reader.has(/one/);
  // A FIFO out of reach is read on after its removal: nothing is lost as long as somebody reads.
  unlinkSync(`${closed}/fifo`);
  await daemon.line('self', /: cannot open fifo ".*\/closed\/fifo": permission denied$/);
  await sendLocal(daemon.socket, ['<13>t: two']);
  await reader.has(/two/);
  await reader.close();
  await sendLocal(daemon.socket, ['<13>t: three']);
  await daemon.line('closed/a', /three/);
  await daemon.stop();
  assert.deepEqual(
    said(daemon).filter((line) => /^(cannot open|dropp)/.test(line)),
    [`cannot open fifo "${closed}/fifo": permission denied`, `dropped 1 message to fifo "${closed}/fifo"`],
  );
});

test('rotation works in a folder of the user and is refused, once, in one of root', { skip }, async (t) => {
  const dir = folder(t);
  ownFolder(dir, 'own');
  const daemon = await started(t, 'user.* DIR/own/a ;rotate=1M\nuser.* DIR/b ;rotate=1M', {}, dir);
  await sendLocal(daemon.socket, ['<13>t: before']);
  await daemon.line('own/a', /before/);
  await daemon.line('b', /before/);
  daemon.child.kill('SIGUSR2');
  await daemon.line('self', /: rotated file ".*\/own\/a"$/);
  await daemon.line('self', /: cannot rotate file ".*\/b": permission denied$/);
  await sendLocal(daemon.socket, ['<13>t: after']);
  await daemon.line('own/a', /after/);
  await daemon.line('b', /after/);
  assert.deepEqual(daemon.lines('own/a.0').length, 1);
  assert.deepEqual(daemon.lines('b').length, 2);
});

test('files and FIFOs that are made at the start belong to the user, and are opened again', { skip }, async (t) => {
  const dir = folder(t);
  const daemon = await started(t, 'user.* DIR/a\nuser.* |DIR/fifo\nuser.* DIR/mine ;owner=0', {}, dir);
  for (const [name, uid] of [
    ['a', UID],
    ['fifo', UID],
    ['mine', 0],
  ] as const)
    assert.equal(statSync(`${dir}/${name}`).uid, uid, name);
  const reader = spawn('head', ['-n', '1', `${dir}/fifo`], { stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  reader.stdout.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  cleanUp(t, () => reader.kill());
  await until('the reader is served', async () => {
    await sendLocal(daemon.socket, ['<13>t: through']);
    return text.includes('through');
  });
});

test('a command runs as the user, and its setuid programs give it nothing', { skip }, async (t) => {
  const dir = folder(t);
  ownFolder(dir, 'own');
  const daemon = await started(
    t,
    'user.* |cd DIR/own && cat /proc/self/status > s && mv s status && cat > /dev/null',
    {},
    dir,
  );
  await sendLocal(daemon.socket, ['<13>t: go']);
  const text = await until(
    'the command has run',
    () => existsSync(`${dir}/own/status`) && readFileSync(`${dir}/own/status`, 'latin1'),
  );
  assert.match(text, new RegExp(`^Uid:\\t${UID}\\t${UID}\\t${UID}\\t${UID}$`, 'm'));
  for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'])
    assert.match(text, new RegExp(`^${set}:\\t0+$`, 'm'));
  assert.match(text, /^NoNewPrivs:\t1$/m);
});

test('a pid file that cannot be removed is emptied, a socket file stays, neither is an obstacle', {
  skip,
}, async (t) => {
  const dir = folder(t);
  const first = await started(t, 'user.* DIR/a', {}, dir);
  assert.deepEqual(await first.stop(), { code: 0, signal: null });
  assert.equal(first.stderr, '');
  assert.equal(readFileSync(first.pidFile, 'latin1'), '');
  assert.ok(existsSync(first.socket));
  const second = await started(t, 'user.* DIR/a', {}, dir);
  await sendLocal(second.socket, ['<13>t: works']);
  await second.line('a', /works/);
  ownFolder(dir, 'run');
  await second.stop();
  const third = await started(t, 'user.* DIR/a', { args: ['-P', `${dir}/run/pid`, '-p', `${dir}/run/log`] }, dir);
  await third.stop();
  assert.deepEqual(readdirSync(`${dir}/run`), []);
});

test('a log socket that disappears where it cannot be recreated is one line, and comes back when it can', {
  skip,
}, async (t) => {
  const dir = folder(t);
  const daemon = await started(t, 'user.* DIR/a', {}, dir);
  unlinkSync(daemon.socket);
  await daemon.line('self', /: cannot create log socket ".*\/log": permission denied: retrying$/);
  chmodSync(dir, 0o777);
  await daemon.line('self', /: log socket .*\/log disappeared and was recreated$/);
  await sendLocal(daemon.socket, ['<13>t: after']);
  await daemon.line('a', /after/);
  assert.equal(said(daemon).filter((line) => line.includes('retrying')).length, 1);
});

test('a configuration that cannot be read any more: said at the start, refused at a reload', { skip }, async (t) => {
  const dir = folder(t);
  const daemon = await started(t, 'user.* DIR/a', {}, dir);
  chmodSync(daemon.confFile, 0o600);
  await daemon.reload();
  assert.ok(said(daemon).includes(`cannot read configuration "${daemon.confFile}": permission denied`));
  await sendLocal(daemon.socket, ['<13>t: still']);
  await daemon.line('a', /still/);
});

test('--chroot: the same configuration means the same files, before and after', { skip }, async (t) => {
  const dir = folder(t);
  ownFolder(dir, 'own');
  mkdirSync(`${dir}/conf.d`);
  writeFileSync(`${dir}/conf.d/a.conf`, `user.* ${dir}/own/a ;rotate=1M\n`);
  chownSync(dir, UID, GID);
  const daemon = await started(t, `include ${dir}/conf.d/*.conf`, { args: ['--chroot', dir] }, dir);
  const inside = `/proc/${daemon.child.pid}/root`;
  assert.equal(statSync(inside).ino, statSync(dir).ino);
  await sendLocal(daemon.socket, ['<13>t: first']);
  await daemon.line('own/a', /first/);
  daemon.child.kill('SIGUSR2');
  await daemon.line('self', /: rotated file ".*\/own\/a"$/);
  renameSync(`${dir}/own/a`, `${dir}/own/moved`);
  await until('it is made again', () => existsSync(`${dir}/own/a`));
  writeFileSync(`${dir}/conf.d/b.conf`, `user.* ${dir}/own/b\nuser.* ${dir}/own/f ;rotate=1M:2\n`);
  await daemon.reload();
  await sendLocal(daemon.socket, ['<13>t: second']);
  for (const name of ['own/a', 'own/b', 'own/f']) await daemon.line(name, /second/);
  unlinkSync(daemon.socket);
  await until('the socket is made again', () => existsSync(daemon.socket));
  await sendLocal(daemon.socket, ['<13>t: third']);
  await daemon.line('own/a', /third/);
  assert.deepEqual(
    said(daemon).filter((line) => /cannot|dropp/.test(line)),
    [],
  );
  assert.deepEqual(await daemon.stop(), { code: 0, signal: null });
  assert.equal(existsSync(daemon.pidFile) || existsSync(daemon.socket), false);
});

test('--chroot: a reload may need patterns that the start had no use for', { skip }, async (t) => {
  const dir = folder(t);
  ownFolder(dir, 'own');
  mkdirSync(`${dir}/conf.d`);
  writeFileSync(`${dir}/plain`, '# nothing yet\n');
  const daemon = await started(t, `include ${dir}/plain`, { args: ['--chroot', dir] }, dir);
  writeFileSync(`${dir}/conf.d/a.conf`, `:msg, ereregex, "^ ?(one|two)$"\nuser.* ${dir}/own/a\n`);
  writeFileSync(`${dir}/plain`, `include ${dir}/conf.d/[a-c]*.conf\n`);
  await daemon.reload();
  await sendLocal(daemon.socket, ['<13>t: three', '<13>t: two']);
  assert.match(await daemon.line('own/a', /./), /two$/);
  assert.deepEqual(await daemon.stop(), { code: 0, signal: null });
});

test('--chroot: what lies outside stays open, and nothing is mistaken for it', { skip }, async (t) => {
  const dir = folder(t);
  const outside = folder(t);
  writeFileSync(`${outside}/a`, '', { mode: 0o666 });
  const daemon = await started(t, `user.* ${outside}/a`, { args: ['--chroot', dir] }, dir);
  await daemon.line(
    'self',
    new RegExp(`file "${outside}/a" stays open but cannot be recreated: it is outside the root directory "${dir}"$`),
  );
  await daemon.reload();
  await sendLocal(daemon.socket, ['<13>t: hello']);
  await until('the line is there', () => readFileSync(`${outside}/a`, 'utf8').includes('hello'));
});

test('--chroot: a pid file outside is not taken for one that is missing', { skip }, async (t) => {
  const [dir, outside] = [folder(t), folder(t)];
  ownFolder(dir, 'own');
  const pidFile = `${outside}/pid`;
  const daemon = await started(t, `user.* ${dir}/own/a`, { args: ['--chroot', dir, '-P', pidFile] }, dir);
  await sendLocal(daemon.socket, ['<13>t: hello']);
  await daemon.line('own/a', /hello/);
  assert.deepEqual(
    said(daemon).filter((line) => /missing|trying again/.test(line)),
    [],
  );
  assert.equal(Number(readFileSync(pidFile, 'latin1')), daemon.child.pid);
});

test('--chroot: a configuration outside is refused at a reload, with its place', { skip }, async (t) => {
  const dir = folder(t);
  mkdirSync(`${dir}/jail`);
  const daemon = await started(t, 'user.* DIR/a', { args: ['--chroot', `${dir}/jail`] }, dir);
  await daemon.reload();
  const refusal = `cannot read configuration "${dir}/conf": it is outside the root directory "${dir}/jail": expected it at "${dir}/jail${dir}/conf"`;
  assert.ok(said(daemon).includes(refusal), said(daemon).join('\n'));
});

test('--chroot: a command that finds no shell is one line', { skip }, async (t) => {
  const dir = folder(t);
  const daemon = await started(t, 'user.* |cat > /dev/null', { args: ['--chroot', dir] }, dir);
  await daemon.line('self', new RegExp(`: command "cat > /dev/null" cannot be started: no /bin/sh in "${dir}"$`));
  await sendLocal(daemon.socket, ['<13>t: hello']);
  await daemon.line('self', new RegExp(`: cannot start command "cat > /dev/null": no /bin/sh in "${dir}"$`));
});

test('--chroot: times stay those of the zone, also after a reload', { skip }, async (t) => {
  const dir = folder(t);
  writeFileSync(`${dir}/zone`, zoneFile(77));
  const script = 'mount --make-rprivate / && mount --bind "$1/zone" /etc/localtime && shift && exec "$@"';
  const wrapper = ['env', '-u', 'TZ', 'unshare', '-m', 'bash', '-c', script, 'zone', dir];
  const daemon = await started(t, 'user.* DIR/a ;ISO', { args: ['--chroot', dir, '-T'], wrapper }, dir);
  await sendLocal(daemon.socket, ['<13>t: before']);
  await daemon.line('a', /\+01:17 \S+ t: before$/);
  await daemon.reload();
  await sendLocal(daemon.socket, ['<13>t: after']);
  await daemon.line('a', /\+01:17 \S+ t: after$/);
});

test('detached with --user and --chroot: the command returns 0, the daemon works and ends', { skip }, async (t) => {
  const dir = folder(t);
  chownSync(dir, UID, GID);
  writeFileSync(`${dir}/conf`, `user.* ${dir}/a\n`);
  const args = ['-K', '-n', '-ss', '-f', 'conf', '-p', 'log', '-P', 'pid', '--chroot', '.', ...USER];
  const { status, stderr } = spawnSync(process.execPath, [builtPath('src', 'cli', 'tsyslogd.cjs'), ...args], {
    cwd: dir,
    encoding: 'utf8',
    timeout: 60_000,
  });
  assert.deepEqual([status, stderr], [0, '']);
  const pid = Number(readFileSync(`${dir}/pid`, 'latin1'));
  for (const { field } of threads(pid)) assert.equal(field('Uid'), Array(4).fill(UID).join('\t'));
  for (const fd of [0, 1, 2])
    assert.equal(execFileSync('readlink', [`/proc/${pid}/fd/${fd}`], { encoding: 'utf8' }), '/dev/null\n');
  await sendLocal(`${dir}/log`, ['<13>t: hello']);
  await until('the line is there', () => readFileSync(`${dir}/a`, 'utf8').includes('hello'));
  process.kill(pid, 'SIGTERM');
  await until('it has ended', () => !existsSync(`${dir}/pid`));
  rmSync(`${dir}/a`);
});

test('--chroot: the service manager is told all the same', { skip }, async (t) => {
  const manager = await TestDaemon.start(t, { conf: 'user.* DIR/told', args: ['-cc'] });
  const env = { NOTIFY_SOCKET: manager.socket };
  const dir = folder(t);
  const daemon = await started(t, 'user.* DIR/a', { args: ['--chroot', dir], env }, dir);
  await manager.line('told', new RegExp(`READY=1 STATUS=running MAINPID=${daemon.child.pid}$`));
  await daemon.stop();
  await manager.line('told', /STOPPING=1/);
});

test('--chroot: names and users that cannot be reached from there are told, numbers are not', { skip }, async (t) => {
  const dir = folder(t);
  const conf = 'user.* @127.0.0.1:5514\nuser.* @[::1]:5514\nuser.* @localhost:5514\nuser.* root\n';
  const daemon = await started(t, conf, { args: ['--chroot', dir, '-s'] }, dir);
  await daemon.line('self', new RegExp(`: user "root" cannot be reached: no /dev/pts in "${dir}"$`));
  const hosts = said(daemon).filter((line) => line.includes('can no longer be resolved'));
  assert.deepEqual(hosts, [`loghost "@localhost:5514" can no longer be resolved: no /etc/resolv.conf in "${dir}"`]);
});

test('--chroot: that senders have no names there is told where they would have any', { skip }, async (t) => {
  const dir = folder(t);
  const options = { args: ['--chroot', dir, '-b', `127.0.0.1:${await freeUdpPort()}`], resolveNames: true };
  const daemon = await started(t, 'user.* DIR/a\n', options, dir);
  await daemon.line('self', new RegExp(`: names of senders cannot be looked up: no /etc/resolv.conf in "${dir}"$`));
});

test('a control socket that cannot be removed is told too, and serves', { skip }, async (t) => {
  const dir = folder(t);
  const daemon = await started(t, 'user.* DIR/a', { args: ['--control', `${dir}/ctl`] }, dir);
  await daemon.line('self', /: control socket ".*\/ctl" can be neither recreated nor removed: permission denied$/);
  assert.equal(statSync(`${dir}/ctl`).isSocket(), true);
});

/** Writes what a command of the daemon finds of the user in its environment, then reads. */
const TELL = `echo "$HOME \${USER-none} \${LOGNAME-none} $SHELL" > DIR/own/env; cat > DIR/own/all`;
/** As root has it. */
const ROOT_ENV = { HOME: '/root', USER: 'root', LOGNAME: 'root', SHELL: '/bin/rootsh' };

async function environmentOf(t: TestContext, args: readonly string[], uid: number): Promise<string> {
  const dir = folder(t);
  mkdirSync(`${dir}/own`);
  chownSync(`${dir}/own`, uid, uid);
  const conf = `user.* |${TELL}`;
  const daemon = await TestDaemon.start(t, { conf, env: ROOT_ENV, args: [...args, '--control', 'none'] }, dir);
  await sendLocal(daemon.socket, ['<13>t: hello']);
  return await daemon.line('own/env', /./);
}

test('--user NAME: commands have HOME, USER, LOGNAME and SHELL of that user', { skip }, async (t) => {
  const { stdout } = spawnSync('getent', ['passwd', 'nobody'], { encoding: 'utf8' });
  const [name, , uid, , , home, shell] = stdout.trim().split(':');
  assert.equal(name, 'nobody');
  assert.equal(await environmentOf(t, ['--user', 'nobody'], Number(uid)), `${home} nobody nobody ${shell}`);
});

test('--user NUMBER that nobody has: nothing of root is left', { skip }, async (t) => {
  assert.equal(await environmentOf(t, USER, UID), '/ none none /bin/sh');
});

test('without --user the environment stays', { skip }, async (t) => {
  assert.equal(await environmentOf(t, [], 0), '/root root root /bin/rootsh');
});

test('--user: programs of notify have them too', { skip }, async (t) => {
  const dir = folder(t);
  ownFolder(dir, 'own');
  const notify = `#!/bin/sh\necho "$HOME \${USER-none}" > ${dir}/own/notified\n`;
  writeFileSync(`${dir}/notify`, notify, { mode: 0o755 });
  const conf = `user.* |${TELL}\nmail.* DIR/own/mail ;rotate=1M\nnotify ${dir}/notify`;
  const args = [...USER, '--control', `${dir}/own/ctl`];
  const daemon = await TestDaemon.start(t, { conf, env: ROOT_ENV, args }, dir);
  await sendLocal(daemon.socket, ['<22>t: mail', '<13>t: hello']);
  assert.equal(await daemon.line('own/env', /./), '/ none none /bin/sh');
  daemon.child.kill('SIGUSR2');
  assert.equal(await daemon.line('own/notified', /./), '/ none');
});
