/**
 * A day of life in a minute: what an administrator, logrotate and upgrades do in a day and more, under load and in
 * a row. Nothing is lost meanwhile, and nothing is left behind.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, at } from '../support/control-client.ts';
import { assertComplete, NumberedSender, numbersOf } from '../support/numbered-sender.ts';
import { freeUdpPort } from '../support/ports.ts';
import { childrenOf, descriptorsOf, memoryOf, RestartingDaemon } from '../support/restarting.ts';
import { PATIENCE_MS, until } from '../support/until.ts';

const RELOADS = 200;
/** One in so many reloads is followed by a restart. */
const RESTART_EVERY = 4;
const RATE = 1000;
/** Log socket, UDP, control socket; the channel of a hand-over is closed a moment after it. */
const SOCKETS = 3;

const CONF = [
  'notify /bin/true',
  'user.* -DIR/all',
  'user.* -DIR/turned ;rotate=:3',
  'user.* |cat > /dev/null',
  'user.* |DIR/fifo',
  '*.err *',
].join('\n');

test('200 reloads, 200 rotations and 50 restarts under load lose nothing and leave nothing behind', async (t) => {
  const port = await freeUdpPort();
  const daemon = await RestartingDaemon.start(t, { conf: CONF, args: ['-cc', '-b', `127.0.0.1:${port}`] });
  const carryOut = async (command: string): Promise<void> => {
    const answer = await ask(t, daemon.controlPath, command);
    assert.equal(at(answer, 'ok'), true, JSON.stringify(answer));
  };
  const kinds = (): readonly string[] =>
    descriptorsOf(daemon.pid)
      .map((target) => target.replace(/\[\d+\]/, ''))
      .toSorted();
  const senders = [
    await NumberedSender.start(t, 'local', daemon.daemon.socket, 'one', RATE),
    await NumberedSender.start(t, 'udp', String(port), 'net', RATE),
  ];
  const { dir } = daemon.daemon;
  /** Of a rotation: the file that is to come, the one that was, and the folders that are held meanwhile. */
  const isOfRotation = (kind: string): boolean =>
    /\.turned\.|turned\.\d/.test(kind) || `${dir}/`.startsWith(`${kind}/`);
  // What was rotated is closed when its data is on the disk; programs told of it end soon.
  const quiet = (): Promise<boolean> =>
    until(
      'nothing is under way',
      () =>
        childrenOf(daemon.pid).length === 1 &&
        !kinds().some(isOfRotation) &&
        kinds().filter((kind) => kind === 'socket:').length === SOCKETS,
    );

  await daemon.restart();
  await carryOut('rotate');
  await quiet();
  const before = kinds();
  const bytes = memoryOf(daemon.pid);
  let restarts = 1;
  for (let i = 1; i <= RELOADS; i++) {
    await carryOut('reload');
    await carryOut('rotate');
    if (i % RESTART_EVERY !== 0 || i === RELOADS) continue;
    await daemon.restart();
    restarts++;
  }
  assert.equal(restarts, RELOADS / RESTART_EVERY);
  const sent = await Promise.all(senders.map((sender) => sender.stop()));
  await quiet();
  await until(
    'descriptors are as in the beginning',
    () => kinds().join() === before.join(),
    PATIENCE_MS,
    () => `${kinds().join('\n')}\ninstead of\n${before.join('\n')}`,
  );
  assert.ok(memoryOf(daemon.pid) < bytes * 2, `${memoryOf(daemon.pid)} bytes after ${bytes}`);

  await daemon.stop();
  const lines = daemon.daemon.lines('all');
  for (const [idx, sender] of senders.entries()) assertComplete(lines, sender.tag, sent[idx] ?? 0);
  const last =
    numbersOf(daemon.daemon.lines('turned'), 'one').at(-1) ?? numbersOf(daemon.daemon.lines('turned.0'), 'one').at(-1);
  assert.equal(last, (sent[0] ?? 0) - 1, 'the rotated file goes on to the last message');
  const self = daemon.daemon.lines('self').join('\n');
  assert.doesNotMatch(self, /losing|restart failed|cannot|internal error/);
  assert.equal(self.match(/: reloaded /g)?.length, RELOADS);
  assert.equal(self.match(/, took over from pid /g)?.length, restarts);
});
