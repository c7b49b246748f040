/**
 * Users and everybody: sessions from utmp in a /run of the daemon's own, on real terminals.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { test, type TestContext } from 'node:test';
import { ask, at, named } from '../support/control-client.ts';
import { TestDaemon } from '../support/daemon.ts';
import { Pty, ptyMissing } from '../support/pty.ts';
import { sendLocal } from '../support/send.ts';
import { until } from '../support/until.ts';
import { utmpEntry } from '../support/utmp.ts';

/** /run is empty for the daemon; everything else is the machine's. */
const OWN_RUN: readonly string[] = [
  ...['unshare', '-m', 'sh', '-c'],
  'mount --make-rprivate / && mount -t tmpfs tmpfs /run && exec "$@"',
  'sh',
];

function missing(): string | false {
  if (process.getuid?.() !== 0) return 'needs root for a /run of its own';
  if (spawnSync('unshare', ['-m', 'true']).status !== 0) return 'unshare -m does not work here';
  return ptyMissing();
}

const skip = missing();
const HOST = hostname().split('.')[0] ?? '';
const TIME = '\\S{3} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d';

interface LoggedIn {
  readonly user: string;
  readonly terminal: string;
}

function run(daemon: TestDaemon, path: string): string {
  return `/proc/${daemon.child.pid}/root/run/${path}`;
}

function logIn(daemon: TestDaemon, sessions: readonly LoggedIn[]): void {
  const entries = sessions.map(({ user, terminal }) =>
    utmpEntry({ type: 7, user, line: terminal.replace('/dev/', '') }),
  );
  writeFileSync(run(daemon, 'utmp'), Buffer.concat(entries));
}

function start(t: TestContext, conf: string): Promise<TestDaemon> {
  return TestDaemon.start(t, { conf: `${conf}\nuser.*;daemon.* DIR/a`, wrapper: OWN_RUN });
}

test('everybody: one greeting with bell, host and time for each message, on every terminal', { skip }, async (t) => {
  const [joe, ann] = [await Pty.open(t), await Pty.open(t, '600')];
  const daemon = await start(t, 'user.* *');
  logIn(daemon, [
    { user: 'joe', terminal: joe.path },
    { user: 'ann', terminal: ann.path },
  ]);
  await sendLocal(daemon.socket, ['<8>kernel[7]: on fire', '<8>no tag here']);
  const greeting = `\\r\\n\\x07Message from syslogd@${HOST} at \\S{3} ${TIME} \\d{4} \\.\\.\\.\\r\\n`;
  const whole = new RegExp(`^${greeting}kernel\\[7\\]: on fire\\r\\n\\r\\n${greeting}no tag here\\r\\n\\r\\n$`);
  await joe.shows(whole);
  await ann.shows(whole);
  await until('each text counts for each terminal', async () => {
    const outputs = at(await ask(t, daemon.path('pid.ctl'), 'status'), 'status', 'outputs');
    return at(named(outputs, '*'), 'written') === 4;
  });
});

test('users: those named, where they are logged in, with the whole line', { skip }, async (t) => {
  const [joe, twice, eve] = [await Pty.open(t), await Pty.open(t), await Pty.open(t)];
  const daemon = await start(t, 'user.* joe,nobody-here\ndaemon.* eve');
  logIn(daemon, [
    { user: 'joe', terminal: joe.path },
    { user: 'joe', terminal: twice.path },
    { user: 'eve', terminal: eve.path },
  ]);
  await sendLocal(daemon.socket, ['<13>su[12]: hello', '<29>d: for eve']);
  await joe.shows(new RegExp(`^${TIME} ${HOST} su\\[12\\]: hello\\r\\n\\r\\n$`));
  await twice.shows(/hello/);
  await eve.shows(new RegExp(`^${TIME} ${HOST} d: for eve\\r\\n\\r\\n$`));
  assert.doesNotMatch(daemon.lines('self').join('\n'), /dropp|nobody-here/, 'a user who is not there is no failure');
});

test('users: a terminal that refuses messages, mesg(1), gets only those to everybody', { skip }, async (t) => {
  const [quiet, open] = [await Pty.open(t, '600'), await Pty.open(t)];
  const daemon = await start(t, 'user.* joe\ndaemon.* *');
  logIn(daemon, [
    { user: 'joe', terminal: quiet.path },
    { user: 'joe', terminal: open.path },
  ]);
  await sendLocal(daemon.socket, ['<13>t: private']);
  await open.shows(/private/);
  await sendLocal(daemon.socket, ['<24>t: public']);
  await quiet.shows(/public/);
  assert.doesNotMatch(quiet.output, /private/);
});

test('a terminal that is stopped delays no other and no file; its loss is told', { skip }, async (t) => {
  const [stopped, open] = [await Pty.open(t), await Pty.open(t)];
  const daemon = await start(t, 'user.* *');
  logIn(daemon, [
    { user: 'joe', terminal: stopped.path },
    { user: 'ann', terminal: open.path },
  ]);
  await stopped.stop();
  await sendLocal(daemon.socket, ['<13>t: one']);
  await open.shows(/one/);
  await daemon.line('a', /one/);
  await daemon.line(
    'self',
    new RegExp(`dropping messages to everybody: terminal "${stopped.path}": it accepts no output`),
  );
  await stopped.start();
  await sendLocal(daemon.socket, ['<13>t: two']);
  await stopped.shows(/two/);
  await daemon.line('self', /dropped 1 message to everybody$/);
  assert.doesNotMatch(stopped.output, /t: one/);
});

test('texts for users are traditional, whatever format the rule asks for', { skip }, async (t) => {
  const pty = await Pty.open(t);
  const daemon = await start(t, 'user.* joe ;RFC5424');
  logIn(daemon, [{ user: 'joe', terminal: pty.path }]);
  await sendLocal(daemon.socket, ['<13>t: one']);
  await pty.shows(new RegExp(`^${TIME} ${HOST} t: one\\r\\n\\r\\n$`));
});

test('hostile records of sessions lead nowhere', { skip }, async (t) => {
  const pty = await Pty.open(t);
  const daemon = await start(t, 'user.* *');
  writeFileSync(daemon.path('victim'), '');
  logIn(daemon, [
    { user: 'eve', terminal: `..${daemon.dir.slice(0, 20)}/v` },
    { user: 'eve', terminal: 'null' },
    { user: 'eve', terminal: 'pts' },
    { user: 'eve', terminal: 'pts/99999' },
    { user: 'joe', terminal: pty.path },
  ]);
  await sendLocal(daemon.socket, ['<13>t: one']);
  await pty.shows(/one/);
  await daemon.line('a', /one/);
  assert.doesNotMatch(daemon.lines('self').join('\n'), /dropp/);
});

test('a system without utmp: sessions of systemd-logind', { skip }, async (t) => {
  const pty = await Pty.open(t);
  const daemon = await start(t, 'user.* joe');
  mkdirSync(run(daemon, 'systemd/sessions'), { recursive: true });
  writeFileSync(run(daemon, 'systemd/sessions/4'), `USER=joe\nSTATE=active\nTTY=${pty.path.slice(5)}\nCLASS=user\n`);
  await sendLocal(daemon.socket, ['<13>t: one']);
  await pty.shows(/one\r\n\r\n/);
});

test('nobody is logged in: messages go nowhere, without a word', { skip }, async (t) => {
  const daemon = await start(t, 'user.* *\nuser.* root');
  await sendLocal(daemon.socket, ['<13>t: one']);
  await daemon.line('a', /one/);
  assert.deepEqual(await daemon.stop(), { code: 0, signal: null });
  assert.doesNotMatch(daemon.lines('self').join('\n'), /dropp/);
});

test('terminals are not waited for at the end', { skip }, async (t) => {
  const pty = await Pty.open(t);
  const daemon = await start(t, 'user.* joe');
  logIn(daemon, [{ user: 'joe', terminal: pty.path }]);
  await pty.stop();
  await sendLocal(daemon.socket, ['<13>t: one']);
  await daemon.line('a', /one/);
  assert.deepEqual(await daemon.stop(), { code: 4, signal: null });
  assert.match(daemon.stderr + daemon.lines('self').join('\n'), /dropped 1 message to user "joe"/);
});
