/** A restart, seen by the reader of a FIFO to which nothing is written meanwhile. */
import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import { test } from 'node:test';
import { RestartingDaemon } from '../support/restarting.ts';
import { sendLocal } from '../support/send.ts';
import { until } from '../support/until.ts';

test('the reader of a FIFO that gets nothing sees no end either', async (t) => {
  const daemon = await RestartingDaemon.start(t, { conf: 'mail.* |DIR/fifo\n*.* DIR/all' });
  let read = '';
  let ended = false;
  createReadStream(daemon.daemon.path('fifo'), 'utf8')
    .on('data', (text) => (read += String(text)))
    .on('end', () => (ended = true));
  await sendLocal(daemon.daemon.socket, ['<22>t: before']);
  await until('the first message is read', () => read.includes('before'));
  for (let i = 0; i < 3; i++) await daemon.restart();
  assert.equal(ended, false);
  await daemon.stop();
  await until('the reader has seen the end', () => ended);
});
