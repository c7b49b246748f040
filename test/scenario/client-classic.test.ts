/**
 * `syslog()` of the client beside syslog(3) of the C library: the same calls, at the real /dev/log and /dev/console of a
 * /dev of their own, lead to the same bytes everywhere.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import * as client from '../../src/client/index.ts';
import { compilerMissing } from '../support/compiler.ts';
import { TestDaemon } from '../support/daemon.ts';
import { writeFileSync } from 'node:fs';
import type { Seen } from '../support/classic-driver.ts';
import { ownDev, ownDevMissing } from '../support/own-dev.ts';
import { builtPath, projectPath } from '../support/project.ts';

const skip = compilerMissing() || ownDevMissing();
/** As the program for Node.js is named. */
const NAME = 'classic-program';

const { LOG_CONS, LOG_NDELAY, LOG_NOWAIT, LOG_ODELAY, LOG_PERROR, LOG_PID } = client;
const words = (...all: readonly (string | number)[]): readonly string[] => all.map(String);

type Kind = 'datagram' | 'stream' | 'none';

const CASES: readonly (readonly [string, Kind, readonly string[]])[] = [
  ['text', 'datagram', words('log', 6, 'hello')],
  ['empty text', 'datagram', words('log', 6, '')],
  ['newlines are neither added nor removed', 'datagram', words('log', 6, 'a\nb\n', 'log', 6, 'c')],
  ['UTF-8', 'datagram', words('log', 6, 'Grüße 🎉')],
  ['openlog', 'datagram', words('open', 'app', LOG_PID, client.LOG_DAEMON, 'log', client.LOG_ERR, 'x')],
  ['no name: that of the program', 'datagram', words('open', '-', 0, 8, 'log', 6, 'x')],
  ['no name keeps the one before', 'datagram', words('open', 'app', 0, 8, 'open', '-', 0, 8, 'log', 6, 'x')],
  ['a name with blanks and colons', 'datagram', words('open', 'my app: [x]', LOG_PID, 8, 'log', 6, 'x')],
  ['a name of 10,000 bytes', 'datagram', words('open', 'n'.repeat(10_000), LOG_PID, 8, 'log', 6, 'x')],
  [
    'closelog forgets the name, and keeps the rest',
    'datagram',
    [
      ...words('open', 'app', LOG_PID, client.LOG_MAIL, 'mask', 63, 'log', 6, 'masked', 'log', 5, 'one'),
      ...words('close', 'log', 5, 'two', 'log', 6, 'masked', 'mask', 0),
    ],
  ],
  ['facility of a priority', 'datagram', words('open', 'app', 0, client.LOG_MAIL, 'log', client.LOG_LOCAL7 | 3, 'x')],
  ['facility 0 of openlog is LOG_KERN', 'datagram', words('open', 'app', 0, 0, 'log', 6, 'x')],
  [
    'a facility that is none leaves the one before',
    'datagram',
    words('open', 'app', 0, 24, 'open', 'app', 0, 25, 'log', 6, 'x'),
  ],
  ['an unknown facility', 'datagram', words('log', 1016, 'x')],
  ['bits that are none', 'datagram', words('log', 0x10006, 'x', 'log', -1, 'y')],
  ['bits that are none, with LOG_PERROR', 'datagram', words('open', 'app', LOG_PERROR, 8, 'log', 0x400, 'x')],
  ['bits that are none, masked', 'datagram', words('mask', 64, 'log', 0x10006, 'x')],
  [
    'LOG_NDELAY, LOG_ODELAY, LOG_NOWAIT',
    'datagram',
    words('open', 'app', LOG_NDELAY | LOG_ODELAY | LOG_NOWAIT, 8, 'log', 6, 'x'),
  ],
  [
    'setlogmask',
    'datagram',
    words('mask', 0, 'mask', 1, 'mask', 0, 'log', 6, 'muted', 'log', 0, 'x', 'mask', 256, 'log', 0, 'no'),
  ],
  [
    'LOG_PERROR: a newline, unless there is one',
    'datagram',
    words('open', 'app', LOG_PERROR | LOG_PID, 8, 'log', 6, 'a', 'log', 6, 'b\n', 'log', 6, '', 'log', 6, 'c\n\n'),
  ],
  ['setlogmask mutes LOG_PERROR', 'datagram', words('open', 'app', LOG_PERROR, 8, 'mask', 1, 'log', 6, 'x')],
  ['LOG_PERROR without a daemon', 'none', words('open', 'app', LOG_PERROR | LOG_CONS, 8, 'log', 6, 'x')],
  ['LOG_CONS', 'none', words('open', 'app', LOG_CONS | LOG_PID, 8, 'log', 6, 'x')],
  ['LOG_CONS with a daemon', 'datagram', words('open', 'app', LOG_CONS | LOG_PID, 8, 'log', 6, 'x')],
  ['60,000 bytes', 'datagram', words('long', 6, 60_000, 'log', 6, 'after')],
  [
    '%m',
    'datagram',
    words('format', 2, 3, 'open: %m', 'format', 13, 3, '%m: %% %m', 'format', 0, 3, '%m', 'format', 9999, 3, '%m'),
  ],
  ['a stream: every message ends in NUL', 'stream', words('log', 6, 'one', 'log', 6, 'two\n', 'long', 6, 60_000)],
];

function isSeen(value: unknown): value is Seen[] {
  return Array.isArray(value);
}

/** Runs both programs. */
function compare(dir: string, kind: Kind, args: readonly string[]): readonly Seen[] {
  const programs = [
    [`${dir}/${NAME}`, ...args],
    [process.execPath, builtPath('test', 'support', `${NAME}.js`), ...args],
  ];
  const [unshare = '', ...rest] = ownDev(dir);
  const driver = [
    process.execPath,
    builtPath('test', 'support', 'classic-driver.js'),
    JSON.stringify({ kind, programs }),
  ];
  const seen: unknown = JSON.parse(execFileSync(unshare, [...rest, ...driver], { encoding: 'utf8' }));
  assert.ok(isSeen(seen));
  return seen;
}

/** Times and pids differ from run to run. */
function settled({ sent, stdout, stderr, console, pid }: Seen): Omit<Seen, 'pid'> {
  const settle = (text: string): string =>
    text.replaceAll(`[${pid}]`, '[PID]').replaceAll(/\b[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d /g, 'TIME ');
  return { sent: sent.map(settle), stdout, stderr: settle(stderr), console: settle(console) };
}

function compile(dir: string): void {
  execFileSync('cc', ['-w', '-o', `${dir}/${NAME}`, projectPath('test', 'support', `${NAME}.c`)]);
}

for (const [name, kind, args] of CASES)
  test(`as the C library: ${name}`, { skip }, (t) => {
    const dir = TestDaemon.folder(t);
    compile(dir);
    const [expected, found] = compare(dir, kind, args).map(settled);
    assert.ok(expected !== undefined && (kind === 'none' || expected.sent.length > 0 || args.includes('mask')));
    assert.deepEqual(found, expected);
  });

test('300,000 bytes: to the console, as the C library has it; beside it the log tells of the loss', { skip }, (t) => {
  const dir = TestDaemon.folder(t);
  compile(dir);
  const args = words('open', 'app', LOG_CONS, 8, 'long', 6, 300_000, 'log', 6, 'after');
  const [expected, found] = compare(dir, 'datagram', args).map(settled);
  assert.equal(found?.console, expected?.console);
  assert.equal(expected?.console.length, 300_007);
  assert.deepEqual(expected?.sent, ['<14>TIME app: after']);
  assert.deepEqual(found?.sent, ['<12>TIME app: dropped 1 message: too long', '<14>TIME app: after']);
});

test('the constants are those of <syslog.h>', { skip: compilerMissing() }, (t) => {
  const dir = TestDaemon.folder(t);
  const names = Object.entries(client).flatMap(([name, value]) => (typeof value === 'number' ? [name] : []));
  const prints = names.map((name) => `printf("${name} %d\\n", ${name});`);
  const macros = ['LOG_PRI(163)', 'LOG_FAC(163)', 'LOG_MAKEPRI(LOG_MAIL, LOG_ERR)', 'LOG_MASK(5)', 'LOG_UPTO(5)'];
  writeFileSync(
    `${dir}/constants.c`,
    `#include <stdio.h>\n#include <syslog.h>\nint main(void) { ${[...prints, ...macros.map((macro) => `printf("%d\\n", ${macro});`)].join('\n')} return 0; }`,
  );
  execFileSync('cc', ['-o', `${dir}/constants`, `${dir}/constants.c`]);
  const { LOG_FAC, LOG_MAIL, LOG_ERR, LOG_MAKEPRI, LOG_MASK, LOG_PRI, LOG_UPTO } = client;
  const values = [LOG_PRI(163), LOG_FAC(163), LOG_MAKEPRI(LOG_MAIL, LOG_ERR), LOG_MASK(5), LOG_UPTO(5)].map(String);
  const found = [
    ...Object.entries(client).flatMap(([name, value]) => (typeof value === 'number' ? [`${name} ${value}`] : [])),
    ...values,
  ];
  assert.ok(names.length > 35);
  assert.deepEqual(found, execFileSync(`${dir}/constants`, { encoding: 'utf8' }).split('\n').slice(0, -1));
});

test('wrong types of openlog and setlogmask are TypeErrors; syslog never throws', () => {
  const call = (run: (...args: never[]) => unknown, ...args: readonly unknown[]): unknown =>
    Reflect.apply(run, null, args);
  assert.throws(() => call(client.openlog, 5), /^TypeError: cannot use ident: expected a name or null, found 5$/);
  assert.throws(() => call(client.openlog, 'x', 'pid'), /^TypeError: cannot use option: expected a sum of LOG_PID/);
  assert.throws(
    () => call(client.openlog, 'x', 0, 'mail'),
    /^TypeError: cannot use facility: expected a facility such as/,
  );
  assert.throws(() => call(client.setlogmask, 'x'), /^TypeError: cannot use mask: expected a sum of LOG_MASK/);
});
