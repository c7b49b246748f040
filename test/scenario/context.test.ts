/**
 * DaemonContext in programs of its own: the example of the manual, and a probe that does what each test wants.
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  cpSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { dirname, relative, resolve } from 'node:path';
import { test, type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { cleanUp, TestDaemon } from '../support/daemon.ts';
import { builtPath, projectPath } from '../support/project.ts';
import { until } from '../support/until.ts';

const skip = process.getuid?.() === 0 ? false : 'needs root';
const MODULE = pathToFileURL(builtPath('src', 'process', 'context', 'context.js')).href;

/** A program that opens a context; `body` has `context`, `say(text)` and what is imported here. */
function probe(t: TestContext, options: string, body = '', prepare = '', module = MODULE): string {
  const dir = TestDaemon.folder(t);
  chmodSync(dir, 0o755);
  const text = `
import { DaemonContext } from ${JSON.stringify(module)};
import * as fs from 'node:fs';
const dir = ${JSON.stringify(dir)};
const said = fs.openSync(dir + '/said', 'a');
const say = (text) => fs.writeSync(said, text + '\\n');
const stay = () => setInterval(() => undefined, 1000);
const context = new DaemonContext(${options});
try {
  const prepare = async () => {
    ${prepare}
    fs.writeFileSync(dir + '/ready', String(process.pid));
    return 'thing';
  };
  await context.open(prepare, (made) => say('undone ' + made));
  ${body}
} catch (error) {
  console.error('probe: ' + error.message);
  process.exitCode = 1;
}
`;
  writeFileSync(`${dir}/probe.mjs`, text);
  cleanUp(t, () => killed(dir));
  return dir;
}

function pidOf(dir: string): number {
  return existsSync(`${dir}/ready`) ? Number(readFileSync(`${dir}/ready`, 'latin1')) : 0;
}

function isGone(pid: number): boolean {
  try {
    return /^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return true;
  }
}

async function killed(dir: string): Promise<void> {
  const pid = pidOf(dir);
  if (pid === 0 || isGone(pid)) return;
  process.kill(pid, 'SIGKILL');
  await until('the probe is gone', () => isGone(pid));
}

function said(dir: string): string[] {
  return readFileSync(`${dir}/said`, 'utf8').split('\n').slice(0, -1);
}

function run(dir: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = process.env) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [`${dir}/probe.mjs`, ...args], {
    encoding: 'utf8',
    timeout: 60_000,
    env,
  });
  return { status, stdout, stderr };
}

test('the example: detaches, counts, obeys its control pipe, and ends', async (t) => {
  const dir = TestDaemon.folder(t);
  const text = readFileSync(projectPath('docs', 'examples', 'counter.mjs'), 'utf8');
  assert.match(text, /from 'tsyslogd\/daemon'/);
  writeFileSync(`${dir}/counter.mjs`, text.replace("'tsyslogd/daemon'", JSON.stringify(MODULE)));
  const start = () => spawnSync(process.execPath, [`${dir}/counter.mjs`, dir], { encoding: 'utf8', timeout: 60_000 });
  const first = start();
  assert.deepEqual([first.status, first.stdout, first.stderr], [0, '', '']);
  const pid = Number(readFileSync(`${dir}/counter.pid`, 'latin1'));
  cleanUp(t, () => isGone(pid) || process.kill(pid, 'SIGKILL'));
  const log = (): string => readFileSync(`${dir}/counter.log`, 'utf8');
  const tell = (word: string): void => writeFileSync(`${dir}/counter.ctl`, `${word}\n`);
  tell('status');
  await until('it answers', () => /^counter\[\d+\]: \d+ seconds$/m.test(log()));
  tell('nonsense');
  await until('it refuses', () => log().includes('unknown command "nonsense"'));
  const second = start();
  assert.deepEqual([second.status, second.stderr], [1, `counter: already running, pid ${pid}\n`]);
  process.kill(pid, 'SIGHUP');
  await until('the signal is handled', () => log().includes('still here'));
  tell('stop');
  await until('it has ended', () => isGone(pid));
  assert.deepEqual(readdirSync(dir).toSorted(), ['counter.log', 'counter.mjs']);
});

test('the manual shows the example as it is', () => {
  const manual = readFileSync(projectPath('docs', 'daemon-context.md'), 'utf8');
  assert.ok(manual.includes(readFileSync(projectPath('docs', 'examples', 'counter.mjs'), 'utf8')));
});

test('the manual names every option, and no other', () => {
  const source = readFileSync(projectPath('src', 'process', 'context', 'options.ts'), 'utf8');
  const options = [...source.matchAll(/^ {2}readonly (\w+)\?:/gm)].map(([, name = '']) => name);
  const manual = readFileSync(projectPath('docs', 'daemon-context.md'), 'utf8');
  const shown = [...manual.matchAll(/^\| `(\w+)` /gm)].map(([, name = '']) => name);
  assert.ok(options.length > 10);
  assert.deepEqual(shown.toSorted(), options.toSorted());
});

test('the module loads nothing of the daemon but what belongs to the process', () => {
  const found = new Set<string>();
  const follow = (path: string): void => {
    if (found.has(path)) return;
    found.add(path);
    const text = readFileSync(path, 'utf8');
    for (const [, type, to = ''] of text.matchAll(/^(?:import|export)( type)?\b[^;']*?from\s+'(\.[^']+)'/gm))
      if (type === undefined) follow(resolve(dirname(path), to));
  };
  follow(projectPath('src', 'process', 'context', 'context.ts'));
  const others = [...found]
    .map((path) => relative(projectPath('src'), path))
    .filter((path) => !path.startsWith('sys/'));
  assert.deepEqual(others.toSorted(), [
    'process/context/context-pid-file.ts',
    'process/context/context.ts',
    'process/context/detach.ts',
    'process/context/detached.ts',
    'process/context/options.ts',
    'process/context/streams.ts',
    'process/pid-file.ts',
    'process/pid-lock.ts',
    'process/privileges.ts',
    'process/signals.ts',
  ]);
});

test('what prepare throws reaches the command as one line, and nothing is left behind', (t) => {
  const dir = probe(t, "{ detach: true, pidFile: dir + '/pid' }", '', "throw new Error('no luck\\ntoday')");
  assert.deepEqual(run(dir), { status: 1, stdout: '', stderr: 'probe: no luck today\n' });
  assert.deepEqual(readdirSync(dir).toSorted(), ['probe.mjs', 'said']);
  assert.deepEqual(said(dir), []);
});

test('in the foreground open rejects, and everything is undone', (t) => {
  const options = "{ detach: false, umask: 0o027, pidFile: dir + '/pid', signals: { SIGHUP: 'ignore' } }";
  const dir = probe(
    t,
    options,
    '',
    "say(`${process.umask()} ${process.listenerCount('SIGHUP')} ${fs.existsSync(dir + '/pid')}`); throw new Error('no luck')",
  );
  const script = readFileSync(`${dir}/probe.mjs`, 'utf8').replace(
    "console.error('probe: ' + error.message);",
    "say(`${process.umask()} ${process.listenerCount('SIGHUP')} ${fs.existsSync(dir + '/pid')} ${context.isOpen} ${error.message}`);",
  );
  writeFileSync(`${dir}/probe.mjs`, `process.umask(0o022);${script}`);
  assert.equal(run(dir).status, 1);
  assert.deepEqual(said(dir), ['23 1 true', '18 0 false false no luck']);
});

test('prepare runs with the pid file made, before the pid is in it and the working directory changes', (t) => {
  const dir = probe(
    t,
    "{ detach: true, pidFile: dir + '/pid', workingDirectory: dir }",
    'say(`${process.cwd()} ${fs.readFileSync(dir + "/pid", "latin1") === process.pid + "\\n"} ${context.isDetached}`); context.close(); context.close(); say(`${context.isOpen} ${fs.existsSync(dir + "/pid")}`)',
    'say(`${process.cwd()} ${fs.readFileSync(dir + "/pid", "latin1") === ""} ${context.isOpen}`)',
  );
  assert.equal(run(dir).status, 0);
  return until('the probe has ended', () => said(dir).length === 3).then(() =>
    assert.deepEqual(said(dir), [`${process.cwd()} true false`, `${dir} true true`, 'false false']),
  );
});

test('standard streams: files that are appended to, or /dev/null', async (t) => {
  const dir = probe(
    t,
    "{ detach: true, stdout: dir + '/out', stderr: said }",
    "console.log('to out'); console.error('to err'); stay()",
  );
  assert.deepEqual(run(dir), { status: 0, stdout: '', stderr: '' });
  await until(
    'both are written',
    () => readFileSync(`${dir}/out`, 'utf8') === 'to out\n' && said(dir).includes('to err'),
  );
  assert.equal(readlinkSync(`/proc/${pidOf(dir)}/fd/0`), '/dev/null');
});

test('descriptors to preserve stay open, with their numbers; others do not', (t) => {
  const dir = probe(t, '{ detach: true, preserve: [3, 7] }', 'stay()');
  for (const name of ['three', 'seven', 'eight']) writeFileSync(`${dir}/${name}`, '');
  const script = `exec 3<three 7<seven 8<eight; "$@"`;
  const { status, stderr } = spawnSync('bash', ['-c', script, 'bash', process.execPath, 'probe.mjs'], {
    cwd: dir,
    encoding: 'utf8',
    timeout: 60_000,
  });
  assert.deepEqual([status, stderr], [0, '']);
  const folder = `/proc/${pidOf(dir)}/fd`;
  assert.equal(readlinkSync(`${folder}/3`), `${dir}/three`);
  assert.equal(readlinkSync(`${folder}/7`), `${dir}/seven`);
  const targets = readdirSync(folder).map((fd) => readlinkSync(`${folder}/${fd}`));
  assert.equal(targets.includes(`${dir}/eight`), false);
});

test('signals: ignored, handled by name, and terminate', async (t) => {
  const dir = probe(
    t,
    "{ detach: true, pidFile: dir + '/pid', signals: { SIGTTIN: 'ignore', SIGUSR2: (name) => say('got ' + name), SIGTERM: 'terminate' } }",
    'stay()',
  );
  assert.equal(run(dir).status, 0);
  const pid = pidOf(dir);
  process.kill(pid, 'SIGTTIN');
  process.kill(pid, 'SIGUSR2');
  await until('the signal is handled', () => said(dir).includes('got SIGUSR2'));
  process.kill(pid, 'SIGTERM');
  await until('it has ended', () => isGone(pid));
  assert.equal(existsSync(`${dir}/pid`), false);
});

test('a successor takes the pid file over: released without a trace, locked later', async (t) => {
  const wait = "while (!fs.existsSync(dir + '/released')) await new Promise((go) => setTimeout(go, 5));";
  const dir = probe(
    t,
    "{ detach: true, pidFile: dir + '/pid', pidFileLater: process.argv[2] === 'later', signals: { SIGHUP: () => { context.releaseForSuccessor(); context.close(); fs.writeFileSync(dir + '/released', ''); } } }",
    'stay()',
    `if (process.argv[2] === 'later') { say('prepares'); ${wait} context.lock(); context.lock(); say('locked'); }`,
  );
  assert.equal(run(dir).status, 0);
  const old = pidOf(dir);
  cleanUp(t, () => isGone(old) || process.kill(old, 'SIGKILL'));
  assert.equal(readFileSync(`${dir}/pid`, 'latin1'), `${old}\n`);
  const successor = spawn(process.execPath, [`${dir}/probe.mjs`, 'later'], { stdio: 'ignore' });
  cleanUp(t, () => successor.kill('SIGKILL'));
  const ended = new Promise((done) => successor.once('exit', done));
  await until('the successor prepares', () => said(dir).includes('prepares'));
  assert.deepEqual(run(dir), { status: 1, stdout: '', stderr: `probe: already running, pid ${old}\n` });
  process.kill(old, 'SIGHUP');
  assert.equal(await ended, 0);
  assert.equal(readFileSync(`${dir}/pid`, 'latin1'), `${pidOf(dir)}\n`);
  assert.deepEqual(run(dir), { status: 1, stdout: '', stderr: `probe: already running, pid ${pidOf(dir)}\n` });
});

test('what no successor took can be locked again, also without the rights to open it', { skip }, async (t) => {
  const dir = probe(
    t,
    "{ detach: true, pidFile: dir + '/pid', user: 61234, group: 61235, signals: { SIGHUP: () => { context.releaseForSuccessor(); fs.writeSync(said, 'free\\n'); }, SIGUSR2: () => { context.lock(); context.lock(); say('locked'); } } }",
    'stay()',
    "fs.chmodSync(dir + '/pid', 0o600);",
  );
  assert.equal(run(dir).status, 0);
  const pid = pidOf(dir);
  const lockable = (): boolean =>
    spawnSync('python3', [
      '-c',
      'import fcntl, sys; fcntl.lockf(open(sys.argv[1], "r+"), fcntl.LOCK_EX | fcntl.LOCK_NB)',
      `${dir}/pid`,
    ]).status === 0;
  assert.equal(lockable(), false);
  process.kill(pid, 'SIGHUP');
  await until('it is released', () => said(dir).includes('free'));
  assert.equal(lockable(), true);
  process.kill(pid, 'SIGUSR2');
  await until('it is locked', () => said(dir).includes('locked'));
  assert.equal(lockable(), false);
  assert.equal(readFileSync(`${dir}/pid`, 'latin1'), `${pid}\n`);
});

test('detach null: not for a service manager that waits for a word', (t) => {
  const dir = probe(t, '{}', 'say(String(context.isDetached))');
  assert.equal(run(dir, [], { ...process.env, NOTIFY_SOCKET: '@nobody' }).status, 0);
  assert.deepEqual(said(dir), ['false']);
});

test('detach null: not where standard input is a socket, as from inetd', async (t) => {
  const dir = probe(t, '{}', 'say(String(context.isDetached))');
  const server = createServer((socket) => {
    const served = spawn(process.execPath, [`${dir}/probe.mjs`], { stdio: [socket, 'ignore', 'inherit'] });
    cleanUp(t, () => served.kill('SIGKILL'));
    cleanUp(t, () => socket.destroy());
  });
  cleanUp(t, () => server.close());
  await new Promise<void>((done) => server.listen(`${dir}/inetd`, done));
  const client = connect(`${dir}/inetd`);
  cleanUp(t, () => client.destroy());
  await until('the probe has spoken', () => existsSync(`${dir}/said`) && said(dir).length === 1);
  assert.deepEqual(said(dir), ['false']);
});

test('detach null: otherwise yes', async (t) => {
  const dir = probe(t, '{}', 'say(String(context.isDetached))');
  assert.equal(run(dir).status, 0);
  await until('the probe has spoken', () => said(dir).length === 1);
  assert.deepEqual(said(dir), ['true']);
});

test('core dumps are off unless wanted', async (t) => {
  const limit =
    'say(/^Max core file size +(\\S+) +(\\S+)/m.exec(fs.readFileSync("/proc/self/limits", "latin1")).slice(1).join(" "))';
  const off = probe(t, '{ detach: false }', limit);
  run(off);
  assert.deepEqual(said(off), ['0 0']);
  const on = probe(t, '{ detach: false, coreDumps: true }', limit);
  const expected = /^Max core file size +(\S+) +(\S+)/m
    .exec(readFileSync('/proc/self/limits', 'latin1'))
    ?.slice(1)
    .join(' ');
  run(on);
  assert.deepEqual(said(on), [expected]);
});

const COME_BACK = `
for (const [name, way] of Object.entries({
  setuid: () => process.setuid(0), seteuid: () => process.seteuid(0), setgid: () => process.setgid(0),
  setegid: () => process.setegid(0), setgroups: () => process.setgroups([0]),
})) {
  try { way(); say(name + ' worked'); } catch (error) { say(name + ' ' + error.code); }
}
say([process.getuid(), process.geteuid(), process.getgid(), process.getegid(), process.getgroups()].join(' '));
`;

const NOT_BACK = ['setuid', 'seteuid', 'setgid', 'setegid', 'setgroups'].map((name) => `${name} EPERM`);

test('the rights of root do not come back', { skip }, (t) => {
  const dir = probe(t, '{ detach: false, user: 61234, group: 61235 }', COME_BACK);
  assert.equal(run(dir).stderr, '');
  assert.deepEqual(said(dir), [...NOT_BACK, '61234 61234 61235 61235 61235']);
});

test('a failure behind prepare undoes what prepare did', { skip }, (t) => {
  const dir = probe(
    t,
    "{ detach: true, pidFile: dir + '/pid', user: 61234, group: 61235, workingDirectory: '/no/such' }",
  );
  const { status, stderr } = run(dir);
  assert.equal(status, 1);
  assert.match(stderr, /^probe: .*no such file or directory.*\/no\/such.*\n$/);
  assert.deepEqual(said(dir), ['undone thing']);
});

test('without native calls: users work, what does not is said', { skip }, (t) => {
  const bare = TestDaemon.folder(t);
  chmodSync(bare, 0o755);
  cpSync(builtPath('src'), `${bare}/src`, { recursive: true });
  writeFileSync(`${bare}/package.json`, '{ "type": "module" }');
  const module = pathToFileURL(`${bare}/src/process/context/context.js`).href;
  const dir = probe(t, '{ detach: true, user: 61234, group: 61235, notice: say }', COME_BACK, '', module);
  assert.deepEqual(run(dir), { status: 0, stdout: '', stderr: '' });
  return until('it has spoken', () => said(dir).length === 9).then(() => {
    assert.deepEqual(said(dir).slice(0, 3), [
      'programs it starts can still gain privileges: PR_SET_NO_NEW_PRIVS is not set in every thread',
      'the capability bounding set is not empty',
      'the inheritable capability set may not be empty',
    ]);
    assert.deepEqual(said(dir).slice(3), [...NOT_BACK, '61234 61234 61235 61235 61235']);
    const jail = probe(t, "{ detach: false, rootDirectory: '/tmp' }", '', '', module);
    const { status, stderr } = run(jail);
    assert.equal(status, 1);
    assert.match(
      stderr,
      /^probe: cannot use "\/tmp" as root directory: it needs native calls: koffi cannot be loaded: .*\n$/,
    );
  });
});

test('a variable of the mechanism that leads nowhere is no word of a starter', (t) => {
  const dir = probe(t, '{ detach: false }', 'say(String(context.isDetached) + process.env.DAEMON_CONTEXT_READY_FD)');
  const fd = openSync('/dev/null', 'r');
  closeSync(fd);
  assert.equal(run(dir, [], { ...process.env, DAEMON_CONTEXT_READY_FD: '99' }).status, 0);
  assert.deepEqual(said(dir), ['falseundefined']);
});

test('a relative pid file is where the program was started, and is removed from there', (t) => {
  const dir = probe(
    t,
    "{ pidFile: 'probe.pid', detach: false }",
    "say(fs.readdirSync(dir).includes('probe.pid')); context.close();",
  );
  const { status, stderr } = spawnSync(process.execPath, ['probe.mjs'], {
    cwd: dir,
    encoding: 'utf8',
    timeout: 60_000,
  });
  assert.deepEqual([status, stderr, said(dir)], [0, '', ['true']]);
  assert.ok(!existsSync(`${dir}/probe.pid`));
});

test('a daemon whose command is gone before it was ready undoes everything and ends', async (t) => {
  const wait =
    "while (!fs.existsSync(dir + '/go')) { fs.writeFileSync(dir + '/waits', String(process.pid)); await new Promise((done) => setTimeout(done, 10)); }";
  const dir = probe(t, "{ pidFile: dir + '/probe.pid' }", 'stay();', wait);
  const command = spawn(process.execPath, [`${dir}/probe.mjs`], { stdio: 'ignore' });
  cleanUp(t, () => command.kill('SIGKILL'));
  const ended = once(command, 'exit');
  const pid = await until(
    'the daemon prepares',
    () => existsSync(`${dir}/waits`) && (Number(readFileSync(`${dir}/waits`, 'latin1')) || undefined),
  );
  cleanUp(t, () => isGone(pid) || process.kill(pid, 'SIGKILL'));
  command.kill('SIGKILL');
  await ended;
  writeFileSync(`${dir}/go`, '');
  await until('the daemon has ended', () => isGone(pid));
  assert.deepEqual(said(dir), ['undone thing']);
  assert.ok(!existsSync(`${dir}/probe.pid`));
});
