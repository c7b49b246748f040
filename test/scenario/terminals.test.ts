/**
 * Terminals as actions: lines end in CR LF, the daemon never gets a controlling terminal, a terminal that is stopped
 * or goes away delays no file.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { TestDaemon } from '../support/daemon.ts';
import { Pty, ptyMissing } from '../support/pty.ts';
import { sendLocal } from '../support/send.ts';
import { until } from '../support/until.ts';

const skip = ptyMissing();

/** tty_nr and session of proc(5). */
function terminalOf(pid: number | undefined): { readonly tty: number; readonly session: number } {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
    .replace(/^.*\) /, '')
    .split(' ');
  return { tty: Number(fields[4]), session: Number(fields[3]) };
}

test('lines end in CR LF', { skip }, async (t) => {
  const pty = await Pty.open(t);
  const daemon = await TestDaemon.start(t, { conf: `user.* ${pty.path}` });
  await sendLocal(daemon.socket, ['<13>t[1]: one', '<13>t: two\u0007bell']);
  await pty.shows(/two/);
  assert.match(pty.output, /^\S{3} [ \d]\d \d\d:\d\d:\d\d \S+ t\[1\]: one\r\n\S{3} [ \d]\d \S+ \S+ t: two\^Gbell\r\n$/);
});

test('a session leader that opens a terminal does not get it as its controlling terminal', { skip }, async (t) => {
  const pty = await Pty.open(t);
  const daemon = await TestDaemon.start(t, { conf: `user.* ${pty.path}`, wrapper: ['setsid'] });
  const { pid } = daemon.child;
  assert.deepEqual(terminalOf(pid), { tty: 0, session: pid });
  await sendLocal(daemon.socket, ['<13>t: one']);
  await pty.shows(/one/);
  await daemon.reload();
  assert.deepEqual(terminalOf(pid), { tty: 0, session: pid });
});

for (const [what, halt, go] of [
  ['stopped with Ctrl-S', (pty: Pty) => pty.stop(), (pty: Pty) => pty.start()],
  ['whose screen takes nothing', (pty: Pty) => pty.pause(), (pty: Pty) => pty.resume()],
] as const) {
  test(`a terminal ${what} delays no file, and its loss is told when it goes on`, { skip }, async (t) => {
    const pty = await Pty.open(t);
    const daemon = await TestDaemon.start(t, { conf: `user.* ${pty.path}\nuser.* DIR/a` });
    await halt(pty);
    const payloads = Array.from({ length: 5000 }, (_, i) => `<13>flood: ${i} ${'x'.repeat(80)}`);
    await sendLocal(daemon.socket, payloads);
    await daemon.line('a', /flood: 4999 /);
    await daemon.line('self', new RegExp(`dropping messages to file "${pty.path}": its queue is full`));
    await go(pty);
    let sent = 0;
    await until('it goes on', async () => {
      if (!/t: last/.test(pty.output)) await sendLocal(daemon.socket, [`<13>t: last ${sent++}`]);
      return pty.output.includes(`t: last ${sent - 1}\r\n`);
    });
    const shown = pty.output.split('\r\n').slice(0, -1);
    assert.deepEqual(
      shown.filter((line) => !/ (?:flood: \d+ x{80}|t: last \d+)$/.test(line)),
      [],
      'nothing torn',
    );
    const dropped = (): number =>
      daemon
        .lines('self')
        .map((line) => Number(/dropped (\d+) messages? to file "\/dev\/pts/.exec(line)?.[1] ?? 0))
        .reduce((sum, count) => sum + count, 0);
    await until('shown and dropped add up', () => shown.length + dropped() === 5000 + sent);
    const told = daemon.lines('self').filter((line) => line.includes(pty.path)).length;
    assert.ok(told <= 6, `at most one line a change of state: ${told}`);
  });
}

test('a terminal that is stopped does not hold up the end', { skip }, async (t) => {
  const pty = await Pty.open(t);
  const daemon = await TestDaemon.start(t, { conf: `user.* ${pty.path}\nuser.* DIR/a` });
  await pty.stop();
  await sendLocal(daemon.socket, ['<13>t: one']);
  await daemon.line('a', /one/);
  assert.deepEqual(await daemon.stop(), { code: 4, signal: null });
  assert.match(daemon.stderr + daemon.lines('self').join('\n'), /dropped 1 message to file "\/dev\/pts/);
});

test('a terminal that hangs up is told once, and is written to when it is back', { skip }, async (t) => {
  const pty = await Pty.open(t);
  const { path } = pty;
  const daemon = await TestDaemon.start(t, { conf: `user.* ${path}\nuser.* DIR/a` });
  await pty.hangUp();
  await until('it is gone', () => !existsSync(path));
  await sendLocal(daemon.socket, ['<13>t: one', '<13>t: two']);
  await daemon.line('self', new RegExp(`cannot write to file "${path}": |cannot open file "${path}": `));
  await daemon.line('a', /two/);
  // The lowest free number is given out, so that a new terminal takes the place; others may come in between.
  const taken: Pty[] = [];
  for (let i = 0; i < 20 && !existsSync(path); i++) taken.push(await Pty.open(t));
  const again = taken.find((other) => other.path === path);
  if (again === undefined) return t.skip('somebody else took the number of the terminal');
  await again.shows(/t: two\r\n/);
  await daemon.line('self', new RegExp(`writing to file "${path}" again`));
  const told = daemon.lines('self').filter((line) => line.includes(`file "${path}"`));
  assert.equal(told.length, 2, told.join('\n'));
  return undefined;
});

test('a terminal that is not there is not made as a file', { skip }, async (t) => {
  const daemon = await TestDaemon.start(t, { conf: 'user.* /dev/pts/99999\nuser.* DIR/a' });
  await sendLocal(daemon.socket, ['<13>t: one']);
  await daemon.line('a', /one/);
  assert.match(daemon.stderr, /cannot open file "\/dev\/pts\/99999": no such file or directory/);
  assert.equal(existsSync('/dev/pts/99999'), false);
});
