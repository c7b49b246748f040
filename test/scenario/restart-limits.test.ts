/**
 * A restart that meets the end of a resource: what is left of descriptors, processes or files on the disk decides
 * whether there is a new process, and never whether the old one goes on.
 */
import assert from 'node:assert/strict';
import { chownSync } from 'node:fs';
import { test } from 'node:test';
import { at } from '../support/control-client.ts';
import { TestDaemon } from '../support/daemon.ts';
import { limit, limitForGood, limitsMissing, limitWithFree } from '../support/limits.ts';
import { descriptorsOf, RestartingDaemon } from '../support/restarting.ts';
import { sendLocal } from '../support/send.ts';

const skip = limitsMissing();
const isRoot = process.getuid?.() === 0;
const NOBODY = 65_534;
/** As many as the daemon has before it is limited, and some. */
const PLENTY = 1024;

async function works(daemon: RestartingDaemon, text: string): Promise<void> {
  await sendLocal(daemon.daemon.socket, [`<13>t: ${text}`]);
  await daemon.daemon.line('all', new RegExp(` t: ${text}$`, 'm'));
}

test('without descriptors for a new process the old one goes on, and says why', { skip }, async (t) => {
  const daemon = await RestartingDaemon.start(t, { conf: 'user.* -DIR/all', args: ['-cc'] });
  const { pid } = daemon;
  const before = descriptorsOf(pid).length;
  // One for the client; a socket pair for the child, and a pipe for its failure, need more.
  for (const free of [1, 2, 3, 4]) {
    limit(pid, 'nofile', limitWithFree(pid, free));
    const error = 'cannot start a new process: too many open files';
    assert.deepEqual(await daemon.tryRestart(), { ok: false, command: 'restart', error });
    limit(pid, 'nofile', PLENTY);
    await works(daemon, `refused with ${free}`);
  }
  assert.equal(daemon.pid, pid);
  assert.ok(descriptorsOf(pid).length <= before + 1, 'nothing but the last client is left open');
  assert.equal(daemon.daemon.lines('self').filter((line) => /restart failed: /.test(line)).length, 4);
  assert.notEqual(await daemon.restart(), pid);
  await works(daemon, 'after');
});

// With few the new process cannot be started, or not load the program; a few more are enough.
for (const free of [3, 5, 6, 7, 9]) {
  test(`a new process that finds ${free} descriptors takes over, or leaves everything to the old one`, {
    skip,
  }, async (t) => {
    const daemon = await RestartingDaemon.start(t, { conf: 'user.* -DIR/all', args: ['-cc'] });
    const { pid } = daemon;
    await works(daemon, 'before');
    limitForGood(pid, 'nofile', limitWithFree(pid, free));
    const answer = await daemon.tryRestart();
    if (at(answer, 'ok') === true) assert.equal(at(answer, 'pid'), daemon.pid);
    else {
      assert.match(
        String(at(answer, 'error')),
        /^(?:the new process (?:exited with status \d+|was killed by \w+) before it was ready|cannot start a new process: too many open files)$/,
      );
      assert.equal(daemon.pid, pid);
    }
    await works(daemon, 'after');
    assert.deepEqual(
      daemon.daemon.lines('all').map((line) => line.replace(/^.* t: /, '')),
      ['before', 'after'],
    );
  });
}

test('without a process left for the user the old one goes on, and says why', { skip }, async (t) => {
  if (!isRoot) {
    t.skip('needs root for a user that has no other processes');
    return;
  }
  const dir = TestDaemon.folder(t);
  chownSync(dir, NOBODY, NOBODY);
  const daemon = await RestartingDaemon.start(t, { conf: 'user.* -DIR/all', uid: NOBODY }, dir);
  const { pid } = daemon;
  limit(pid, 'nproc', 1, NOBODY);
  const error = 'cannot start a new process: resource temporarily unavailable';
  assert.deepEqual(await daemon.tryRestart(), { ok: false, command: 'restart', error });
  await works(daemon, 'refused');
  assert.equal(daemon.pid, pid);
});

test('an old process that takes everything back without descriptors opens its files when it can', {
  skip,
}, async (t) => {
  // The command takes a while to end: so long the new process waits.
  const conf = 'user.* -DIR/all\nlocal7.* |cat > /dev/null; sleep 2\n';
  const daemon = await RestartingDaemon.start(t, { conf, args: ['-cc'] });
  const { pid } = daemon;
  await sendLocal(daemon.daemon.socket, ['<191>t: starts the command', '<13>t: before']);
  const answered = daemon.tryRestart();
  const successor = await daemon.successor();
  await daemon.daemon.line('self', /handing over to pid/);
  limit(pid, 'nofile', 1);
  process.kill(successor, 'SIGKILL');
  await sendLocal(daemon.daemon.socket, ['<13>t: meanwhile']);
  assert.equal(at(await answered, 'error'), 'the new process was killed by SIGKILL before it was ready');
  limit(pid, 'nofile', PLENTY);
  await daemon.daemon.line('self', /writing to file ".*\/self" again/);
  await works(daemon, 'after');
  assert.deepEqual(
    daemon.daemon.lines('all').map((line) => line.replace(/^.* t: /, '')),
    ['before', 'meanwhile', 'after'],
  );
});
