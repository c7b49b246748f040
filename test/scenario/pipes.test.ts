/**
 * FIFOs and commands: what is not read is counted, what dies is started again, what hangs delays nothing, and nothing
 * is left behind.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { cleanUp, TestDaemon } from '../support/daemon.ts';
import { sendLocal } from '../support/send.ts';
import { PATIENCE_MS, until } from '../support/until.ts';

const root = process.getuid?.() === 0 ? false : 'needs root to become another user';
const FLOOD = 50_000;
const flood = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, i) => `<13>flood: ${from + i} ${'x'.repeat(60)}`);

/** Numbers of the flood that stand in a text; anything torn is NaN. */
function numbers(text: string): number[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => Number(/^\S{3} [ \d]\d \S+ \S+ flood: (\d+) x{60}$/.exec(line)?.[1]));
}

/** cat(1) reading a FIFO. */
class Reader {
  text = '';
  readonly #child: ChildProcess;
  readonly #gone: Promise<unknown>;

  constructor(t: TestContext, path: string) {
    this.#child = spawn('cat', [path], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#child.stdout?.setEncoding('latin1').on('data', (text: string) => (this.text += text));
    this.#gone = new Promise((resolve) => this.#child.once('close', resolve));
    cleanUp(t, () => this.end());
  }

  has(pattern: RegExp): Promise<unknown> {
    return until(
      `the reader has ${pattern}`,
      () => pattern.test(this.text),
      PATIENCE_MS,
      () => this.text.slice(-500),
    );
  }

  async end(): Promise<void> {
    this.#child.kill();
    await this.#gone;
  }
}

/** Pids of the processes of a session, the dead ones left out. */
function inSession(sid: number): number[] {
  const { stdout } = spawnSync('ps', ['-s', String(sid), '-o', 'pid=,stat='], { encoding: 'utf8' });
  return stdout
    .split('\n')
    .filter((line) => /\d/.test(line) && !line.includes('Z'))
    .map((line) => Number.parseInt(line, 10));
}

/** The number that a command wrote into a file. */
async function pidIn(daemon: TestDaemon, name: string): Promise<number> {
  const path = daemon.path(name);
  const read = (): string => (existsSync(path) ? readFileSync(path, 'latin1') : '');
  return Number(await until(`${name} is written`, () => /^(\d+)\n/.exec(read())?.[1]));
}

test('a FIFO is made with mode 0600 or its own, and removed at exit', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: 'user.* |DIR/fifo\nuser.* |DIR/other ;mode=622' });
  assert.ok(statSync(daemon.path('fifo')).isFIFO());
  assert.equal(statSync(daemon.path('fifo')).mode & 0o7777, 0o600);
  assert.equal(statSync(daemon.path('other')).mode & 0o7777, 0o622);
  assert.deepEqual(await daemon.stop(), { code: 0, signal: null });
  assert.equal(existsSync(daemon.path('fifo')) || existsSync(daemon.path('other')), false);
});

test('a FIFO that was there before is there afterwards; so is one that a crash left', async (t) => {
  const dir = TestDaemon.folder(t);
  spawnSync('mkfifo', [`${dir}/fifo`]);
  const first = await TestDaemon.start(t, { conf: 'user.* |DIR/fifo' }, dir);
  first.child.kill('SIGKILL');
  await first.exited;
  const second = await TestDaemon.start(t, { conf: 'user.* |DIR/fifo' }, dir);
  const reader = new Reader(t, second.path('fifo'));
  let sent = 0;
  await until('the reader has opened it', async () => {
    await sendLocal(second.socket, [`<13>t: hello ${sent++}`]);
    return /hello/.test(reader.text);
  });
  assert.deepEqual(await second.stop(), { code: 0, signal: null });
  assert.ok(statSync(second.path('fifo')).isFIFO());
});

test('something else than a FIFO in its place is reported and left alone', async (t) => {
  const dir = TestDaemon.folder(t);
  writeFileSync(`${dir}/fifo`, 'mine\n');
  const daemon = await TestDaemon.start(t, { conf: 'user.* |DIR/fifo\nuser.* DIR/a' }, dir);
  await sendLocal(daemon.socket, ['<13>t: one']);
  await daemon.line('a', /one/);
  assert.match(daemon.stderr, /cannot open fifo ".*\/fifo": it is not a FIFO/);
  assert.equal(readFileSync(daemon.path('fifo'), 'utf8'), 'mine\n');
});

test('rules whose path cannot be a FIFO hold up neither a reload nor the end, and lose nothing silently', async (t) => {
  const dir = TestDaemon.folder(t);
  writeFileSync(`${dir}/file`, 'mine\n');
  const rules = 'user.* |DIR/file\nuser.* |DIR/missing/fifo\nuser.* |DIR/fifo\nuser.* DIR/a\n';
  const self = 'syslog.* -DIR/self\n';
  const daemon = await TestDaemon.start(t, { conf: rules }, dir);
  // One that works is replaced.
  rmSync(daemon.path('fifo'));
  writeFileSync(daemon.path('fifo'), 'mine\n');
  await daemon.line('self', /cannot open fifo ".*\/fifo": it is not a FIFO/);
  await sendLocal(daemon.socket, ['<13>t: one']);
  await daemon.line('a', /one/);
  daemon.configure(`user.* DIR/a\n${self}`);
  await daemon.reload();
  await daemon.line('self', /dropped 1 message to fifo ".*\/file"$/);
  await daemon.line('self', /dropped 1 message to fifo ".*\/missing\/fifo"$/);
  daemon.configure(`user.* DIR/a\nuser.* DIR/b\n${self}`);
  await daemon.reload();
  await sendLocal(daemon.socket, ['<13>t: two']);
  await daemon.line('b', /two/);
  assert.deepEqual(await daemon.stop(), { code: 0, signal: null });
  assert.equal(readFileSync(`${dir}/file`, 'utf8'), 'mine\n');
});

test('the end of a daemon with rules whose path cannot be a FIFO: at once, status 0, and the loss is told', async (t) => {
  const dir = TestDaemon.folder(t);
  writeFileSync(`${dir}/file`, 'mine\n');
  const conf = '*.* |DIR/file\n*.* |DIR/missing/fifo\nuser.* DIR/a';
  const daemon = await TestDaemon.start(t, { conf }, dir);
  await sendLocal(daemon.socket, ['<13>t: one']);
  await daemon.line('a', /one/);
  assert.deepEqual(await daemon.stop(), { code: 0, signal: null });
  const said = daemon.lines('self').join('\n');
  assert.match(said, /dropped \d+ messages to fifo ".*\/file"/);
  assert.match(said, /dropped \d+ messages to fifo ".*\/missing\/fifo"/);
});

test('a FIFO without a reader delays no file; what is dropped is told once at the start and once at the end', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: 'user.* |DIR/fifo\nuser.* DIR/a' });
  await sendLocal(daemon.socket, flood(5000));
  await daemon.line('a', /flood: 4999 /);
  await daemon.line('self', /dropping messages to fifo ".*\/fifo": it has no reader$/);
  const reader = new Reader(t, daemon.path('fifo'));
  let sent = 5000;
  await until('the reader gets something', async () => {
    if (reader.text === '') await sendLocal(daemon.socket, flood(1, sent++));
    return reader.text !== '';
  });
  const told = await daemon.line('self', /dropped \d+ messages to fifo ".*\/fifo"$/);
  await sendLocal(daemon.socket, flood(1, sent++));
  await reader.has(new RegExp(`flood: ${sent - 1} `));
  const read = numbers(reader.text);
  assert.equal(read.length + Number(/dropped (\d+)/.exec(told)?.[1]), sent, 'read and dropped add up');
  assert.equal(daemon.lines('self').filter((line) => line.includes('fifo')).length, 2);
});

test('readers that go and come in a flood get whole lines, in order; read and dropped add up', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: 'user.* |DIR/fifo\nuser.* DIR/a' });
  const texts: string[] = [];
  const total = 40_000;
  const state = { flooding: true };
  const sending = (async () => {
    for (let from = 0; from < total; from += 1000) {
      await sendLocal(daemon.socket, flood(1000, from));
      // A flood in gusts, so that readers have time to go in between.
      await daemon.line('a', new RegExp(`flood: ${from + 999} `));
    }
    state.flooding = false;
  })();
  // Of what goes wrong the end of the test speaks.
  sending.catch(() => (state.flooding = false));
  while (state.flooding) {
    const reader = new Reader(t, daemon.path('fifo'));
    await until('it has read something', () => reader.text.length > 100_000 || !state.flooding);
    await reader.end();
    texts.push(reader.text);
  }
  await sending;
  const last = new Reader(t, daemon.path('fifo'));
  let sent = 0;
  await until('the last one has something', async () => {
    await sendLocal(daemon.socket, [`<13>last: one ${sent++}`]);
    return /last: one/.test(last.text);
  });
  await daemon.stop();
  await last.end();
  // A reader that is killed loses what it has read and not passed on; whole lines of it may be cut by that.
  const lines = [...texts, last.text].flatMap((text) =>
    text.split('\n').filter((line) => / flood: \d+ x{60}$/.test(line)),
  );
  const read = lines.map((line) => Number(/flood: (\d+)/.exec(line)?.[1]));
  const dropped = daemon
    .lines('self')
    .map((line) => Number(/dropped (\d+) messages? to fifo/.exec(line)?.[1] ?? 0))
    .reduce((sum, count) => sum + count, 0);
  assert.ok(texts.length > 2, `several readers: ${texts.length}`);
  assert.equal(
    read.findIndex((number, i) => i > 0 && number <= (read[i - 1] ?? -1)),
    -1,
    'in order, none twice',
  );
  const missing = total - read.length - dropped;
  t.diagnostic(
    `${texts.length} readers, ${read.length} read, ${dropped} dropped, ${missing} lost inside killed readers`,
  );
  assert.ok(missing >= 0 && missing <= texts.length * 800, `only what a killed reader had taken: ${missing}`);
});

test('a command gets every message of a flood, in order', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: 'user.* |cat > DIR/out' });
  await sendLocal(daemon.socket, flood(FLOOD));
  await daemon.line('out', new RegExp(`flood: ${FLOOD - 1} `));
  assert.deepEqual(await daemon.stop(), { code: 0, signal: null });
  const got = numbers(readFileSync(daemon.path('out'), 'latin1'));
  assert.equal(got.length, FLOOD);
  assert.equal(
    got.findIndex((number, i) => number !== i),
    -1,
  );
  assert.doesNotMatch(daemon.lines('self').join('\n'), /dropp/);
});

test('messages sent just before the end reach the command', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: 'user.* |cat > DIR/out; echo end >> DIR/out' });
  await sendLocal(daemon.socket, flood(5000));
  assert.deepEqual(await daemon.stop(), { code: 0, signal: null });
  const lines = daemon.lines('out');
  assert.equal(lines.length, 5001);
  assert.equal(lines.at(-1), 'end');
});

test("a command that is given everything, the daemon's own words too, loses nothing at the end", async (t) => {
  const daemon = await TestDaemon.start(t, { conf: '*.* |cat > DIR/out\n*.* |DIR/fifo\n*.* DIR/a' });
  const reader = new Reader(t, daemon.path('fifo'));
  let sent = 0;
  await until('the reader has opened the FIFO', async () => {
    await sendLocal(daemon.socket, [`<13>t: hello ${sent++}`]);
    return /hello/.test(reader.text);
  });
  assert.deepEqual(await daemon.stop(), { code: 0, signal: null });
  assert.match(daemon.lines('out').join('\n'), /exiting on signal SIGTERM$/m);
  await reader.has(/exiting on signal SIGTERM$/m);
  assert.match(daemon.lines('a').at(-1) ?? '', /command "cat > .*" \(pid \d+\) exited with status 0$/);
});

test('a command killed in a flood: what it had not read goes to the next one', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: 'user.* |echo $$ > DIR/shell; exec cat >> DIR/out' });
  const size = (): number => (existsSync(daemon.path('out')) ? statSync(daemon.path('out')).size : 0);
  const sending = sendLocal(daemon.socket, flood(FLOOD));
  await until('the flood arrives', () => size() > 200_000);
  const pid = await pidIn(daemon, 'shell');
  process.kill(pid, 'SIGKILL');
  await sending;
  await daemon.line('out', new RegExp(`flood: ${FLOOD - 1} `));
  await daemon.line('self', new RegExp(`command "echo .*" \\(pid ${pid}\\) killed by signal SIGKILL$`));
  await daemon.stop();
  const got = numbers(readFileSync(daemon.path('out'), 'latin1'));
  t.diagnostic(`${FLOOD - got.length} of ${FLOOD} lost inside the killed command`);
  assert.equal(
    got.findIndex((number, i) => i > 0 && !(number > (got[i - 1] ?? -1))),
    -1,
    'whole, in order, none twice',
  );
  assert.ok(FLOOD - got.length <= 1600, 'at most what one read of cat takes');
  assert.doesNotMatch(daemon.lines('self').join('\n'), /dropp/);
});

test('a command that dies at once, or hangs, delays no file and no other command', async (t) => {
  const conf = 'user.* |exit 7\nuser.* |sleep 1000\nuser.* |cat > DIR/out\nuser.* DIR/a';
  const daemon = await TestDaemon.start(t, { conf });
  await sendLocal(daemon.socket, flood(20_000));
  await daemon.line('a', /flood: 19999 /);
  await daemon.line('out', /flood: 19999 /);
  await daemon.line('self', /command "exit 7" \(pid \d+\) exited with status 7$/);
  const began = performance.now();
  // Within five seconds, after which it ends without saying what is lost.
  assert.deepEqual(await daemon.stop(), { code: 4, signal: null }, 'data was left unwritten');
  t.diagnostic(`ended after ${Math.round(performance.now() - began)} ms`);
  assert.equal(daemon.lines('a').length, 20_000);
  const said = daemon.lines('self').join('\n') + daemon.stderr;
  assert.match(said, /dropped 20000 messages to command "exit 7"/);
  assert.match(said, /dropped 20000 messages to command "sleep 1000"/);
});

test('nothing is left of commands when the daemon ends', async (t) => {
  const daemon = await TestDaemon.start(t, {
    conf: 'user.* |echo $$ > DIR/one; cat | (sleep 1000)\nuser.* |echo $$ > DIR/two; trap "" TERM; while :; do sleep 1000; done',
  });
  await sendLocal(daemon.socket, ['<13>t: one']);
  const pids = [await pidIn(daemon, 'one'), await pidIn(daemon, 'two')];
  for (const pid of pids) assert.ok(inSession(pid).length > 0, 'a session of its own');
  await daemon.stop();
  await until('all are gone', () => pids.every((pid) => inSession(pid).length === 0));
});

test('a command ends by itself when the daemon is killed', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: 'user.* |echo $$ > DIR/shell; exec cat > DIR/out' });
  await sendLocal(daemon.socket, ['<13>t: one']);
  const pid = await pidIn(daemon, 'shell');
  await daemon.line('out', /one/);
  daemon.child.kill('SIGKILL');
  await until('it has ended', () => inSession(pid).length === 0);
});

test('reload: a command and a FIFO that stay are kept, what is gone is ended and removed', async (t) => {
  const kept = 'user.* |echo $$ >> DIR/shell; cat >> DIR/out\nuser.* |DIR/fifo\nsyslog.* -DIR/self\n';
  const gone = 'user.* |echo $$ > DIR/gone; cat > DIR/gone.out; echo end >> DIR/gone.out\nuser.* |DIR/other\n';
  const daemon = await TestDaemon.start(t, { conf: kept + gone });
  await sendLocal(daemon.socket, ['<13>t: one']);
  await daemon.line('out', /one/);
  const pid = await pidIn(daemon, 'gone');
  const { ino } = statSync(daemon.path('fifo'));
  daemon.configure(kept);
  await daemon.reload();
  await daemon.line('gone.out', /^end$/);
  await until('it is gone', () => inSession(pid).length === 0 && !existsSync(daemon.path('other')));
  await sendLocal(daemon.socket, ['<13>t: two']);
  await daemon.line('out', /two/);
  assert.equal(daemon.lines('shell').length, 1, 'the command was started once');
  assert.equal(statSync(daemon.path('fifo')).ino, ino);
});

test('reload: a FIFO whose options change stays', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: 'user.* |DIR/fifo' });
  const { ino } = statSync(daemon.path('fifo'));
  daemon.configure('user.* |DIR/fifo ;mode=622\nsyslog.* -DIR/self\n');
  await daemon.reload();
  assert.equal(statSync(daemon.path('fifo')).ino, ino);
  await daemon.stop();
  assert.equal(existsSync(daemon.path('fifo')), false);
});

test('-c: repetitions are told apart for files and written out for pipes', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: 'user.* DIR/a\nuser.* |cat > DIR/out', args: ['-c'] });
  await sendLocal(daemon.socket, ['<13>t: same', '<13>t: same', '<13>t: same', '<13>t: other']);
  await daemon.line('out', /other/);
  await daemon.line('a', /other/);
  const words = (name: string): string[] => daemon.lines(name).map((line) => line.replace(/^\S+ +\d+ \S+ \S+ /, ''));
  assert.deepEqual(words('out'), ['t: same', 't: same', 't: same', 't: other']);
  assert.deepEqual(words('a'), ['t: same', 'last message repeated 2 times', 't: other']);
});

test('an ordinary user: commands run as this user, FIFOs belong to it', { skip: root }, async (t) => {
  const dir = TestDaemon.folder(t);
  chmodSync(dir, 0o777);
  const conf = 'user.* |id -u > DIR/uid; cat > DIR/out\nuser.* |DIR/fifo';
  const daemon = await TestDaemon.start(t, { conf, uid: 65_534 }, dir);
  await sendLocal(daemon.socket, ['<13>t: one']);
  await daemon.line('out', /one/);
  assert.deepEqual(daemon.lines('uid'), ['65534']);
  assert.equal(statSync(daemon.path('fifo')).uid, 65_534);
  await daemon.line('self', /dropping messages to fifo/);
  assert.equal((await daemon.stop()).code, 0);
  assert.equal(existsSync(daemon.path('fifo')), false);
});
