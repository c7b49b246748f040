/**
 * Standard error that fails or takes nothing: the daemon goes on, waits for nothing, and keeps nothing.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestDaemon } from '../support/daemon.ts';
import { Pty, ptyMissing } from '../support/pty.ts';
import { sendLocal } from '../support/send.ts';
import { PATIENCE_MS, until } from '../support/until.ts';

const FLOOD = 20_000;

/** Starts the daemon with its standard error there. */
function into(path: string): readonly string[] {
  return ['sh', '-c', `exec "$@" 2>${path}`, 'sh'];
}

function flood(): string[] {
  return Array.from({ length: FLOOD }, (_, i) => `<13>flood: ${i}`);
}

test('debug output whose reader is gone does no harm', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: 'user.* DIR/a' });
  daemon.child.kill('SIGUSR1');
  await until('debug output appears', async () => {
    await sendLocal(daemon.socket, ['<13>t: seen']);
    return daemon.stderr.includes('seen');
  });
  daemon.child.stderr?.destroy();
  await sendLocal(daemon.socket, [...flood(), '<13>t: last']);
  await daemon.line('a', /t: last$/m);
  assert.deepEqual(await daemon.stop(), { code: 0, signal: null });
});

test('a mistake in the configuration is no reason to end where standard error is full', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: 'maul.* DIR/x\nuser.* DIR/a', wrapper: into('/dev/full') });
  await sendLocal(daemon.socket, ['<13>t: works']);
  await daemon.line('a', /works/);
  await daemon.line('self', /conf:1:1: .*maul/);
  assert.deepEqual(await daemon.stop(), { code: 0, signal: null });
});

test('debug output that nobody reads is dropped, counted and told; every message is logged', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: 'user.* DIR/a', args: ['-d'] });
  daemon.child.stderr?.pause();
  await sendLocal(daemon.socket, [...flood(), '<13>t: last']);
  await daemon.line('a', /t: last$/m);
  daemon.child.stderr?.resume();
  const seen = (): number => daemon.stderr.match(/tag "flood"/g)?.length ?? 0;
  const told = (): number =>
    [...daemon.stderr.matchAll(/^tsyslogd: dropped (\d+) lines? to standard error$/gm)].reduce(
      (sum, [, number]) => sum + Number(number),
      0,
    );
  await until(
    'all are seen or told',
    async () => {
      await sendLocal(daemon.socket, ['<13>t: again']);
      return seen() + told() >= FLOOD;
    },
    PATIENCE_MS,
    () => `${seen()} seen, ${told()} dropped`,
  );
  assert.ok(seen() < FLOOD);
  assert.equal(daemon.lines('a').filter((line) => line.includes('flood: ')).length, FLOOD);
});

test('a terminal that is stopped, then hangs up, does no harm', { skip: ptyMissing() }, async (t) => {
  const terminal = await Pty.open(t);
  const daemon = await TestDaemon.start(t, { conf: 'user.* DIR/a', args: ['-d'], wrapper: into(terminal.path) });
  await terminal.stop();
  await sendLocal(daemon.socket, [...flood(), '<13>t: stopped']);
  await daemon.line('a', /t: stopped$/m);
  await terminal.start();
  await until('the number is told', async () => {
    await sendLocal(daemon.socket, ['<13>t: again']);
    return /dropped \d+ lines? to standard error/.test(terminal.output);
  });
  await terminal.hangUp();
  await sendLocal(daemon.socket, ['<13>t: hung up']);
  await daemon.line('a', /t: hung up$/m);
  assert.deepEqual(await daemon.stop(), { code: 0, signal: null });
});
