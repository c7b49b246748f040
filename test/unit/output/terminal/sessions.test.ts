/** Who is logged in: utmp as the C library writes it, and the files of systemd-logind. Both are hostile. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseLogind, readSessions, terminalPath } from '../../../../src/output/terminal/sessions.ts';
import { parseUtmp } from '../../../../src/sys/machine/utmp.ts';
import { TestDaemon } from '../../../support/daemon.ts';
import { utmpEntry } from '../../../support/utmp.ts';

for (const size of [384, 400] as const) {
  test(`utmp: sessions of users are found in entries of ${size} bytes, whatever the machine's own size`, () => {
    const file = Buffer.concat([
      utmpEntry({ type: 2, user: 'reboot', line: '~' }, size),
      utmpEntry({ type: 7, user: 'joe', line: 'pts/3' }, size),
      utmpEntry({ type: 6, user: 'LOGIN', line: 'tty2' }, size),
      utmpEntry({ type: 8, user: '', line: 'pts/4' }, size),
      utmpEntry({ type: 7, user: 'u'.repeat(32), line: 'l'.repeat(32) }, size),
    ]);
    assert.deepEqual(parseUtmp(file), [
      { user: 'joe', line: 'pts/3' },
      { user: 'u'.repeat(32), line: 'l'.repeat(32) },
    ]);
  });
}

test('utmp: each machine has its own size', () => {
  const twice = Buffer.alloc(9600);
  utmpEntry({ type: 7, user: 'joe', line: 'pts/3' }, 400).copy(twice, 400);
  assert.deepEqual(parseUtmp(twice, 'arm64'), [{ user: 'joe', line: 'pts/3' }]);
  assert.deepEqual(parseUtmp(twice, 'x64'), []);
});

test('utmp: a file cut short yields its whole entries', () => {
  const one = utmpEntry({ type: 7, user: 'joe', line: 'tty1' }, 384);
  assert.deepEqual(parseUtmp(Buffer.concat([one, one.subarray(0, 100)]), 'x64'), [{ user: 'joe', line: 'tty1' }]);
  assert.deepEqual(parseUtmp(Buffer.alloc(0)), []);
});

const NAMES: readonly (readonly [line: string, path: string | null])[] = [
  ['tty1', '/dev/tty1'],
  ['pts/12', '/dev/pts/12'],
  ['/dev/pts/0', '/dev/pts/0'],
  [':0', '/dev/:0'],
  ['../etc/passwd', null],
  ['pts/../../etc/passwd', null],
  ['pts/..', null],
  ['/etc/passwd', null],
  ['/dev/../etc/passwd', null],
  ['//dev/tty1', null],
  ['pts//1', null],
  ['.hidden', null],
  ['tty 1', null],
  ['tty\n1', null],
  ['', null],
  ['x'.repeat(65), null],
];

for (const [line, path] of NAMES) {
  test(`terminal ${JSON.stringify(line)} is ${path ?? 'refused'}`, () => assert.equal(terminalPath(line), path));
}

test('logind: a session of a user on a terminal', () => {
  assert.deepEqual(parseLogind('# private\nUID=1000\nUSER=joe\nACTIVE=1\nSTATE=active\nTTY=tty2\nCLASS=user\n'), [
    { user: 'joe', line: 'tty2' },
  ]);
});

for (const [what, text] of [
  ['without a terminal', 'USER=joe\nCLASS=user\n'],
  ['of a greeter', 'USER=gdm\nTTY=tty1\nCLASS=greeter\n'],
  ['that is closing', 'USER=joe\nTTY=tty1\nSTATE=closing\n'],
  ['without a user', 'TTY=tty1\n'],
  ['that is no session at all', 'garbage\n=\n\0'],
] as const) {
  test(`logind: a session ${what} is none`, () => assert.deepEqual(parseLogind(text), []));
}

test('sessions: both sources together, each session once; hostile names left out', (t) => {
  const dir = TestDaemon.folder(t);
  const sources = { utmp: `${dir}/utmp`, logind: `${dir}/sessions` };
  assert.deepEqual(readSessions(sources), [], 'nobody where both are missing');
  writeFileSync(
    sources.utmp,
    Buffer.concat([
      utmpEntry({ type: 7, user: 'joe', line: 'pts/1' }),
      utmpEntry({ type: 7, user: 'eve', line: '../etc/passwd' }),
    ]),
  );
  mkdirSync(`${sources.logind}/folder`, { recursive: true });
  writeFileSync(`${sources.logind}/1`, 'USER=joe\nTTY=pts/1\n');
  writeFileSync(`${sources.logind}/2`, 'USER=ann\nTTY=tty3\n');
  assert.deepEqual(readSessions(sources), [
    { user: 'joe', terminal: '/dev/pts/1' },
    { user: 'ann', terminal: '/dev/tty3' },
  ]);
});
