/**
 * Where a running daemon receives over UDP: what the command line and the configuration name, together.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { existsSync } from 'node:fs';
import { RECEIVERS, skipFor, TestDaemon } from '../support/daemon.ts';
import { OWN_NET, ownNetMissing } from '../support/own-net.ts';
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

/** What the log says about where messages from the network are received. */
function said(daemon: TestDaemon): readonly string[] {
  return daemon.lines('self').flatMap((line) => /: (receiving .*)$/.exec(line)?.[1] ?? []);
}

for (const receiver of RECEIVERS)
  test(`${receiver}: the log says where it receives, once for each change`, { skip: skipFor(receiver) }, async (t) => {
    const [first, second] = [await freeUdpPort(), await freeUdpPort()];
    const conf = (more: string): string => `user.* DIR/a\nsyslog.* -DIR/self\n${more}`;
    const args = ['-b', `127.0.0.1:${first}`];
    const daemon = await TestDaemon.start(t, { conf: 'user.* DIR/a', receiver, args });
    const lines = [`receiving from the network on UDP 127.0.0.1:${first}`];
    await daemon.line('self', new RegExp(`: ${lines[0]}$`));
    await daemon.reload();
    daemon.configure(conf(`listen 127.0.0.1:${second}\n`));
    await daemon.reload();
    lines.push(`receiving from the network on UDP 127.0.0.1:${first}, 127.0.0.1:${second}`);
    await daemon.line('self', new RegExp(`: ${lines[1]}$`));
    daemon.configure(conf('secure_mode 1\n'));
    await daemon.reload();
    lines.push('receiving nothing from the network');
    await daemon.line('self', new RegExp(`: ${lines[2]}$`));
    await daemon.reload();
    assert.deepEqual(said(daemon), lines);
  });

test('what cannot be bound is not said to be received', async (t) => {
  const port = await freeUdpPort();
  const args = ['-b', `127.0.0.1:${port}`, '-b', '192.0.2.99:514'];
  const daemon = await TestDaemon.start(t, { conf: 'user.* DIR/a', args });
  await daemon.line('self', /: cannot listen on UDP 192\.0\.2\.99:514: /);
  await arrives(daemon, port, 'works');
  assert.deepEqual(said(daemon), [`receiving from the network on UDP 127.0.0.1:${port}`]);
});

for (const [args, expected] of [
  [[], 'receiving from the network on UDP 0.0.0.0:514, [::]:514'],
  [['-4'], 'receiving from the network on UDP 0.0.0.0:514'],
  [['-b', '192.0.2.1:514%d0'], 'receiving from the network on UDP 192.0.2.1:514%d0'],
] as const)
  test(`tsyslogd ${args.join(' ')}: ${expected}`, { skip: ownNetMissing() }, async (t) => {
    const conf = 'user.* DIR/a';
    const daemon = await TestDaemon.start(t, { conf, args, wrapper: OWN_NET, ownPort514: true });
    const v6 = existsSync('/proc/sys/net/ipv6');
    await daemon.line('self', /: receiving /);
    assert.deepEqual(said(daemon), [v6 ? expected : expected.replace(', [::]:514', '')]);
  });

for (const flag of ['-s', '-ss'])
  test(`${flag}: nothing is said to be received`, async (t) => {
    const daemon = await TestDaemon.start(t, { conf: 'user.* DIR/a', args: [flag] });
    await daemon.reload();
    assert.deepEqual(said(daemon), []);
  });
