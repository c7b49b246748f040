/**
 * `tsyslogctl explain` tells the truth: a real daemon writes the same records to the same files. And it works without
 * a daemon, as any user, from every source of a message.
 */
import assert from 'node:assert/strict';
import { chmodSync, readdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { runControl } from '../support/ctl-program.ts';
import { TestDaemon } from '../support/daemon.ts';
import { sendLocal } from '../support/send.ts';

const HOST = hostname().split('.')[0] ?? '';

/** Files by name: the records that an explanation has for each. */
function recordsIn(explanation: string): ReadonlyMap<string, readonly string[]> {
  const records = new Map<string, string[]>();
  let list: string[] | undefined;
  for (const line of explanation.slice(explanation.indexOf('\nIt goes to ')).split('\n')) {
    const name = /^file "[^"]*\/([^/"]*)" {2}\(/.exec(line)?.[1];
    if (name !== undefined) {
      list = [];
      records.set(name, list);
    } else if (line.startsWith('    ')) list?.push(line.slice(4));
  }
  return records;
}

const CONF = `# blocks of every kind, formats, shared destinations
*.info;mail.none;cron.!=notice  DIR/info
*.err                           DIR/err ;RFC5424
mail.*;mail.!err                DIR/mail
*.=debug                        DIR/info
!sshd,su
*.*                             DIR/auth ;ISO
!-sshd
auth.*                          DIR/noauth
!*
+@
user.*                          DIR/own
-@
*.*                             DIR/foreign
+*
:msg, icase_ereregex, "(disk|file system) (is )?full"
*.*                             DIR/full
:*
!!quick
*.*                             DIR/quick
*.crit                          DIR/never
!*
local0,local7.*                 DIR/late
syslog.*                        -DIR/self
`;
const TIME = 'Nov 20 22:14:15';
const DATAGRAMS: readonly string[] = [
  `<19>${TIME} postfix/smtpd[12]: warning`,
  `<22>${TIME} postfix: sent`,
  `<38>${TIME} sshd[7]: Accepted`,
  `<37>${TIME} su: root`,
  `<14>${TIME} ${HOST} app: own host`,
  `<14>${TIME} other app: is it a host`,
  `<134>${TIME} quick: the search ends`,
  `<128>${TIME} slow: The Disk is Full`,
  `<77>${TIME} cron: notice`,
  `<15>${TIME} debugging`,
  `<0>${TIME} kern becomes user`,
  '<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 quick 8710 ID47 [a b="c"] rfc 5424',
  '<131>1 2003-08-24T05:14:15Z - - - - - \ufeffvalue',
  `<190>${TIME} tab\there and \u001b[31m bytes \xff`,
];

for (const args of [[], ['-H'], ['-k', '-8']])
  test(`a daemon with ${args.join(' ') || 'no options'} writes what explain says, and nothing else`, async (t) => {
    const daemon = await TestDaemon.start(t, { conf: CONF, args: ['-cc', ...args] });
    const wanted = new Map<string, string[]>();
    for (const datagram of DATAGRAMS) {
      const command = ['explain', '-f', daemon.confFile, '--raw', ...(args.length > 0 ? ['-o', args.join(' ')] : [])];
      const { status, stdout, stderr } = await runControl(command, { input: Buffer.from(datagram) });
      assert.deepEqual([status, stderr], [0, '']);
      for (const [name, records] of recordsIn(stdout)) wanted.set(name, [...(wanted.get(name) ?? []), ...records]);
    }
    await sendLocal(
      daemon.socket,
      DATAGRAMS.map((datagram) => Buffer.from(datagram)),
    );
    await daemon.stop();
    const names = ['info', 'err', 'mail', 'auth', 'noauth', 'own', 'foreign', 'full', 'quick', 'never', 'late'];
    for (const name of names) {
      const lines = daemon.lines(name).filter((line) => !line.includes(' tsyslogd[') && !line.includes(' tsyslogd '));
      assert.deepEqual(lines, wanted.get(name) ?? [], name);
    }
    assert.ok([...wanted.keys()].length >= 8, 'most files are met');
  });

/** A configuration that anybody may read. */
function configure(t: TestContext, conf: string): string {
  const dir = TestDaemon.folder(t);
  chmodSync(dir, 0o755);
  writeFileSync(join(dir, 'conf'), conf);
  return join(dir, 'conf');
}

const SOURCES: readonly (readonly [readonly string[], RegExp])[] = [
  [
    ['-p', 'mail.err', '-t', 'app[7]'],
    new RegExp(`^ {4}<19>\\w{3} [ \\d]\\d [\\d:]{8} ${HOST} app\\[7\\]: hello$`, 'm'),
  ],
  [['-p', '19'], new RegExp(`^ {4}<19>.* ${HOST} hello$`, 'm')],
  [['-H', 'Web1.example.test', '-t', 'app'], /^ {4}<13>.* web1\.example\.test app: hello$/m],
  [['-H', '2001:db8::7', '-t', 'app'], /^ {4}<13>.* 2001:db8::7 app: hello$/m],
  [['--from', 'network', '-t', 'app'], /^ {4}<13>.* 192\.0\.2\.1 app: hello$/m],
  [['-H', 'Web1', '-o', '-H', '-t', 'app'], /^ {4}<13>.* Web1 app: hello$/m],
  [['--from', 'kernel'], new RegExp(`^ {4}<5>.* ${HOST} kernel: hello$`, 'm')],
  [['-p', 'kern.err'], /^note {5}facility kern is reserved for the kernel[^]*^ {4}<11>/m],
  [['-p', 'mark.info'], /^message {2}mark\.info, from the daemon$[^]*^ {4}<46>.* tsyslogd: hello$/m],
];

for (const [args, wanted] of SOURCES)
  test(`explain ${args.join(' ')}: the record as it is forwarded`, async (t) => {
    const conf = configure(t, '*.*\t@127.0.0.1:9 ;RFC3164\n');
    const { status, stdout, stderr } = await runControl(['explain', '-f', conf, ...args, 'hello']);
    assert.deepEqual([status, stderr], [0, '']);
    assert.match(stdout, wanted);
  });

test('explain: secure mode forbids, and says so', async (t) => {
  const conf = configure(t, 'secure_mode 2\n*.* @127.0.0.1:9\n*.* /nonexistent/a\n');
  const { stdout } = await runControl(['explain', '-f', conf, '-H', 'web1', 'x']);
  assert.match(stdout, /^note +secure mode 2: the daemon receives nothing from the network$/m);
  assert.match(stdout, /^\S+:2 .* no: secure mode 2 allows no forwarding$/m);
  assert.match(stdout, /^It goes to 1 destination:\nfile "\/nonexistent\/a"/m);
  const open = await runControl(['explain', '-f', conf, '-o', '-s', 'x']);
  assert.match(open.stdout, /^It goes to 2 destinations:$/m);
});

test('explain: one line of standard input, and what it must not be', async (t) => {
  const conf = configure(t, '*.* /nonexistent/a\n');
  const { stdout } = await runControl(['explain', '-f', conf], { input: 'first line\nsecond line\n' });
  assert.match(stdout, /^text {5}first line$/m);
  assert.doesNotMatch(stdout, /second/);
  const raw = await runControl(['explain', '-f', conf, '--raw'], { input: 'no priority\nhere\n' });
  assert.match(raw.stdout, /^text {5}no priority here$/m);
  assert.match(raw.stdout, /^note {5}it has no priority/m);
});

test('explain: errors are printed as --check does, sound rules are explained, status 3', async (t) => {
  const conf = configure(t, 'maul.* /nonexistent/a\n*.* /nonexistent/b\n');
  const { status, stdout, stderr } = await runControl(['explain', '-f', conf, 'x']);
  assert.equal(status, 3);
  assert.match(stderr, new RegExp(`^${conf}:1:1: unknown facility [^\n]+\n$`));
  assert.match(stdout, /^It goes to 1 destination:\nfile "\/nonexistent\/b"/m);
});

test('explain: a configuration that is not there, status 1', async () => {
  const { status, stdout, stderr } = await runControl(['explain', '-f', '/nonexistent/conf', 'x']);
  assert.deepEqual([status, stdout], [1, '']);
  assert.equal(stderr, 'tsyslogctl: cannot read configuration "/nonexistent/conf": no such file or directory\n');
});

test('explain: a message that goes nowhere', async (t) => {
  const conf = configure(t, 'mail.* /nonexistent/a\n');
  const { status, stdout } = await runControl(['explain', '-f', conf, 'x']);
  assert.equal(status, 0);
  assert.match(stdout, /no: no selector for user\n\nIt goes nowhere: no rule selects it\.\n$/);
});

test('explain: nothing of a configuration or a message drives a terminal', async (t) => {
  const conf = configure(t, '*.*;mail.none /nonexistent/\u001b[31m\n!\u001b[1m\n*.* |echo \u009b1m\n!*\n*.* *\n');
  for (const extra of [[], ['-o', '-8']]) {
    const command = ['explain', '-f', conf, '--raw', ...extra];
    const { stdout, stderr } = await runControl(command, { input: '<19>\u001b[31m\u009b1m: \u009b\u0007' });
    assert.match(stdout, /^It goes to \d destinations?:$/m);
    assert.doesNotMatch(stdout + stderr, /(?![\n\t])\p{Cc}/u);
  }
});

test('explain: an ordinary user, and nothing is opened, made or started', async (t) => {
  const conf = configure(t, `*.* ./made\n*.* |touch ${TestDaemon.folder(t)}/touched\n*.* |./fifo\n*.* *\n`);
  const isRoot = process.getuid?.() === 0;
  const { status, stdout } = await runControl(['explain', '-f', conf, 'x'], isRoot ? { uid: 65_534 } : {});
  assert.equal(status, 0);
  assert.match(stdout, /^It goes to 4 destinations:$/m);
  assert.deepEqual(readdirSync(join(conf, '..')), ['conf']);
});
