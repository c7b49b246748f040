/**
 * What the end loses is told, with the right number, in every destination that still works and selects it: at a stop,
 * at a restart, and where a reload removes a rule. Standard error is /dev/null for a daemon and does not count.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { TestDaemon } from '../support/daemon.ts';
import { FifoReader } from '../support/fifo-reader.ts';
import { RestartingDaemon } from '../support/restarting.ts';
import { sendLocal } from '../support/send.ts';
import { UdpReceiver } from '../support/udp-receiver.ts';
import { until } from '../support/until.ts';

const messages = (count: number, from = 0): string[] => Array.from({ length: count }, (_, i) => `<13>t: m${from + i}`);

/** How many messages are told as dropped to a destination, in each line about it. */
function dropped(lines: readonly string[], label: RegExp): number[] {
  const pattern = new RegExp(`: dropped (\\d+) messages? to ${label.source}$`);
  return lines.flatMap((line) => {
    const count = pattern.exec(line)?.[1];
    return count === undefined ? [] : [Number(count)];
  });
}

test('a stop: a rule for everything has the number of messages that a broken one lost', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: '*.* DIR/all\n*.* DIR/missing/x' });
  await sendLocal(daemon.socket, messages(50));
  await daemon.line('all', /m49$/);
  assert.deepEqual(await daemon.stop(), { code: 4, signal: null });
  const all = daemon.lines('all');
  const told = all.findIndex((line) => line.includes(': dropped '));
  assert.ok(all.slice(0, told).some((line) => line.includes('exiting on signal SIGTERM')));
  assert.deepEqual(dropped(all, /file ".*\/missing\/x"/), [told], 'all that came before is what it lost');
  assert.equal(told, all.length - 1);
});

test('a stop: the sum of what several lost decides on the exit status, whichever is closed last', async (t) => {
  const broken = 'user.* DIR/missing/x\nuser.* DIR/missing/y\nuser.* |exit 7\nuser.* |sleep 1000';
  const working = 'user.* |cat > /dev/null; sleep 0.5\n*.* DIR/all';
  const daemon = await TestDaemon.start(t, { conf: `${broken}\n${working}` });
  await sendLocal(daemon.socket, messages(50));
  await daemon.line('all', /m49$/);
  assert.deepEqual(await daemon.stop(), { code: 4, signal: null });
  assert.match(daemon.stderr, /exiting with 200 messages unwritten: exit status 4$/m);
});

test('a restart: the same, told by the process that goes', async (t) => {
  const daemon = await RestartingDaemon.start(t, { conf: '*.* DIR/all\n*.* DIR/missing/x' });
  const { daemon: first, pid } = daemon;
  await sendLocal(first.socket, messages(50));
  await first.line('all', /m49$/);
  await daemon.restart();
  await first.line('all', /: start .*took over/);
  const all = first.lines('all');
  const told = all.findIndex((line) => line.includes(': dropped '));
  assert.deepEqual(dropped(all, /file ".*\/missing\/x"/), [told]);
  assert.ok(all[told]?.includes(`tsyslogd[${pid}]`));
});

test('a reload that removes the rule: the number is told, and right', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: '*.* DIR/all\nuser.* DIR/missing/x\nuser.* |DIR/fifo' });
  await sendLocal(daemon.socket, messages(50));
  await daemon.line('all', /m49$/);
  daemon.configure('*.* DIR/all\nsyslog.* -DIR/self');
  await daemon.reload();
  await daemon.line('all', /dropped 50 messages to file ".*\/missing\/x"$/);
  await daemon.line('all', /dropped 50 messages to fifo ".*\/fifo"$/);
  assert.deepEqual(await daemon.stop(), { code: 0, signal: null });
  assert.deepEqual(dropped(daemon.lines('all'), /file ".*\/missing\/x"/), [50]);
});

test('everything broken beside one of each kind that works: each of these is told of each of those', async (t) => {
  const dir = TestDaemon.folder(t);
  const loghost = await UdpReceiver.start(t);
  writeFileSync(`${dir}/no-fifo`, '');
  mkdirSync(`${dir}/folder`);
  const broken = [
    'user.* DIR/missing/x',
    'user.* DIR/folder',
    'user.* /dev/full',
    'user.* |DIR/unread',
    'user.* |DIR/no-fifo',
    'user.* |exit 7',
    'user.* |exec 0<&-; sleep 1000',
    'user.* @no-such-host.invalid',
  ];
  const working = ['*.* DIR/one', '*.err;*.warning;*.info DIR/two', '*.* |cat > DIR/command', '*.* |DIR/read'];
  const conf = [...broken, ...working, `*.* @127.0.0.1:${loghost.port}`].join('\n');
  const daemon = await TestDaemon.start(t, { conf, args: ['-s'] }, dir);
  const reader = FifoReader.open(t, daemon.path('read'));
  await until('the FIFO is read', async () => {
    await sendLocal(daemon.socket, ['<22>t: hello']);
    return reader.text.includes('hello');
  });
  await sendLocal(daemon.socket, messages(50));
  for (const name of ['one', 'two', 'command']) await daemon.line(name, /m49$/);
  await daemon.line('self', /command "exit 7" .* exited with status 7$/);
  const { code } = await daemon.stop();
  assert.equal(code, 4);
  await reader.has(/to loghost "@no-such-host.invalid"/);
  await until('the log host has it', () => loghost.messages.some((text) => text.includes('"@no-such-host.invalid"')));
  const texts = {
    one: daemon.lines('one'),
    two: daemon.lines('two'),
    command: readFileSync(daemon.path('command'), 'utf8').split('\n'),
    fifo: reader.text.split('\n'),
    loghost: loghost.messages,
  };
  const labels = [
    /file ".*\/missing\/x"/,
    /file ".*\/folder"/,
    /file "\/dev\/full"/,
    /fifo ".*\/unread"/,
    /fifo ".*\/no-fifo"/,
    /command "exit 7"/,
    /command "exec 0<&-; sleep 1000"/,
    /loghost "@no-such-host.invalid"/,
  ];
  for (const [name, lines] of Object.entries(texts))
    for (const label of labels) {
      // Commands are closed together: none is told how the others end.
      if (name === 'command' && label.source.startsWith('command')) continue;
      const counts = dropped(lines, label);
      assert.equal(
        counts.reduce((sum, count) => sum + count, 0),
        50,
        `${name}: ${label.source}`,
      );
    }
});

test('what hangs is given up in time and told in files; a command that works has its time to finish', async (t) => {
  const conf = [
    'user.* |sleep 1000',
    'user.* |cat > DIR/out; sleep 1; echo finished >> DIR/out',
    '*.* DIR/one',
    '*.* DIR/two',
  ].join('\n');
  const daemon = await TestDaemon.start(t, { conf });
  await sendLocal(daemon.socket, messages(20_000));
  await daemon.line('one', /m19999$/);
  assert.deepEqual(await daemon.stop(), { code: 4, signal: null });
  assert.equal(daemon.lines('out').at(-1), 'finished');
  for (const name of ['one', 'two']) assert.deepEqual(dropped(daemon.lines(name), /command "sleep 1000"/), [20_000]);
});

test('the end comes while a reload still waits for what it has removed', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: '*.* DIR/all\nuser.* |sleep 1000' });
  await sendLocal(daemon.socket, messages(20_000));
  await daemon.line('all', /m19999$/);
  daemon.configure('*.* DIR/all\nsyslog.* -DIR/self');
  await daemon.reload();
  assert.deepEqual(await daemon.stop(), { code: 4, signal: null });
  assert.deepEqual(dropped(daemon.lines('all'), /command "sleep 1000"/), [20_000]);
});
