/** A file with a test that never ends, and one of its processes. */
import { spawn } from 'node:child_process';
import { test } from 'node:test';

test('passes', () => undefined);
test('never ends', async () => {
  spawn('sleep', ['1000'], { stdio: 'inherit', detached: true });
  await new Promise(() => setInterval(() => undefined, 1000));
});
