/**
 * A bug in the daemon: it ends, but not before what it had received is written and nothing is left behind.
 */
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { TestDaemon } from '../support/daemon.ts';
import { sendLocal } from '../support/send.ts';

const MESSAGES = 2000;

test('after an internal error what was received is written, the error told, socket and pid file removed', async (t) => {
  const dir = TestDaemon.folder(t);
  writeFileSync(`${dir}/bug.mjs`, "process.on('SIGWINCH', () => { throw new Error('the bug'); });\n");
  const daemon = await TestDaemon.start(
    t,
    { conf: 'user.* DIR/a', env: { NODE_OPTIONS: `--import=${dir}/bug.mjs` } },
    dir,
  );
  await sendLocal(
    daemon.socket,
    Array.from({ length: MESSAGES }, (_, i) => `<13>t: ${i}`),
  );
  daemon.child.kill('SIGWINCH');
  assert.deepEqual(await daemon.exited, { code: 1, signal: null });
  assert.equal(daemon.lines('a').length, MESSAGES);
  assert.match(daemon.lines('self').at(-1) ?? '', /: exiting on an internal error: the bug$/);
  assert.match(daemon.stderr, /^tsyslogd: Error: the bug$/m);
  assert.equal(existsSync(daemon.socket) || existsSync(daemon.pidFile), false);
});
