/**
 * The control pipe of a whole daemon: words in, deeds in the log, and nothing that a writer can do wrong.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  existsSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { test, type TestContext } from 'node:test';
import { cleanUp, TestDaemon } from '../support/daemon.ts';
import { sendLocal } from '../support/send.ts';
import { until } from '../support/until.ts';

const CONF = '*.*;syslog.none -DIR/all';

function pipeArgs(dir: string): readonly string[] {
  return ['--control-pipe', `${dir}/pipe`];
}

async function start(t: TestContext, dir = TestDaemon.folder(t), conf = CONF): Promise<TestDaemon> {
  return await TestDaemon.start(t, { conf, args: pipeArgs(dir) }, dir);
}

/** One writer that comes and goes, as `echo WORD > pipe` is. */
function write(daemon: TestDaemon, text: string | Uint8Array): void {
  const fd = openSync(daemon.path('pipe'), constants.O_WRONLY | constants.O_NONBLOCK);
  writeSync(fd, Buffer.from(text));
  closeSync(fd);
}

function selfCount(daemon: TestDaemon, pattern: RegExp): number {
  return daemon.lines('self').filter((line) => pattern.test(line)).length;
}

test('every word does what it says; writers come and go', async (t) => {
  const daemon = await start(t, undefined, 'mark.info;user.* -DIR/all ;rotate=1M:3');
  assert.deepEqual(
    [lstatSync(daemon.path('pipe')).isFIFO(), lstatSync(daemon.path('pipe')).mode & 0o777],
    [true, 0o600],
  );
  write(daemon, 'reload\n');
  await daemon.line('self', /: reloaded .*, configuration 2/);
  write(daemon, 'mark\n');
  await daemon.line('all', /-- MARK --/);
  renameSync(daemon.path('all'), daemon.path('renamed'));
  write(daemon, 'reopen\n');
  await until('the file is back', () => existsSync(daemon.path('all')));
  await sendLocal(daemon.socket, ['<13>a: to be rotated']);
  await daemon.line('all', /to be rotated/);
  write(daemon, ' rotate \r\n');
  await until('it is put away', () => existsSync(daemon.path('all.0')) || existsSync(daemon.path('all.1')));
  write(daemon, 'mark\nstop\n');
  assert.deepEqual(await daemon.exited, { code: 0, signal: null });
  assert.equal(selfCount(daemon, /: exiting on command stop$/), 1);
  assert.equal(existsSync(daemon.path('pipe')), false);
});

test('a word in two parts is one; a word without its newline is taken after a while', async (t) => {
  const daemon = await start(t);
  const fd = openSync(daemon.path('pipe'), constants.O_WRONLY | constants.O_NONBLOCK);
  cleanUp(t, () => closeSync(fd));
  writeSync(fd, 'rel');
  writeSync(fd, 'oad\nreo');
  await daemon.line('self', /configuration 2/);
  writeSync(fd, 'pen');
  await daemon.line('self', /: reopened/);
});

test('the same word many times at once is carried out a few times only', async (t) => {
  const daemon = await start(t);
  write(daemon, 'reload\n'.repeat(500));
  write(daemon, 'mark\n');
  await daemon.line('self', /configuration 2/);
  write(daemon, 'unknown\n');
  await daemon.line('self', /unknown command "unknown"/);
  assert.ok(selfCount(daemon, /: reloaded/) < 10);
});

test('unknown words: one line, shortened and harmless, however many there are', async (t) => {
  const daemon = await start(t);
  write(daemon, `\x1b[31m${'x'.repeat(100)}\xff\n`);
  const line = await daemon.line('self', /unknown command/);
  assert.match(
    line,
    /control pipe ".*\/pipe": unknown command "\?\[31mx{35}…": expected reload, reopen, rotate, mark or stop$/,
  );
  for (let i = 0; i < 50; i++) write(daemon, `word${i}\n`);
  write(daemon, 'reload\n');
  await daemon.line('self', /configuration 2/);
  assert.equal(selfCount(daemon, /unknown command/), 1);
});

test('a flood without an end: messages are logged all the while, words behind it are found', async (t) => {
  const daemon = await start(t);
  const fd = openSync(daemon.path('pipe'), constants.O_WRONLY | constants.O_NONBLOCK);
  cleanUp(t, () => closeSync(fd));
  let flooded = 0;
  const flood = (): void => {
    try {
      flooded += writeSync(fd, Buffer.alloc(65_536, 'z'));
    } catch {
      // Full: the writer has to wait.
    }
  };
  const payloads = Array.from({ length: 20_000 }, (_, i) => `<13>a: message ${i}`);
  flood();
  await sendLocal(daemon.socket, payloads);
  await until('all is logged, and several pipes full are read', () => {
    flood();
    return flooded > 5 * 65_536 && daemon.lines('all').length === payloads.length;
  });
  await until('there is room for the word', () => {
    try {
      return writeSync(fd, '\nreload\n') > 0;
    } catch {
      return false;
    }
  });
  await daemon.line('self', /configuration 2/);
  assert.equal(selfCount(daemon, /unknown command "z{40}…"/), 1);
});

test('the writer is gone: the daemon sleeps', async (t) => {
  const daemon = await start(t);
  write(daemon, 'reload\n');
  await daemon.line('self', /configuration 2/);
  const ticks = (): string =>
    readFileSync(`/proc/${daemon.child.pid}/stat`, 'latin1').split(') ')[1]?.split(' ').slice(11, 13).join(' ') ?? '';
  // A busy loop at the end of the file would use all of every second.
  await until('a second goes by in which it does nothing', async () => {
    const before = ticks();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    return ticks() === before;
  });
});

test('removed while the daemon runs it is made again', async (t) => {
  const daemon = await start(t);
  rmSync(daemon.path('pipe'));
  await daemon.line('self', /control pipe ".*" disappeared and was recreated/);
  write(daemon, 'reload\n');
  await daemon.line('self', /configuration 2/);
  await daemon.stop();
  assert.equal(existsSync(daemon.path('pipe')), false);
});

test('what somebody else puts in its place is told, and stays', async (t) => {
  const daemon = await start(t);
  writeFileSync(daemon.path('other'), 'mine');
  renameSync(daemon.path('other'), daemon.path('pipe'));
  await daemon.line('self', /control pipe ".*" disappeared: a regular file is in the way: retrying/);
  await daemon.stop();
  assert.equal(readFileSync(daemon.path('pipe'), 'utf8'), 'mine');
});

const IN_THE_WAY: readonly (readonly [string, (path: string) => unknown, RegExp])[] = [
  ['a regular file', (path) => writeFileSync(path, ''), /a regular file is in the way/],
  [
    'a symbolic link to a FIFO',
    (path) => {
      execFileSync('mkfifo', [`${path}.target`]);
      symlinkSync(`${path}.target`, path);
    },
    /a symbolic link is in the way/,
  ],
  [
    'a FIFO of another user',
    (path) => execFileSync('sh', ['-c', 'mkfifo "$0" && chown 65534 "$0"', path]),
    /it belongs to another user, uid 65534/,
  ],
];

for (const [what, make, expected] of IN_THE_WAY) {
  const skip = what.includes('user') && process.getuid?.() !== 0 ? 'needs root' : false;
  test(`at start ${what} is refused, with one line and status 1`, { skip }, async (t) => {
    const dir = TestDaemon.folder(t);
    make(`${dir}/pipe`);
    const daemon = TestDaemon.spawn(t, { conf: CONF, args: pipeArgs(dir) }, dir);
    assert.deepEqual(await daemon.exited, { code: 1, signal: null });
    assert.match(daemon.stderr, new RegExp(`^tsyslogd: cannot use control pipe ".*/pipe": ${expected.source}\\n$`));
    assert.deepEqual(
      [existsSync(`${dir}/pipe`), existsSync(`${dir}/pid`), existsSync(`${dir}/log`)],
      [true, false, false],
    );
  });
}

test('at start a FIFO that somebody reads is refused', async (t) => {
  const dir = TestDaemon.folder(t);
  execFileSync('mkfifo', [`${dir}/pipe`]);
  const fd = openSync(`${dir}/pipe`, constants.O_RDONLY | constants.O_NONBLOCK);
  cleanUp(t, () => closeSync(fd));
  const daemon = TestDaemon.spawn(t, { conf: CONF, args: pipeArgs(dir) }, dir);
  assert.deepEqual(await daemon.exited, { code: 1, signal: null });
  assert.match(daemon.stderr, /^tsyslogd: cannot use control pipe ".*": another program is reading it\n$/);
});

test('at start what a killed daemon left is used, with the right mode', async (t) => {
  const dir = TestDaemon.folder(t);
  execFileSync('mkfifo', ['-m', '666', `${dir}/pipe`]);
  const daemon = await start(t, dir);
  assert.equal(lstatSync(`${dir}/pipe`).mode & 0o777, 0o600);
  write(daemon, 'reload\n');
  await daemon.line('self', /configuration 2/);
});
