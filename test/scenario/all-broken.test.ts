/**
 * Every kind of destination is out of order at once, and a file gets its 100,000 messages all the same; each loss
 * is told.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { test } from 'node:test';
import { cleanUp, TestDaemon } from '../support/daemon.ts';
import { freeUdpPort } from '../support/ports.ts';
import { Pty, ptyMissing } from '../support/pty.ts';
import { sendLocal } from '../support/send.ts';

const skip = process.getuid?.() === 0 ? ptyMissing() : 'needs root to mount a small disk';
const MESSAGES = 100_000;

test('a full disk, a FIFO without reader, a stopped terminal, a hanging command and dead hosts delay no file', {
  skip,
}, async (t) => {
  const dir = TestDaemon.folder(t);
  const disk = `${dir}/disk`;
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', disk]);
  cleanUp(t, () => execFileSync('umount', ['-l', disk]));
  const pty = await Pty.open(t);
  await pty.stop();
  const port = await freeUdpPort();
  const broken = [
    'user.* DIR/disk/full',
    'user.* |DIR/fifo',
    `user.* ${pty.path}`,
    'user.* |sleep 1000',
    `user.* @127.0.0.1:${port}`,
    'user.* @no-such-host.invalid',
  ];
  const conf = [...broken, 'user.* DIR/good'].join('\n');
  const daemon = await TestDaemon.start(t, { conf, args: ['-s'] }, dir);
  await sendLocal(
    daemon.socket,
    Array.from({ length: MESSAGES }, (_, i) => `<13>flood: ${i} ${'x'.repeat(80)}`),
  );
  await daemon.line('good', new RegExp(`flood: ${MESSAGES - 1} `));
  const numbers = daemon.lines('good').map((line) => Number(/flood: (\d+) /.exec(line)?.[1]));
  assert.equal(numbers.length, MESSAGES);
  assert.equal(
    numbers.findIndex((number, i) => number !== i),
    -1,
  );
  await daemon.line('self', /cannot write to file ".*disk\/full": no space left on device/);
  await daemon.line('self', /fifo ".*fifo": it has no reader/);
  await daemon.line('self', /dropping messages to file "\/dev\/pts\/\d+"/);
  await daemon.line('self', /dropping messages to command "sleep 1000"/);
  await daemon.line('self', /no-such-host\.invalid/);
  assert.equal((await daemon.stop()).code, 4);
  const self = daemon.lines('self').join('\n');
  for (const label of [
    'file ".*disk/full"',
    'fifo ".*fifo"',
    'command "sleep 1000"',
    'loghost "@no-such-host.invalid"',
  ])
    assert.match(self, new RegExp(`dropped \\d+ messages to ${label}`));
});
