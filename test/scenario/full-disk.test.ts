/**
 * A disk that fills up: nothing torn, the loss told, other files not harmed, back to work by itself.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { cleanUp, TestDaemon } from '../support/daemon.ts';
import { sendLocal } from '../support/send.ts';

const skip = process.getuid?.() === 0 ? false : 'needs root to mount a small disk';

function smallDisk(t: test.TestContext, dir: string): string {
  const disk = `${dir}/disk`;
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', disk]);
  cleanUp(t, () => execFileSync('umount', ['-l', disk]));
  return disk;
}

/** The disk must be unmounted before its folder is removed, and the daemon ended before that. */
async function startOnSmallDisk(t: test.TestContext): Promise<TestDaemon> {
  const dir = TestDaemon.folder(t);
  smallDisk(t, dir);
  return await TestDaemon.start(t, { conf: 'user.* DIR/disk/a\nuser.* DIR/b' }, dir);
}

function numbers(lines: readonly string[]): number[] {
  return lines.map((line) => Number(/ flood: (\d+) x{80}$/.exec(line)?.[1]));
}

test('a full disk tears nothing, harms no other file, and recovers by itself', { skip }, async (t) => {
  const daemon = await startOnSmallDisk(t);
  writeFileSync(daemon.path('disk/ballast'), Buffer.alloc(160 * 1024));
  const payloads = Array.from({ length: 5000 }, (_, i) => `<13>flood: ${i} ${'x'.repeat(80)}`);
  await sendLocal(daemon.socket, payloads);
  await daemon.line('b', /flood: 4999 /);
  await daemon.line('self', /cannot write to file ".*disk\/a": no space left on device/);
  const full = readFileSync(daemon.path('disk/a'), 'utf8');
  assert.ok(full.endsWith('\n'), 'no torn line while the disk is full');
  assert.equal(full.split('\n').length - 1, numbers(full.split('\n').slice(0, -1)).filter((n, i) => n === i).length);
  assert.equal(daemon.lines('b').length, 5000);
  // With room again, all that waited is written.
  execFileSync('mount', ['-o', 'remount,size=4m', daemon.path('disk')]);
  await daemon.line('disk/a', /flood: 4999 /);
  await daemon.line('self', /writing to file ".*disk\/a" again/);
  assert.deepEqual(numbers(daemon.lines('disk/a')), numbers(daemon.lines('b')));
});

test('a full disk: records beyond the queue are counted, and the number is told at the end', { skip }, async (t) => {
  const daemon = await startOnSmallDisk(t);
  const wanted = 100_000;
  await sendLocal(
    daemon.socket,
    Array.from({ length: wanted }, (_, i) => `<13>flood: ${i} ${'x'.repeat(80)}`),
  );
  await daemon.line('b', new RegExp(`flood: ${wanted - 1} `));
  const { code } = await daemon.stop();
  assert.equal(code, 4, 'data was left unwritten');
  const told = /dropped (\d+) messages to file ".*disk\/a"/.exec(daemon.lines('self').join('\n'))?.[1];
  const written = numbers(daemon.lines('disk/a'));
  assert.equal(
    written.findIndex((number, i) => number !== i),
    -1,
    'what was written is whole and in order',
  );
  assert.equal(Number(told) + written.length, wanted, 'written and dropped add up');
  assert.equal(daemon.lines('b').length, wanted);
});

test('a disk that fills up with the last write of the daemon has no torn line', { skip }, async (t) => {
  const daemon = await startOnSmallDisk(t);
  writeFileSync(daemon.path('disk/ballast'), Buffer.alloc(155 * 1024));
  daemon.child.kill('SIGSTOP');
  const sending = sendLocal(
    daemon.socket,
    Array.from({ length: 3000 }, (_, i) => `<13>flood: ${i} ${'x'.repeat(80)}`),
  ).catch((error: unknown) => error);
  daemon.child.kill('SIGCONT');
  await daemon.line('b', /flood: 1000 /);
  const { code } = await daemon.stop();
  await sending;
  assert.equal(code, 4);
  const written = numbers(daemon.lines('disk/a'));
  assert.equal(
    written.findIndex((number, i) => number !== i),
    -1,
  );
});

test('what waited for room is written at the end if there is room by then', { skip }, async (t) => {
  const daemon = await startOnSmallDisk(t);
  writeFileSync(daemon.path('disk/ballast'), Buffer.alloc(250 * 1024));
  await sendLocal(
    daemon.socket,
    Array.from({ length: 500 }, (_, i) => `<13>flood: ${i} ${'x'.repeat(80)}`),
  );
  await daemon.line('self', /no space left on device/);
  await daemon.line('b', /flood: 499 /);
  execFileSync('mount', ['-o', 'remount,size=4m', daemon.path('disk')]);
  const { code } = await daemon.stop();
  assert.equal(code, 0);
  assert.equal(daemon.lines('disk/a').length, 500);
});

test('messages that would have been told as repeated are counted one by one while they are lost', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: 'user.* /dev/full\nlocal0.* DIR/b' });
  await sendLocal(daemon.socket, ['<13>t: first']);
  await daemon.line('self', /cannot write to file "\/dev\/full": no space left on device/);
  await sendLocal(
    daemon.socket,
    Array.from({ length: 1000 }, () => '<13>t: same'),
  );
  await sendLocal(daemon.socket, ['<134>t: end']);
  await daemon.line('b', /end/);
  await daemon.stop();
  assert.match(daemon.lines('self').join('\n'), /dropped 1001 messages to file "\/dev\/full"/);
});
