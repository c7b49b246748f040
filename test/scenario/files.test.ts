/**
 * Files: made when missing, whole lines only, noticed when removed or renamed, survivors of crashes and full
 * disks; one that is out of order harms no other.
 */
import assert from 'node:assert/strict';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
} from 'node:fs';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { TestDaemon } from '../support/daemon.ts';
import { sendLocal } from '../support/send.ts';
import { until } from '../support/until.ts';

test('a file is made with mode 0640, or with the one of its rule', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: 'user.* DIR/a\nuser.* DIR/b ;mode=0604' });
  await until('both files are there', () => existsSync(daemon.path('a')) && existsSync(daemon.path('b')));
  assert.equal(statSync(daemon.path('a')).mode & 0o777, 0o640);
  assert.equal(statSync(daemon.path('b')).mode & 0o777, 0o604);
});

test('a removed file is made anew by itself, and written to', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: 'user.* DIR/a' });
  await sendLocal(daemon.socket, ['<13>t: before']);
  await daemon.line('a', /before/);
  unlinkSync(daemon.path('a'));
  await until('the file is back', () => existsSync(daemon.path('a')));
  await sendLocal(daemon.socket, ['<13>t: after']);
  await daemon.line('a', /after/);
  assert.equal(daemon.lines('a').length, 1);
});

test('a renamed file is left behind whole, a new one takes over', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: 'user.* DIR/a' });
  await sendLocal(daemon.socket, ['<13>t: before']);
  await daemon.line('a', /before/);
  renameSync(daemon.path('a'), daemon.path('a.1'));
  await until('a new file is there', () => existsSync(daemon.path('a')));
  await sendLocal(daemon.socket, ['<13>t: after']);
  await daemon.line('a', /after/);
  assert.match(daemon.lines('a.1').join('\n'), /before/);
});

test('SIGHUP after a rename opens the new file at once', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: 'user.* DIR/a' });
  renameSync(daemon.path('a'), daemon.path('a.1'));
  await daemon.reload();
  await until('a new file is there', () => existsSync(daemon.path('a')));
});

test('a link that leads elsewhere, and a directory that was renamed, are noticed while something is written', async (t) => {
  const dir = TestDaemon.folder(t);
  mkdirSync(`${dir}/old`);
  mkdirSync(`${dir}/sub`);
  symlinkSync(`${dir}/old/target`, `${dir}/link`);
  const daemon = await TestDaemon.start(t, { conf: 'user.* DIR/link\nuser.* DIR/sub/a' }, dir);
  await sendLocal(daemon.socket, ['<13>t: before']);
  await daemon.line('sub/a', /before/);
  renameSync(daemon.path('old/target'), daemon.path('old/moved'));
  renameSync(daemon.path('sub'), daemon.path('sub.old'));
  mkdirSync(daemon.path('sub'));
  let i = 0;
  await until('both new files are written to', async () => {
    await sendLocal(daemon.socket, [`<13>t: after ${i++}`]);
    return [daemon.path('old/target'), daemon.path('sub/a')].every(
      (path) => existsSync(path) && statSync(path).size > 0,
    );
  });
});

test('a truncated file (copytruncate) is written from its new end', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: 'user.* DIR/a' });
  await sendLocal(daemon.socket, ['<13>t: before']);
  await daemon.line('a', /before/);
  truncateSync(daemon.path('a'));
  await sendLocal(daemon.socket, ['<13>t: after']);
  await daemon.line('a', /after/);
  assert.match(readFileSync(daemon.path('a'), 'utf8'), /^\S+ [ \d]\d \S+ \S+ t: after\n$/);
});

test('a directory that is missing at start is reported, and the file made once it is there', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: 'user.* DIR/sub/a' });
  await daemon.line('self', /cannot open file ".*sub\/a": no such file or directory/);
  await sendLocal(daemon.socket, ['<13>t: waits']);
  mkdirSync(daemon.path('sub'));
  await daemon.line('sub/a', /waits/);
  await daemon.line('self', /writing to file ".*sub\/a" again/);
});

test('a directory that is removed and comes back', async (t) => {
  const dir = TestDaemon.folder(t);
  mkdirSync(`${dir}/sub`);
  const daemon = await TestDaemon.start(t, { conf: 'user.* DIR/sub/a' }, dir);
  rmSync(daemon.path('sub'), { recursive: true });
  await daemon.line('self', /cannot open file/);
  mkdirSync(daemon.path('sub'));
  await until('the file is back', () => existsSync(daemon.path('sub/a')));
  await sendLocal(daemon.socket, ['<13>t: after']);
  await daemon.line('sub/a', /after/);
});

test('a rule whose path is a directory is reported; the others work', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: 'user.* DIR\nuser.* DIR/a' });
  await sendLocal(daemon.socket, ['<13>t: works']);
  await daemon.line('a', /works/);
  assert.match(daemon.stderr, /cannot open file ".*": illegal operation on a directory/);
});

test('a symbolic link in a folder that everybody may change is not followed; written again when it is gone', async (t) => {
  const dir = TestDaemon.folder(t);
  mkdirSync(`${dir}/open`);
  spawnSync('chmod', ['1777', `${dir}/open`]);
  symlinkSync(`${dir}/victim`, `${dir}/open/a`);
  const daemon = await TestDaemon.start(t, { conf: 'user.* DIR/open/a\nuser.* DIR/b' }, dir);
  await sendLocal(daemon.socket, ['<13>t: x']);
  await daemon.line('b', /t: x/);
  assert.equal(
    daemon.stderr,
    `tsyslogd: cannot open file "${dir}/open/a": "${dir}/open/a" is a symbolic link that everybody can change: ` +
      'not followed: expected a path without it\n',
  );
  assert.equal(existsSync(`${dir}/victim`), false);
  unlinkSync(`${dir}/open/a`);
  await daemon.line('open/a', /t: x/);
  await daemon.line('self', /writing to file ".*open\/a" again/);
});

test('a line that a crash cut short is completed at the next start', async (t) => {
  const dir = TestDaemon.folder(t);
  appendFileSync(`${dir}/a`, 'whole\nhalf a li');
  const daemon = await TestDaemon.start(t, { conf: 'user.* DIR/a' }, dir);
  await sendLocal(daemon.socket, ['<13>t: next']);
  await daemon.line('a', /next/);
  assert.deepEqual(daemon.lines('a').slice(0, 2), ['whole', 'half a li']);
});

test('kill -9 in a flood leaves whole lines, and the next start goes on behind them', async (t) => {
  const dir = TestDaemon.folder(t);
  const line = /^\S{3} [ \d]\d \d\d:\d\d:\d\d \S+ flood: \d+ x{80}$/;
  const payloads = Array.from({ length: 20_000 }, (_, i) => `<13>flood: ${i} ${'x'.repeat(80)}`);
  let size = 0;
  for (let round = 0; round < 3; round++) {
    const daemon = await TestDaemon.start(t, { conf: 'user.* DIR/a' }, dir);
    const flood = sendLocal(daemon.socket, payloads).catch((error: unknown) => error);
    const before = size;
    await until('the flood is in the file', () => statSync(daemon.path('a')).size > before + 200_000);
    daemon.child.kill('SIGKILL');
    await daemon.exited;
    await flood;
    size = statSync(daemon.path('a')).size;
  }
  const daemon = await TestDaemon.start(t, { conf: 'user.* DIR/a' }, dir);
  const lines = daemon.lines('a');
  const broken = lines.filter((text) => !line.test(text));
  assert.ok(broken.length <= 3, `at most one partial line a crash: ${broken.length}`);
  assert.ok(lines.length > 4000);
});
