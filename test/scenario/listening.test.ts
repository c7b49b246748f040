/**
 * Where a running daemon receives over UDP: what the command line and the configuration name, together.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RECEIVERS, skipFor, TestDaemon } from '../support/daemon.ts';
import { freeUdpPort } from '../support/ports.ts';
import { sendUdp } from '../support/send.ts';
import { until } from '../support/until.ts';

/** Sends until it arrives: with the portable receiver a port is bound a moment after the daemon is ready. */
async function arrives(daemon: TestDaemon, port: number, word: string): Promise<void> {
  await until(`${word} over port ${port}`, async () => {
    await sendUdp(port, [`<13>t: ${word}`]);
    return daemon.lines('a').some((line) => line.endsWith(word));
  });
}

for (const receiver of RECEIVERS)
  test(`${receiver}: -b and listen add up, over reloads too`, { skip: skipFor(receiver) }, async (t) => {
    const [first, second, third] = [await freeUdpPort(), await freeUdpPort(), await freeUdpPort()];
    const conf = (port: number): string => `user.* DIR/a\nlisten 127.0.0.1:${port}\nlisten 127.0.0.1:${first}\n`;
    const args = ['-c', '-c', '-b', `127.0.0.1:${first}`];
    const daemon = await TestDaemon.start(t, { conf: conf(second), receiver, args });
    await arrives(daemon, first, 'first');
    await arrives(daemon, second, 'second');
    daemon.configure(`${conf(third)}syslog.* -DIR/self\n`);
    await daemon.reload();
    await arrives(daemon, third, 'third');
    await arrives(daemon, first, 'again');
    assert.doesNotMatch(daemon.lines('self').join('\n'), /cannot listen/);
  });
