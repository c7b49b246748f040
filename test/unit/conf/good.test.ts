/**
 * Sound configurations, whole files and single forms, and what they mean.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ActionOptions } from '../../../src/conf/config.ts';
import { FACILITY } from '../../../src/protocol/priority.ts';
import { parseText, problemsOf, rulesOf } from '../../support/conf-source.ts';

const SYSKLOGD = `# Log by facility.
auth,authpriv.*\t\t\t /var/log/auth.log
*.*;auth,authpriv.none\t\t-/var/log/syslog
#cron.*\t\t\t\t/var/log/cron.log
kern.*\t\t\t\t-/var/log/kern.log
mail.err\t\t\t /var/log/mail.err
#*.=debug;\\
#\tauth,authpriv.none;\\
#\tnews.none;mail.none\t-/var/log/debug
*.=info;*.=notice;*.=warn;\\
\tauth,authpriv.none;\\
\tcron,daemon.none;\\
\tmail,news.none\t\t-/var/log/messages
*.=crit;kern.none\t\t/var/log/critical\t;rotate=10M:5,RFC5424
*.notice;auth,authpriv.none;\\
\tkern.none\t\t@finlandia:514\t;RFC5424
*.=emerg\t\t\t*
*.alert\t\t\troot,joey
secure_mode 1
rotate_size  1M
rotate_count 5
include /etc/syslog.d/*.conf
`;

const FREEBSD = `# $FreeBSD$
#
#\tSpaces ARE valid field separators in this file. However,
#\tother *nix-like systems still insist on using tabs.
*.err;kern.warning;auth.notice;mail.crit\t\t/dev/console
*.notice;authpriv.none;kern.debug;lpr.info;mail.crit;news.err\t/var/log/messages
security.*\t\t\t\t\t/var/log/security
auth.info;authpriv.info\t\t\t\t/var/log/auth.log
cron.*\t\t\t\t\t\t/var/log/cron
!-devd
*.=debug\t\t\t\t\t/var/log/debug.log
*.emerg\t\t\t\t\t\t*
#console.info\t\t\t\t\t/var/log/console.log
#*.*\t\t\t\t\t\t@loghost
!ppp
*.*\t\t\t\t\t\t/var/log/ppp.log
!*
include\t\t\t\t\t\t/etc/syslog.d
`;

const DEBIAN = `#
# Log anything besides private authentication messages to a single log file
#
*.*;auth,authpriv.none\t\t-/var/log/syslog
auth,authpriv.*\t\t\t/var/log/auth.log
cron.*\t\t\t\t-/var/log/cron.log
kern.*\t\t\t\t-/var/log/kern.log
mail.*\t\t\t\t-/var/log/mail.log
user.*\t\t\t\t-/var/log/user.log
daemon.*;mail.*;\\
\tnews.err;\\
\t*.=debug;*.=info;\\
\t*.=notice;*.=warn\t|/dev/xconsole
mail.info\t\t\t-/var/log/mail.info
*.=debug;\\
\tauth,authpriv.none;\\
\tmail.none\t\t-/var/log/debug
*.emerg\t\t\t\t*
`;

test('the example of sysklogd is sound', () => {
  const { configuration, problems } = parseText(SYSKLOGD);
  assert.deepEqual(problems, []);
  assert.equal(configuration.rules.length, 9);
  assert.equal(configuration.directives.secureMode, 1);
  assert.equal(configuration.directives.rotateSizeBytes, 1024 ** 2);
  assert.equal(configuration.directives.rotateCount, 5);
  const messages = configuration.rules[4];
  assert.deepEqual(messages?.at, { file: '/etc/t.conf', line: 10, column: 1 });
  assert.deepEqual(messages?.actionAt, { file: '/etc/t.conf', line: 13, column: 18 });
  assert.equal(messages?.severityMasks[FACILITY.user], 0b0111_0000);
  assert.equal(messages?.severityMasks[FACILITY.mail], 0);
});

test('the example of FreeBSD is sound', () => {
  assert.deepEqual(rulesOf(FREEBSD, { '/etc/syslog.d/a.conf': '' }), [
    '/dev/console',
    '/var/log/messages',
    '/var/log/security',
    '/var/log/auth.log',
    '/var/log/cron',
    '/var/log/debug.log [!not devd]',
    'wall [!not devd]',
    '/var/log/ppp.log [!ppp]',
  ]);
});

test('the selectors of Debian are sound', () => {
  assert.deepEqual(rulesOf(DEBIAN), [
    '-/var/log/syslog',
    '/var/log/auth.log',
    '-/var/log/cron.log',
    '-/var/log/kern.log',
    '-/var/log/mail.log',
    '-/var/log/user.log',
    'fifo /dev/xconsole',
    '-/var/log/mail.info',
    '-/var/log/debug',
    'wall',
  ]);
});

const ACTIONS: readonly (readonly [text: string, action: string])[] = [
  ['/var/log/x', '/var/log/x'],
  ['-/var/log/x', '-/var/log/x'],
  ['/var/log/a#b', '/var/log/a#b'],
  ['/var/log/a # comment', '/var/log/a'],
  ['/var/log/a\t#', '/var/log/a'],
  ['/var/log/é', '/var/log/é'],
  ['./x', '/etc/x'],
  ['-../log/x', '-/log/x'],
  ['|./x', 'fifo /etc/x'],
  ['|../bin/cat', 'command /bin/cat'],
  ['|../bin/cat -u ./y', 'command /bin/cat -u ./y'],
  ['|/run/fifo', 'fifo /run/fifo'],
  ['| /run/fifo  # comment', 'fifo /run/fifo'],
  ['|/run/fifo ;JSON', 'fifo /run/fifo'],
  ['|/bin/cat', 'command /bin/cat'],
  ['|/bin/cat ;JSON', 'command /bin/cat'],
  ['|cat', 'command cat'],
  ['|exec /bin/cat >>/tmp/x  2>&1', 'command exec /bin/cat >>/tmp/x  2>&1'],
  ['|/bin/cat>/tmp/x', 'command /bin/cat>/tmp/x'],
  ['|/opt/x -y', 'command /opt/x -y'],
  ['|cd / ;cat # all', 'command cd / ;cat # all'],
  ['|cd / ; iso', 'command cd / ; iso'],
  ['|grep x  ;RFC5424,JSON # c', 'error'],
  ['|cat ;RFC5424', 'command cat'],
  ['|cat;JSON', 'command cat;JSON'],
  ['|"/my prog" ;JSON', 'command "/my prog"'],
  ['|cat ;RFC5424 # c', 'command cat'],
  ['@host', 'forward host default'],
  ['@host.example.:1514', 'forward host.example. 1514'],
  ['@192.0.2.1:514', 'forward 192.0.2.1 514'],
  ['@[2001:db8::1]', 'forward 2001:db8::1 default'],
  ['@[fe80::1%eth0]:1514', 'forward fe80::1%eth0 1514'],
  ['@2001:db8::1', 'forward 2001:db8::1 default'],
  ['*', 'wall'],
  ['* # everybody', 'wall'],
  ['root', 'users root'],
  ['root, joe ,www-data # c', 'users root joe www-data'],
  ['/dev/console', '/dev/console'],
];

for (const [text, action] of ACTIONS) {
  if (action === 'error') {
    test(`action ${JSON.stringify(text)} is an error`, () => assert.equal(parseText(`*.* ${text}`).problems.length, 1));
  } else {
    test(`action ${JSON.stringify(text)} is ${action}`, () => assert.deepEqual(rulesOf(`*.*\t ${text}`), [action]));
  }
}

function optionsOf(text: string): Partial<ActionOptions> {
  const parsed = parseText(`*.* ${text}`);
  assert.deepEqual(problemsOf(parsed), []);
  const options = parsed.configuration.rules[0]?.options ?? {};
  return Object.fromEntries(
    Object.entries(options).filter(([key, value]) => key !== 'at' && value !== null && value !== 'default'),
  );
}

const OPTIONS: readonly (readonly [text: string, options: Partial<ActionOptions>])[] = [
  ['/x', {}],
  ['/x ;RFC3164', { format: 'rfc3164' }],
  ['/x\t;rfc5424', { format: 'rfc5424' }],
  ['/x ;Iso # comment', { format: 'iso' }],
  ['/x ;json', { format: 'json' }],
  [
    '/x ;rotate=10M:5,RFC5424',
    { format: 'rfc5424', rotation: { sizeBytes: 10 * 1024 ** 2, interval: null, count: 5 } },
  ],
  ['/x ;rotate=:7', { rotation: { sizeBytes: null, interval: null, count: 7 } }],
  ['/x ;rotate=daily', { rotation: { sizeBytes: null, interval: 'daily', count: null } }],
  ['/x ;rotate=Weekly:4', { rotation: { sizeBytes: null, interval: 'weekly', count: 4 } }],
  ['/x ;rotate=10MB;rotate=hourly , rotate=:9', { rotation: { sizeBytes: 10_000_000, interval: 'hourly', count: 9 } }],
  ['/x ;1k:3', { rotation: { sizeBytes: 1024, interval: null, count: 3 } }],
  ['/x ;mode=0600;owner=root;group=adm', { mode: 0o600, owner: 'root', group: 'adm' }],
  ['/x ; MODE=640', { mode: 0o640 }],
  ['@h ;iface=eth0,ttl=4', { iface: 'eth0', ttl: 4 }],
  ['|cat ;JSON', { format: 'json' }],
  ['|/run/f ;mode=620', { mode: 0o620 }],
  ['root ;RFC3164', { format: 'rfc3164' }],
];

for (const [text, options] of OPTIONS) {
  test(`options of ${JSON.stringify(text)}`, () => assert.deepEqual(optionsOf(text), options));
}

test('options keep their places', () => {
  const at = parseText('*.* /x ;JSON, mode=600;rotate=1k').configuration.rules[0]?.options.at;
  assert.deepEqual([at?.format?.column, at?.mode?.column, at?.rotate?.column, at?.owner], [9, 15, 24, undefined]);
});

test('directives are taken with blank, with `=`, and with both', () => {
  const { directives } = parseText(
    'listen :514\nlisten=[::1]:515%eth0\nlisten = 192.0.2.1\nsecure_mode=2\nudp_size 1k\nrotate_size = 10MB # c\n' +
      'rotate_count=3\nnotify /bin/a\nnotify ./b\nmax_message 64k\nfile_mode 600\nfile_mode 0640\nmemory 2G\n',
  ).configuration;
  const { at, ...values } = directives;
  assert.deepEqual(values, {
    listen: [
      { host: null, port: 514, iface: null },
      { host: '::1', port: 515, iface: 'eth0' },
      { host: '192.0.2.1', port: null, iface: null },
    ],
    secureMode: 2,
    udpSizeBytes: 1024,
    rotateSizeBytes: 10_000_000,
    rotateCount: 3,
    notify: ['/bin/a', '/etc/b'],
    maxMessageBytes: 65_536,
    fileMode: 0o640,
    memoryBytes: 2 * 1024 ** 3,
  });
  assert.equal(at.file_mode?.line, 12);
});

test('an empty configuration is sound', () => {
  for (const text of ['', '\n\n', '# only\n', '\xef\xbb\xbf', '   \r\n\t']) {
    const parsed = parseText(Buffer.from(text, 'latin1'));
    assert.deepEqual([parsed.problems, parsed.configuration.rules], [[], []]);
  }
});
