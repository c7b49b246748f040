/**
 * A restart that goes wrong at any stage: one of the two processes goes on, and what it received is written.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { test, type TestContext } from 'node:test';
import { at } from '../support/control-client.ts';
import { skipFor, TestDaemon } from '../support/daemon.ts';
import { assertComplete, NumberedSender, numbersOf } from '../support/numbered-sender.ts';
import { childrenOf, isAlive, isAsleep, parentOf, RestartingDaemon } from '../support/restarting.ts';
import { sendLocal } from '../support/send.ts';
import { until } from '../support/until.ts';

/** The command ends when a file is gone: so long the old process has files to write to, and the new one waits. */
const SLOW_END = 'user.* -DIR/all\nlocal7.* |cat > /dev/null; while [ -e DIR/hold ]; do sleep 0.1; done\n';

interface HandOver {
  readonly daemon: RestartingDaemon;
  readonly old: number;
  readonly successor: number;
  /** Lets the command end; by itself it does when its time at the end is over. */
  readonly release: () => void;
}

/** A daemon that is handing over, until it is released. */
async function handingOver(t: TestContext): Promise<HandOver> {
  const dir = TestDaemon.folder(t);
  const release = (): void => rmSync(`${dir}/hold`, { force: true });
  writeFileSync(`${dir}/hold`, '');
  const daemon = await RestartingDaemon.start(t, { conf: SLOW_END, args: ['-cc'] }, dir);
  await sendLocal(daemon.daemon.socket, ['<191>t: starts the command', '<13>t: before']);
  const old = daemon.pid;
  const successor = await begun(daemon);
  await daemon.daemon.line('self', /handing over to pid/);
  await sendLocal(daemon.daemon.socket, ['<13>t: meanwhile']);
  return { daemon, old, successor, release };
}

/** Asks for a restart and waits for the new process only. */
async function begun(daemon: RestartingDaemon): Promise<number> {
  void daemon.tryRestart().catch(() => undefined);
  return await daemon.successor();
}

async function works(daemon: RestartingDaemon): Promise<void> {
  await sendLocal(daemon.daemon.socket, ['<13>t: after']);
  await daemon.daemon.line('all', / t: after$/m);
}

/** Whether a signal waits for a process that is stopped. Source: proc_pid_status(5). */
function isPending(pid: number, signal: number): boolean {
  const pending = /^ShdPnd:\s+([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? '0';
  return (BigInt(`0x${pending}`) & (1n << BigInt(signal - 1))) !== 0n;
}

function texts(daemon: RestartingDaemon): readonly string[] {
  return daemon.daemon.lines('all').map((line) => line.replace(/^.* t: /, ''));
}

test('a configuration with an error refuses the restart, names the error, and the old process goes on', async (t) => {
  const daemon = await RestartingDaemon.start(t, { conf: 'user.* -DIR/all' });
  const { pid } = daemon;
  daemon.daemon.configure('user.* -DIR/all\nmaul.* DIR/b\nsyslog.* -DIR/self\n');
  const answer = await daemon.tryRestart();
  assert.equal(at(answer, 'ok'), false);
  assert.match(String(at(answer, 'error')), /^1 error: .*conf:2:1: .*maul/);
  await daemon.daemon.line('self', /restart failed: 1 error: .*conf:2:1/);
  assert.equal(daemon.pid, pid);
  await works(daemon);
  daemon.daemon.configure('user.* -DIR/all\nsyslog.* -DIR/self\n');
  assert.notEqual(await daemon.restart(), pid);
  await works(daemon);
});

test('what the old process ends is ended without a word of the shell between the two', async (t) => {
  const daemon = await RestartingDaemon.start(t, { conf: 'user.* -DIR/all' });
  daemon.daemon.configure('maul.* DIR/b\n');
  assert.equal(at(await daemon.tryRestart(), 'ok'), false);
  await daemon.daemon.stop();
  assert.doesNotMatch(daemon.daemon.stderr, /killed/i);
});

test('a second request during a restart is refused', async (t) => {
  const daemon = await RestartingDaemon.start(t, { conf: 'user.* -DIR/all' });
  const answers = await Promise.all([daemon.tryRestart(), daemon.tryRestart()]);
  const refused = answers.find((answer) => at(answer, 'ok') === false);
  assert.equal(answers.filter((answer) => at(answer, 'ok') === true).length, 1);
  assert.match(String(at(refused, 'error')), /being replaced/);
  await works(daemon);
});

test('a new process that is killed before it is ready changes nothing', async (t) => {
  const daemon = await RestartingDaemon.start(t, { conf: 'user.* -DIR/all', args: ['-cc'] });
  const { pid } = daemon;
  const sender = await NumberedSender.start(t, 'local', daemon.daemon.socket, 'one', 3000);
  const answered = daemon.tryRestart();
  process.kill(await daemon.successor(), 'SIGKILL');
  assert.deepEqual(await answered, {
    ok: false,
    command: 'restart',
    error: 'the new process was killed by SIGKILL before it was ready',
  });
  assert.equal(daemon.pid, pid);
  await daemon.restart();
  const sent = await sender.stop();
  await daemon.stop();
  assertComplete(daemon.daemon.lines('all'), 'one', sent);
});

test('an old process that is killed before the new one is ready leaves everything to that', async (t) => {
  const daemon = await RestartingDaemon.start(t, { conf: 'user.* -DIR/all', args: ['-cc'] });
  const old = daemon.pid;
  const successor = await begun(daemon);
  process.kill(old, 'SIGKILL');
  await sendLocal(daemon.daemon.socket, ['<13>t: meanwhile']);
  await daemon.daemon.line('self', new RegExp(`start \\(version \\S+\\), took over from pid ${old}$`, 'm'));
  assert.equal(daemon.pid, successor);
  await works(daemon);
  assert.deepEqual(texts(daemon), ['meanwhile', 'after']);
  await until('nothing but the new process is left', () => daemon.processes().join() === String(successor));
  await daemon.stop();
  assert.equal(existsSync(daemon.daemon.socket), false);
});

test('a new process that is killed while the old one still writes: the old one takes everything back', async (t) => {
  const { daemon, old, successor, release } = await handingOver(t);
  process.kill(successor, 'SIGKILL');
  await daemon.daemon.line('self', /restart failed: the new process was killed by SIGKILL/);
  assert.equal(daemon.pid, old);
  await works(daemon);
  assert.equal(texts(daemon)[0], 'before');
  assert.ok(isAlive(old));
  release();
  await daemon.restart();
  await works(daemon);
});

test('a new process that fails at last gives back what it has received, and the old one writes it', async (t) => {
  const { daemon, old, release } = await handingOver(t);
  // The new process would write its pid there.
  rmSync(daemon.daemon.pidFile);
  writeFileSync(daemon.daemon.pidFile, 'not a pid\n');
  release();
  await daemon.daemon.line('self', /restart failed: .* is not a pid file/);
  await works(daemon);
  assert.deepEqual(texts(daemon), ['before', 'meanwhile', 'after']);
  assert.ok(isAlive(old));
});

test('a new process that is killed when it has received messages: the old one says how many went with it', async (t) => {
  const { daemon, old, successor } = await handingOver(t);
  // So that it does not come to its end meanwhile.
  process.kill(old, 'SIGSTOP');
  // A log socket holds far less than that: the new process has read most of it.
  const sent = Array.from({ length: 200 }, (_, i) => `<13>one: ${i}`);
  await sendLocal(daemon.daemon.socket, sent);
  await until('it has read and counted them', () => isAsleep(successor));
  process.kill(successor, 'SIGKILL');
  process.kill(old, 'SIGCONT');
  const told = await daemon.daemon.line('self', /dropped \d+ messages that the new process had received$/);
  await works(daemon);
  const lost = Number(/dropped (\d+) messages/.exec(told)?.[1]);
  const written = daemon.daemon.lines('all').filter((line) => / t: meanwhile$/.test(line)).length;
  assert.equal(lost + written + numbersOf(daemon.daemon.lines('all'), 'one').length, sent.length + 1);
  assert.ok(lost > 0);
});

test('an old process that is killed while it still writes: the new one writes what it holds, and goes on', async (t) => {
  const { daemon, old, successor } = await handingOver(t);
  process.kill(old, 'SIGKILL');
  await daemon.daemon.line('self', new RegExp(`took over from pid ${old}$`, 'm'));
  assert.equal(daemon.pid, successor);
  await works(daemon);
  assert.deepEqual(texts(daemon), ['before', 'meanwhile', 'after']);
});

test('nothing is written by the new process before the old one has ended writing', async (t) => {
  const { daemon, old, release } = await handingOver(t);
  assert.deepEqual(texts(daemon), ['before']);
  release();
  await until('the new process has taken over', () => daemon.pid !== old && !isAlive(old));
  await works(daemon);
  assert.deepEqual(texts(daemon), ['before', 'meanwhile', 'after']);
});

test('the end asked of the old process while it hands over is the end of the new one', async (t) => {
  const { daemon, old, successor, release } = await handingOver(t);
  process.kill(old, 'SIGTERM');
  release();
  await until('both have ended', () => !isAlive(old) && !isAlive(successor));
  assert.deepEqual(texts(daemon), ['before', 'meanwhile']);
  await daemon.daemon.line('self', /exiting on signal SIGTERM$/m);
  assert.equal(existsSync(daemon.daemon.socket) || existsSync(daemon.daemon.pidFile), false);
});

test('the end asked of the old process while it hands over to one that fails is its own end', async (t) => {
  const { daemon, old, successor, release } = await handingOver(t);
  process.kill(successor, 'SIGSTOP');
  process.kill(old, 'SIGTERM');
  await until('the signal was passed on', () => isPending(successor, constants.signals.SIGTERM));
  process.kill(successor, 'SIGKILL');
  release();
  assert.deepEqual(await daemon.daemon.exited, { code: 0, signal: null });
  // What came meanwhile may have been read by the process that was killed.
  assert.equal(texts(daemon)[0], 'before');
  await daemon.daemon.line('self', /exiting on signal SIGTERM$/m);
  assert.equal(existsSync(daemon.daemon.socket) || existsSync(daemon.daemon.pidFile), false);
});

test('the end asked for before the new process reads is the end of both', async (t) => {
  const daemon = await RestartingDaemon.start(t, { conf: 'user.* -DIR/all' });
  const old = daemon.pid;
  const successor = await begun(daemon);
  process.kill(old, 'SIGTERM');
  await until('both have ended', () => !isAlive(old) && !isAlive(successor));
  assert.equal(existsSync(daemon.daemon.socket) || existsSync(daemon.daemon.pidFile), false);
});

test('the end asked for in the moment of a restart is the end of both', async (t) => {
  for (let round = 0; round < 10; round++) {
    const daemon = await RestartingDaemon.start(t, { conf: 'user.* -DIR/all' });
    const answered = daemon.tryRestart().catch(() => undefined);
    // The launcher is there, and may not have said yet what it has started.
    await until('a child is there', () => childrenOf(daemon.pid).length > 0);
    process.kill(daemon.pid, 'SIGTERM');
    await answered;
    await until('no process is left', () => daemon.processes().length === 0);
    assert.equal(existsSync(daemon.daemon.socket) || existsSync(daemon.daemon.pidFile), false);
  }
});

test('a new process that lost its parent and is killed changes nothing', async (t) => {
  const { daemon, old, successor } = await handingOver(t);
  process.kill(parentOf(successor), 'SIGKILL');
  await until('the new process is an orphan', () => childrenOf(old).length === 0);
  process.kill(successor, 'SIGKILL');
  await daemon.daemon.line('self', /restart failed: /);
  assert.equal(daemon.pid, old);
  await works(daemon);
});

test('a reload asked for during a restart is done by whoever goes on', async (t) => {
  const { daemon, old, release } = await handingOver(t);
  daemon.daemon.configure(`${SLOW_END.replace('-DIR/all', '-DIR/other')}syslog.* -DIR/self\n`);
  process.kill(old, 'SIGHUP');
  release();
  await daemon.daemon.line('self', /: reloaded .*, configuration 2$/m);
  await sendLocal(daemon.daemon.socket, ['<13>t: elsewhere']);
  await daemon.daemon.line('other', / t: elsewhere$/m);
});

test('a command that neither reads nor ends delays a restart by the usual time and costs others nothing', async (t) => {
  const daemon = await RestartingDaemon.start(t, {
    conf: 'user.* -DIR/all\nlocal7.* |exec sleep 1000\n',
    args: ['-cc'],
  });
  await sendLocal(daemon.daemon.socket, ['<191>t: never read']);
  const sender = await NumberedSender.start(t, 'local', daemon.daemon.socket, 'one', 1000);
  await daemon.restart();
  const sent = await sender.stop();
  await daemon.stop();
  assertComplete(daemon.daemon.lines('all'), 'one', sent);
  assert.ok(numbersOf(daemon.daemon.lines('all'), 'one').length > 0);
});

test('the portable receiver refuses a restart with one line', { skip: skipFor('portable') }, async (t) => {
  const portable = await RestartingDaemon.start(t, { conf: 'user.* -DIR/all', receiver: 'portable' });
  assert.match(String(at(await portable.tryRestart(), 'error')), /cannot restart with the portable receiver/);
  await works(portable);
});

test('process 1 refuses a restart with one line', {
  skip: process.getuid?.() === 0 ? false : 'needs root for process numbers of its own',
}, async (t) => {
  const first = await RestartingDaemon.start(t, {
    conf: 'user.* -DIR/all',
    wrapper: ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'],
  });
  assert.match(String(at(await first.tryRestart(), 'error')), /cannot restart as process 1/);
  await works(first);
});
