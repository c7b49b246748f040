/**
 * `restart`: a new process takes over all sockets, and no message is lost, doubled or out of order.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { at } from '../support/control-client.ts';
import { assertComplete, NumberedSender } from '../support/numbered-sender.ts';
import { freeUdpPort } from '../support/ports.ts';
import { descriptorsOf, memoryOf, RestartingDaemon } from '../support/restarting.ts';
import { sendLocal, sendUdp } from '../support/send.ts';

const RESTARTS = 10;
const RATE = 3000;

test('ten restarts under load on two log sockets and UDP lose, double and reorder nothing', async (t) => {
  const port = await freeUdpPort();
  const daemon = await RestartingDaemon.start(t, {
    conf: 'user.* -DIR/all',
    args: ['-cc', '-b', `127.0.0.1:${port}`, '-p', './second'],
  });
  const senders = [
    await NumberedSender.start(t, 'local', daemon.daemon.socket, 'one', RATE),
    await NumberedSender.start(t, 'local', `${daemon.dir}/second`, 'two', RATE / 10),
    await NumberedSender.start(t, 'udp', String(port), 'net', RATE),
  ];
  const pids = [daemon.pid];
  for (let i = 0; i < RESTARTS; i++) pids.push(await daemon.restart());
  assert.equal(new Set(pids).size, RESTARTS + 1);
  const sent = await Promise.all(senders.map((sender) => sender.stop()));
  await daemon.stop();
  const lines = daemon.daemon.lines('all');
  for (const [idx, sender] of senders.entries()) assertComplete(lines, sender.tag, sent[idx] ?? 0);
  assert.equal(existsSync(daemon.daemon.socket) || existsSync(`${daemon.dir}/second`), false);
  assert.equal(existsSync(daemon.daemon.pidFile) || existsSync(daemon.controlPath), false);
  assert.doesNotMatch(readFileSync(`${daemon.dir}/self`, 'utf8'), /dropp|losing|refus|not replaced/);
});
