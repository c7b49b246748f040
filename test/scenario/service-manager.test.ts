/**
 * A service manager is told what the daemon does. Its socket is here the log socket of another daemon, which
 * writes down what it is told.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestDaemon } from '../support/daemon.ts';
import { sendLocal } from '../support/send.ts';

test('the manager is told of readiness, reload, signs of life and the end', async (t) => {
  const manager = await TestDaemon.start(t, { conf: 'user.* DIR/told', args: ['-cc'] });
  const daemon = await TestDaemon.start(t, {
    conf: 'user.* DIR/a',
    env: { NOTIFY_SOCKET: manager.socket, WATCHDOG_USEC: '200000' },
  });
  const ready = await manager.line('told', /READY=1/);
  assert.match(ready, new RegExp(`READY=1 STATUS=running MAINPID=${daemon.child.pid}$`));
  await manager.line('told', /WATCHDOG=1$/m);
  await daemon.reload();
  await manager.line('told', /RELOADING=1 MONOTONIC_USEC=\d+ STATUS=reloading$/m);
  await manager.line('told', /READY=1 STATUS=running/);
  await daemon.stop();
  await manager.line('told', /STOPPING=1/);
  await sendLocal(manager.socket, ['<13>t: the end']);
  await manager.line('told', /the end/);
  const kinds = manager.lines('told').map((line) => /(READY|RELOADING|STOPPING|the end)/.exec(line)?.[1]);
  assert.deepEqual(
    kinds.filter((kind) => kind !== undefined),
    ['READY', 'RELOADING', 'READY', 'STOPPING', 'the end'],
  );
});

test('without a manager, or with one that is gone, nothing is different', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: 'user.* DIR/a', env: { NOTIFY_SOCKET: '/nonexistent/socket' } });
  await sendLocal(daemon.socket, ['<13>t: works']);
  await daemon.line('a', /works/);
  assert.equal((await daemon.stop()).code, 0);
});
