/**
 * A rule that would forward to the daemon itself: refused where the address shows it, reported where a name leads to
 * it, and never a storm.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { RECEIVERS, skipFor, TestDaemon } from '../support/daemon.ts';
import { OWN_NET, ownNetMissing } from '../support/own-net.ts';
import { freeUdpPort } from '../support/ports.ts';
import { builtPath } from '../support/project.ts';
import { sendLocal, sendUdp } from '../support/send.ts';
import { UdpReceiver } from '../support/udp-receiver.ts';
import { until } from '../support/until.ts';

/** `--check` of one rule. @returns status and stdout, without the name of the file */
function check(
  t: Parameters<typeof TestDaemon.folder>[0],
  { conf, args = [], wrapper = [] }: { conf: string; args?: readonly string[]; wrapper?: readonly string[] },
): readonly [number | null, string] {
  const file = `${TestDaemon.folder(t)}/conf`;
  writeFileSync(file, conf);
  const command = [process.execPath, builtPath('src', 'cli', 'tsyslogd.cjs'), '--check', '-f', file, ...args];
  const [program = '', ...rest] = [...wrapper, ...command];
  const { status, stdout } = spawnSync(program, rest, { encoding: 'utf8' });
  return [status, stdout.replaceAll(`${file}:`, '')];
}

const EXPECTED = 'expected another host or port';

for (const [conf, args, said] of [
  ['*.* @127.0.0.1\n', [], '`@127.0.0.1` is this daemon itself, which listens on UDP 0.0.0.0:514'],
  ['*.* @[127.0.0.1]:syslog\n', [], '`@127.0.0.1` is this daemon itself, which listens on UDP 0.0.0.0:514'],
  ['*.* @[::1]:5514\n', ['-b', ':5514'], '`@[::1]:5514` is this daemon itself, which listens on UDP [::]:5514'],
  [
    '*.* @127.0.0.1:99\nlisten 127.0.0.1:99\n',
    ['-b', ':1'],
    '`@127.0.0.1:99` is this daemon itself, which listens on UDP 127.0.0.1:99',
  ],
] as const)
  test(`--check ${args.join(' ')}: ${conf.trim().replace('\n', ', ')} is refused`, (t) => {
    assert.deepEqual(check(t, { conf, args }), [3, `1:5: ${said}: ${EXPECTED}\n`]);
  });

for (const [conf, args] of [
  ['*.* @127.0.0.1\n', ['-s']],
  ['*.* @127.0.0.1\nsecure_mode 1\n', []],
  ['*.* @127.0.0.1\n', ['-6']],
  ['*.* @127.0.0.1\n', ['-b', '127.0.0.2']],
  ['*.* @127.0.0.1:5514\n', []],
  ['*.* @192.0.2.77\n', []],
  ['*.* @localhost\n', []],
] as const)
  test(`--check ${args.join(' ')}: ${conf.trim().replace('\n', ', ')} is sound`, (t) => {
    const [status, said] = check(t, { conf, args });
    assert.doesNotMatch(said, /itself/);
    assert.equal(status, 0, said);
  });

test('--check knows the addresses of this machine', { skip: ownNetMissing() }, (t) => {
  const conf = '*.* @192.0.2.1\n*.* @192.0.2.2\n*.* @[2001:db8::1]\n*.* @192.0.2.255\n';
  const [status, said] = check(t, { conf, wrapper: OWN_NET });
  assert.equal(status, 3);
  const places = said.split('\n').map((line) => /^(\d:\d): .* is this daemon itself/.exec(line)?.[1] ?? line);
  const v6 = said.includes('2001:db8::1');
  assert.deepEqual(places, v6 ? ['1:5', '3:5', '4:5', ''] : ['1:5', '4:5', '']);
});

test('at start the rule is left out and reported, at reload the configuration is refused', async (t) => {
  const port = await freeUdpPort();
  const conf = `*.* @127.0.0.1:${port}\nuser.* DIR/a`;
  const daemon = await TestDaemon.start(t, { conf, args: ['-b', `127.0.0.1:${port}`] });
  const said = `\`@127.0.0.1:${port}\` is this daemon itself, which listens on UDP 127.0.0.1:${port}: ${EXPECTED}`;
  assert.ok(
    daemon.lines('self').some((line) => line.endsWith(said)),
    daemon.lines('self').join('\n'),
  );
  assert.ok(daemon.stderr.includes(said), daemon.stderr);
  await sendLocal(daemon.socket, ['<13>t: once']);
  await daemon.line('a', /t: once$/);
  await daemon.reload();
  await daemon.line('self', /: configuration not changed: 1 error$/);
  assert.equal(daemon.lines('a').length, 1);
});

for (const receiver of RECEIVERS) {
  test(`${receiver}: a name that leads to the daemon is reported once, and nothing goes round`, {
    skip: skipFor(receiver),
  }, async (t) => {
    const port = await freeUdpPort();
    const conf = `*.* @localhost:${port}\n*.* DIR/a`;
    const args = ['-4', '-cc', '-b', `127.0.0.1:${port}`];
    const daemon = await TestDaemon.start(t, { conf, receiver, args });
    const said = new RegExp(
      `: not sending to loghost "@localhost:${port}": this daemon itself listens on UDP 127\\.0\\.0\\.1:${port}$`,
    );
    await daemon.line('self', said);
    const many = 500;
    await sendLocal(
      daemon.socket,
      Array.from({ length: many }, (_, i) => `<13>t: ${i} ${'x'.repeat(1000)}`),
    );
    await until('a datagram of the network comes in behind them', async () => {
      await sendUdp(port, ['<13>t: end']);
      return daemon.lines('a').some((line) => line.endsWith('t: end'));
    });
    await daemon.reload();
    assert.equal(daemon.lines('a').filter((line) => / t: \d+ x+$/.test(line)).length, many, 'each message once');
    assert.equal(daemon.lines('self').filter((line) => said.test(line)).length, 1);
  });

  test(`${receiver}: a reload that listens where a name leads ends the forwarding there, another one begins it again`, {
    skip: skipFor(receiver),
  }, async (t) => {
    const other = await UdpReceiver.start(t);
    const conf = (port: number): string =>
      `user.* @localhost:${other.port}\nuser.* DIR/a\nsyslog.* -DIR/self\nlisten 127.0.0.1:${port}\n`;
    const [first] = [await freeUdpPort()];
    const daemon = await TestDaemon.start(t, { conf: conf(first), receiver, args: ['-4', '-cc'] });
    await sendLocal(daemon.socket, ['<13>t: forwarded']);
    await other.received(1);
    // The port is taken, so that it stays the other's; it is a loop all the same as soon as the other is gone.
    daemon.configure(conf(other.port));
    await daemon.reload();
    await daemon.line('self', /: not sending to loghost .* this daemon itself/);
    await sendLocal(daemon.socket, ['<13>t: kept']);
    await daemon.line('a', /t: kept$/);
    daemon.configure(conf(first));
    await daemon.reload();
    await other.received(2);
    assert.match(other.messages[1] ?? '', /t: kept$/);
    assert.equal(daemon.lines('self').filter((line) => line.includes('this daemon itself')).length, 1);
  });
}
