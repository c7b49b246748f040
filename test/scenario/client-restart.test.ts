/**
 * The daemon is restarted while programs log: see test/support/client-restarts.ts; test/nightly/client.ts is the long run.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logThroughRestarts } from '../support/client-restarts.ts';

test('40,000 messages of 8 threads in 4 processes, three restarts: all are there, each thread in order', async (t) => {
  const sizes = { processes: 4, threads: 2, messages: 40_000, restarts: 3 };
  const { reconnects } = await logThroughRestarts(t, sizes, () => undefined);
  // Of the three one changes the socket, for whoever still logs.
  assert.ok(reconnects <= 8);
});
