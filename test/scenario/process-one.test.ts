/**
 * The daemon as process 1 of a container, without an init there: it is the parent of all orphans.
 */
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { TestDaemon } from '../support/daemon.ts';
import { childrenOf, zombiesOf } from '../support/restarting.ts';
import { sendLocal } from '../support/send.ts';
import { until } from '../support/until.ts';

const skip = process.getuid?.() === 0 ? false : 'needs root for a namespace of processes';

/** @returns the pid of process 1, as the test sees it */
async function startAsInit(t: Parameters<typeof TestDaemon.start>[0], conf: string): Promise<[TestDaemon, number]> {
  const daemon = await TestDaemon.start(t, {
    conf,
    wrapper: ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'],
  });
  const [init = 0] = childrenOf(daemon.child.pid ?? 0);
  return [daemon, init];
}

test('orphans are reaped, also many at once', { skip }, async (t) => {
  const [daemon, init] = await startAsInit(t, 'user.* -DIR/all');
  // Each leaves ten processes behind, which end on their own.
  const script = 'for n in 0 1 2 3 4 5 6 7 8 9; do sh -c "sleep 0.$n; echo $n >> $0/ended" "$0" & done';
  for (let round = 0; round < 5; round++)
    execFileSync('nsenter', ['-t', String(init), '-p', 'sh', '-c', `sh -c '${script}' "$0" &`, daemon.dir]);
  await until('all have ended', () => daemon.lines('ended').length === 50);
  await until('none is left', () => childrenOf(init).length === 0 && zombiesOf(init).length === 0);
  await sendLocal(daemon.socket, ['<13>t: works']);
  await daemon.line('all', /works/);
});

test('how commands ended is still known, and what they leave behind is reaped', { skip }, async (t) => {
  const [daemon, init] = await startAsInit(t, 'user.* |read -r line; (sleep 0.3; echo orphan >> DIR/ended) & exit 7');
  await sendLocal(daemon.socket, ['<13>t: once']);
  await daemon.line('self', /status 7/);
  await until('the orphan has ended', () => daemon.lines('ended').length > 0);
  await until('none is left', () => zombiesOf(init).length === 0);
});
