/** A restart, seen by the reader of a FIFO to which nothing is written meanwhile. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FifoReader } from '../support/fifo-reader.ts';
import { RestartingDaemon } from '../support/restarting.ts';
import { sendLocal } from '../support/send.ts';

test('the reader of a FIFO that gets nothing sees no end either', async (t) => {
  const daemon = await RestartingDaemon.start(t, { conf: 'mail.* |DIR/fifo\n*.* DIR/all' });
  const reader = FifoReader.open(t, daemon.daemon.path('fifo'));
  await sendLocal(daemon.daemon.socket, ['<22>t: before']);
  await reader.has(/before/);
  for (let i = 0; i < 3; i++) await daemon.restart();
  assert.equal(reader.ended, false);
  await daemon.stop();
  await reader.end();
});
