/**
 * Rotation by the daemon: floods through many files, kills, signals, full disks, reloads. Every line once.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, statSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { cleanUp, TestDaemon } from '../support/daemon.ts';
import { allLines, namesBeside } from '../support/rotation-rig.ts';
import { sendLocal } from '../support/send.ts';
import { PATIENCE_MS, until } from '../support/until.ts';

const LIMIT = 64 * 1024;
const MESSAGES = 100_000;
const PADDING = 'x'.repeat(40);
const LINE = /^\S{3} [ \d]\d \d\d:\d\d:\d\d \S+ flood: (\d+) x{40}$/;
const root = process.getuid?.() === 0 ? false : 'needs root to mount a small disk';

function flood(first: number, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `<13>flood: ${first + i} ${PADDING}`);
}

function numbersIn(lines: readonly string[]): number[] {
  return lines.map((line) => Number(LINE.exec(line)?.[1]));
}

/** @returns the first place where the numbers are not the next ones from 0; -1: nowhere. */
function firstOffender(numbers: readonly number[]): number {
  return numbers.findIndex((number, i) => number !== i);
}

/** @returns what the file holds; nothing at the moment in which it is replaced. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

/** Waits for a line in a file that may be rotated while it is read. */
async function arrived(daemon: TestDaemon, name: string, pattern: RegExp): Promise<void> {
  const path = daemon.path(name);
  await until(
    `${name} has ${pattern}`,
    () => [path, `${path}.0`].some((each) => pattern.test(textOf(each).slice(-4096))),
    PATIENCE_MS,
    () => `${namesBeside(path).length} files, ${daemon.stderr}, ${daemon.lines('self').join('\n')}`,
  );
}

test(`a flood of ${MESSAGES} lines through files of 64 KiB: every line once, in order, none torn`, async (t) => {
  const daemon = await TestDaemon.start(t, { conf: 'user.* DIR/f ;rotate=64k:1000' });
  await sendLocal(daemon.socket, flood(0, MESSAGES));
  await arrived(daemon, 'f', new RegExp(`flood: ${MESSAGES - 1} `));
  assert.deepEqual(await daemon.stop(), { code: 0, signal: null });
  const numbers = numbersIn(allLines(daemon.path('f')));
  assert.equal(numbers.length, MESSAGES);
  assert.equal(firstOffender(numbers), -1);
  const names = namesBeside(daemon.path('f'));
  assert.ok(names.length > 50, `${names.length} files`);
  assert.ok(!names.some((name) => name.startsWith('.')), 'nothing half done is left');
  for (const name of names) assert.ok(statSync(daemon.path(name)).size <= LIMIT, name);
});

test('kill -9 ten times in such a flood: only what was not written yet is missing, nothing doubled', async (t) => {
  const dir = TestDaemon.folder(t);
  const rounds = 10;
  const path = join(dir, 'f');
  const bytes = (): number => {
    const old = namesBeside(path).map((name) => Number(/^f\.(\d+)/.exec(name)?.[1] ?? -1));
    return (Math.max(-1, ...old) + 1) * LIMIT + (statSync(path, { throwIfNoEntry: false })?.size ?? 0);
  };
  for (let round = 0; round < rounds; round++) {
    const daemon = await TestDaemon.start(t, { conf: 'user.* DIR/f ;rotate=64k:1000' }, dir);
    const before = bytes();
    const sending = sendLocal(daemon.socket, flood(round * MESSAGES, MESSAGES)).catch((error: unknown) => error);
    const enough = randomInt(LIMIT / 2, 16 * LIMIT);
    await until('some of the flood is written', () => bytes() >= before + enough);
    daemon.child.kill('SIGKILL');
    await daemon.exited;
    await sending;
  }
  const last = await TestDaemon.start(t, { conf: 'user.* DIR/f ;rotate=64k:1000' }, dir);
  await until('what was left is compressed', () => !namesBeside(path).some((name) => /\.[1-9]\d*$|^\./.test(name)));
  await last.stop();
  const lines = allLines(path);
  const torn = lines.filter((line) => !LINE.test(line));
  assert.ok(torn.length <= rounds, `${torn.length} torn lines`);
  const numbers = numbersIn(lines.filter((line) => LINE.test(line)));
  assert.deepEqual(
    numbers,
    numbers.toSorted((a, b) => a - b),
    'in order',
  );
  for (let round = 0; round < rounds; round++) {
    const found = numbers.filter((number) => Math.floor(number / MESSAGES) === round);
    assert.ok(found.length > 300, `round ${round}: ${found.length}`);
    assert.equal(firstOffender(found.map((number) => number - round * MESSAGES)), -1, `round ${round}`);
  }
});

test('SIGUSR2 rotates every file that has rotation, with one line for each, and no other', async (t) => {
  const daemon = await TestDaemon.start(t, {
    conf: 'user.* DIR/a ;rotate=1M\nuser.* DIR/b ;rotate=daily\nuser.* DIR/c',
  });
  await sendLocal(daemon.socket, ['<13>t: before']);
  for (const name of ['a', 'b', 'c']) await daemon.line(name, /before/);
  daemon.child.kill('SIGUSR2');
  for (const name of ['a', 'b']) await daemon.line('self', new RegExp(`: rotated file ".*/${name}"$`));
  await sendLocal(daemon.socket, ['<13>t: after']);
  for (const name of ['a', 'b', 'c']) await daemon.line(name, /after/);
  for (const name of ['a', 'b']) {
    assert.deepEqual(namesBeside(daemon.path(name)), [name, `${name}.0`]);
    assert.match(daemon.lines(`${name}.0`).join(), /t: before$/);
    assert.equal(daemon.lines(name).length, 1);
  }
  assert.deepEqual(namesBeside(daemon.path('c')), ['c']);
  assert.equal(daemon.lines('self').filter((line) => line.includes('rotated')).length, 2);
});

test('SIGUSR2 where no file has rotation says so', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: 'user.* DIR/a' });
  daemon.child.kill('SIGUSR2');
  await daemon.line('self', /nothing to rotate/);
});

test('a count of 0 empties the file in place, wherever it is set; old files that are there are left alone', async (t) => {
  const dir = TestDaemon.folder(t);
  const rules = ['user.* DIR/size ;rotate=1k:0', 'user.* DIR/daily ;rotate=daily:0', 'user.* DIR/only ;rotate=:0'];
  const conf = [...rules, 'user.* DIR/common', 'rotate_count 0', 'rotate_size 1k'].join('\n');
  const names = ['size', 'daily', 'only', 'common'];
  writeFileSync(`${dir}/size.0`, 'older\n');
  const inodes = (): number[] => names.map((name) => statSync(`${dir}/${name}`).ino);
  const daemon = await TestDaemon.start(t, { conf }, dir);
  const before = inodes();
  await sendLocal(daemon.socket, flood(0, 200));
  for (const name of names) await daemon.line(name, /flood: 199 /);
  for (const name of ['size', 'common', 'only']) assert.ok(statSync(`${dir}/${name}`).size <= 1024, name);
  daemon.child.kill('SIGUSR2');
  for (const name of names) await daemon.line('self', new RegExp(`: rotated file ".*/${name}"$`));
  await until('all are empty', () => names.every((name) => statSync(`${dir}/${name}`).size === 0));
  assert.deepEqual(inodes(), before);
  assert.deepEqual(await daemon.stop(), { code: 0, signal: null });
  assert.deepEqual(
    names.map((name) => namesBeside(`${dir}/${name}`)),
    [['size', 'size.0'], ['daily'], ['only'], ['common']],
  );
  assert.equal(readFileSync(`${dir}/size.0`, 'utf8'), 'older\n');
});

test('-r rotates files without a setting of their own; a file with one keeps to that', async (t) => {
  const conf = 'rotate_size 1k\nuser.* DIR/a\nuser.* DIR/b ;rotate=1M\nuser.* DIR/c ;rotate=0';
  const daemon = await TestDaemon.start(t, { conf, args: ['-r', '4k:2'] });
  await sendLocal(daemon.socket, flood(0, 1000));
  for (const name of ['a', 'b', 'c']) await arrived(daemon, name, /flood: 999 /);
  const names = ['a', 'a.0', 'a.1.gz', 'a.2.gz'];
  await until('a is rotated', () => namesBeside(daemon.path('a')).join() === names.join());
  assert.ok(statSync(daemon.path('a.0')).size > 3900);
  for (const name of ['b', 'c']) assert.deepEqual(namesBeside(daemon.path(name)), [name]);
});

for (const value of ['', 'x', '10m', '10M:', '10M:x', '10M:1:2', ':3', '10M:99999']) {
  test(`-r '${value}' is refused with what was expected`, async (t) => {
    const daemon = TestDaemon.spawn(t, { conf: 'user.* DIR/a', args: ['-r', value] });
    assert.equal((await daemon.exited).code, 2);
    assert.match(
      daemon.stderr,
      value === '' ? /option '-r' needs a value/ : /bad value '.*' for option '-r': expected/,
    );
  });
}

test('a file of yesterday is rotated at the start, before anything is written to it', async (t) => {
  const dir = TestDaemon.folder(t);
  writeFileSync(join(dir, 'f'), 'yesterday\n');
  const yesterday = Date.now() / 1000 - 25 * 3600;
  utimesSync(join(dir, 'f'), yesterday, yesterday);
  const daemon = await TestDaemon.start(t, { conf: 'user.* DIR/f ;rotate=daily:7' }, dir);
  await sendLocal(daemon.socket, ['<13>t: today']);
  await daemon.line('f', /today/);
  assert.deepEqual(daemon.lines('f.0'), ['yesterday']);
  assert.equal(daemon.lines('f').length, 1);
});

test('notify runs its program after a rotation, and what a reload names from then on', async (t) => {
  const dir = TestDaemon.folder(t);
  for (const name of ['one', 'two']) {
    writeFileSync(join(dir, name), `#!/bin/sh\necho "$1" >> ${dir}/told-${name}\n`);
    chmodSync(join(dir, name), 0o755);
  }
  const daemon = await TestDaemon.start(t, { conf: 'notify ./one\nuser.* DIR/f ;rotate=1M' }, dir);
  await sendLocal(daemon.socket, ['<13>t: first']);
  await daemon.line('f', /first/);
  daemon.child.kill('SIGUSR2');
  await daemon.line('told-one', /^.*\/f$/);
  daemon.configure('notify ./two\nuser.* DIR/f ;rotate=1M\nsyslog.* -DIR/self\n');
  await daemon.reload();
  await sendLocal(daemon.socket, ['<13>t: second']);
  await daemon.line('f', /second/);
  daemon.child.kill('SIGUSR2');
  await daemon.line('told-two', /^.*\/f$/);
  assert.equal(daemon.lines('told-one').length, 1);
});

/** As the next start does: an end between the last two steps of a compression leaves the source beside the result. */
function settlePairs(path: string): void {
  const names = namesBeside(path);
  for (const name of names.filter((each) => names.includes(`${each}.gz`))) {
    const plain = join(dirname(path), name);
    assert.deepEqual(gunzipSync(readFileSync(`${plain}.gz`)), readFileSync(plain));
    unlinkSync(plain);
  }
}

test('a flood over reloads that change the rotation: every line once', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: 'user.* DIR/f ;rotate=32k:2000' });
  const sending = sendLocal(daemon.socket, flood(0, MESSAGES));
  for (let i = 0; i < 10; i++) {
    daemon.configure(`user.* DIR/f ;rotate=${i % 2 === 0 ? 48 : 32}k:2000\nsyslog.* -DIR/self\n`);
    await daemon.reload();
    daemon.child.kill('SIGUSR2');
  }
  await sending;
  const last = new RegExp(`flood: ${MESSAGES - 1} `);
  await until('the last line has arrived', () => {
    try {
      return allLines(daemon.path('f')).some((line) => last.test(line));
    } catch {
      // A file was renamed while they were read.
      return false;
    }
  });
  await daemon.stop();
  settlePairs(daemon.path('f'));
  // The output before and the one after a reload write side by side for a moment.
  t.diagnostic(`${namesBeside(daemon.path('f')).length} files`);
  const numbers = numbersIn(allLines(daemon.path('f'))).toSorted((a, b) => a - b);
  assert.equal(numbers.length, MESSAGES);
  assert.equal(firstOffender(numbers), -1);
});

test('a disk that fills up while compressing: the old file stays, told once, compressed later', {
  skip: root,
}, async (t) => {
  const dir = TestDaemon.folder(t);
  const disk = join(dir, 'disk');
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', disk]);
  cleanUp(t, () => execFileSync('umount', ['-l', disk]));
  const old = Array.from({ length: 2400 }, () => randomBytes(30).toString('hex'));
  writeFileSync(join(disk, 'f.1'), `${old.join('\n')}\n`);
  writeFileSync(join(disk, 'ballast'), Buffer.alloc(64 * 1024));
  const daemon = await TestDaemon.start(t, { conf: 'user.* DIR/disk/f ;rotate=1M' }, dir);
  await daemon.line('self', /cannot compress old files of ".*disk\/f": no space left on device$/);
  await until('nothing half done is left', () => namesBeside(join(disk, 'f')).join() === 'f,f.1');
  execFileSync('mount', ['-o', 'remount,size=4m', disk]);
  await sendLocal(daemon.socket, ['<13>t: new']);
  await daemon.line('disk/f', /new/);
  daemon.child.kill('SIGUSR2');
  await until('it is compressed', () => namesBeside(join(disk, 'f')).join() === 'f,f.0,f.1.gz');
  assert.deepEqual(allLines(join(disk, 'f')).slice(0, -1), old);
  assert.equal(daemon.lines('self').filter((line) => line.includes('cannot compress')).length, 1);
});
