/**
 * Blocks and filters of a whole configuration: which file gets which message.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { test } from 'node:test';
import { TestDaemon } from '../support/daemon.ts';
import { freeUdpPort } from '../support/ports.ts';
import { sendLocal, sendUdp } from '../support/send.ts';

const CONF = `
*.*;syslog.none            DIR/all
!sshd,cron
*.*                        DIR/programs
!-sshd,cron
user.*                     DIR/others
!*
+@
user.*                     DIR/own
+router1,router2
*.*                        DIR/routers
-router1
local0.*                   DIR/notrouter1
+*
:msg, icase_contains, "panic"
*.*                        DIR/panic
:msg, ereregex, "^(in|out)put [0-9]{3}$"
*.*                        DIR/regex
:programname, !startswith, "s"
user.*                     DIR/nots
:*
!!quick
*.*                        DIR/quick
!*
*.*;syslog.none            DIR/afterquick
`;

function texts(daemon: TestDaemon, name: string): string[] {
  return daemon.lines(name).map((line) => line.replace(/^.{15} \S+ /, ''));
}

test('program, host and property blocks, quick blocks and resets', async (t) => {
  const port = await freeUdpPort();
  const daemon = await TestDaemon.start(t, { conf: CONF, args: ['-H', '-b', `127.0.0.1:${port}`] });
  await sendLocal(daemon.socket, [
    '<14>sshd[1]: login',
    '<14>cron: job',
    '<14>sshdx: not a listed name',
    '<14>app: Kernel PANIC now',
    '<14>app: input 123',
    '<14>app: input 1234',
    '<14>quick: once',
  ]);
  const when = 'Nov 20 22:14:15';
  await sendUdp(port, [
    `<134>${when} router1 fw: one`,
    `<134>${when} ROUTER2 fw: two`,
    `<134>${when} router3 fw: three`,
  ]);
  await sendLocal(daemon.socket, ['<14>last: end']);
  await daemon.line('afterquick', /last: end/);
  await daemon.line('afterquick', /three/);
  await daemon.stop();
  const apps = ['app: Kernel PANIC now', 'app: input 123', 'app: input 1234'];
  const user = ['sshd[1]: login', 'cron: job', 'sshdx: not a listed name', ...apps, 'quick: once', 'last: end'];
  assert.deepEqual(texts(daemon, 'programs'), ['sshd[1]: login', 'cron: job']);
  assert.deepEqual(texts(daemon, 'others'), ['sshdx: not a listed name', ...apps, 'quick: once', 'last: end']);
  assert.deepEqual(texts(daemon, 'own'), user);
  assert.deepEqual(texts(daemon, 'routers'), ['fw: one', 'fw: two']);
  assert.deepEqual(texts(daemon, 'notrouter1').toSorted(), ['fw: three', 'fw: two']);
  assert.deepEqual(texts(daemon, 'panic'), ['app: Kernel PANIC now']);
  assert.deepEqual(texts(daemon, 'regex'), ['app: input 123']);
  assert.deepEqual(
    texts(daemon, 'nots').filter((text) => !text.startsWith('fw')),
    ['cron: job', ...apps, 'quick: once', 'last: end'],
  );
  assert.deepEqual(texts(daemon, 'quick'), ['quick: once']);
  assert.equal(texts(daemon, 'afterquick').includes('quick: once'), false);
  assert.equal(daemon.lines('all').length, 11);
  assert.match(daemon.lines('own')[0] ?? '', new RegExp(`^.{15} ${hostname().split('.')[0]} `));
});

test('included files begin without blocks, and the outer blocks are in force again behind them', async (t) => {
  const dir = TestDaemon.folder(t);
  writeFileSync(`${dir}/in.conf`, `user.* ${dir}/included\n!other\nuser.* ${dir}/never\n`);
  const daemon = await TestDaemon.start(t, { conf: '!app\ninclude DIR/in.conf\nuser.* DIR/outer\n!*' }, dir);
  await sendLocal(daemon.socket, ['<14>app: a', '<14>else: b']);
  await daemon.stop();
  assert.deepEqual(texts(daemon, 'included'), ['app: a', 'else: b']);
  assert.deepEqual(texts(daemon, 'outer'), ['app: a']);
  assert.deepEqual(texts(daemon, 'never'), []);
});

test('formats: one message in each of them', async (t) => {
  const conf = 'user.* DIR/bsd\nuser.* DIR/iso ;ISO\nuser.* DIR/five ;RFC5424\nuser.* DIR/json ;JSON';
  const daemon = await TestDaemon.start(t, { conf });
  await sendLocal(daemon.socket, [
    '<14>1 2024-11-20T22:14:15.123456+01:00 h app 77 ID [a@1 x="y"] caf\u00e9 "q"\u001b',
  ]);
  await daemon.stop();
  const host = hostname().split('.')[0] ?? '';
  assert.deepEqual(daemon.lines('bsd'), [`Nov 20 22:14:15 ${host} app[77]: caf\u00e9 "q"^[`]);
  assert.deepEqual(daemon.lines('iso'), [`2024-11-20T22:14:15.123456+01:00 ${host} app[77]: caf\u00e9 "q"^[`]);
  assert.deepEqual(daemon.lines('five'), [
    `2024-11-20T22:14:15.123456+01:00 ${host} app 77 ID [a@1 x="y"] caf\u00e9 "q"^[`,
  ]);
  assert.deepEqual(JSON.parse(daemon.lines('json')[0] ?? ''), {
    time: '2024-11-20T22:14:15.123456+01:00',
    host,
    facility: 'user',
    severity: 'info',
    app: 'app',
    procid: '77',
    msgid: 'ID',
    sd: { 'a@1': { x: 'y' } },
    message: 'caf\u00e9 "q"^[',
    _PID: process.pid,
    _UID: process.getuid?.(),
    _GID: process.getgid?.(),
  });
});
