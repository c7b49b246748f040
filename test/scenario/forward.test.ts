/**
 * Forwarding, seen from the log host: what arrives, what is told of what cannot, and that nothing else suffers.
 */
import assert from 'node:assert/strict';
import { readdirSync, readlinkSync } from 'node:fs';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { RECEIVERS, skipFor, TestDaemon } from '../support/daemon.ts';
import { OWN_NET, ownNetMissing, runInNet, sameNet } from '../support/own-net.ts';
import { freeUdpPort } from '../support/ports.ts';
import { sendLocal } from '../support/send.ts';
import { UdpReceiver } from '../support/udp-receiver.ts';
import { until } from '../support/until.ts';

const TIME = '[A-Z][a-z]{2} [ 123]\\d \\d\\d:\\d\\d:\\d\\d';

/** UDP and other sockets that a process has open. */
function socketCount(pid: number | undefined): number {
  return readdirSync(`/proc/${pid}/fd`).filter((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith('socket:');
    } catch {
      return false;
    }
  }).length;
}

for (const receiver of RECEIVERS) {
  const skip = skipFor(receiver);

  test(`${receiver}: the forms of a forwarded message, to IPv4, IPv6, and a name of /etc/hosts`, {
    skip,
  }, async (t) => {
    const hosts = [await UdpReceiver.start(t), await UdpReceiver.start(t, '::1'), await UdpReceiver.start(t)] as const;
    const [v4, v6, named] = hosts;
    const conf = `user.* @127.0.0.1:${v4.port}
user.* @[::1]:${v6.port} ;RFC3164
user.* @localhost:${named.port} ;RFC5424`;
    const daemon = await TestDaemon.start(t, { conf, receiver, args: ['-s', '-4'] });
    await sendLocal(daemon.socket, ['<13>prog[7]: one', '<14>prog[7]: two']);
    assert.deepEqual(await v4.received(2), ['<13>prog[7]: one', '<14>prog[7]: two']);
    const messages = await named.received(2);
    assert.match(messages[0] ?? '', /^<13>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\S+ \S+ prog 7 - - one$/);
    // -4 leaves IPv6 out, and says so.
    await daemon.line('self', /cannot resolve "::1" for loghost "@\[::1\]:\d+": IPv6 is disabled/);
    await daemon.stop();
    const both = await TestDaemon.start(t, { conf, receiver, args: ['-s'] });
    await sendLocal(both.socket, ['<13>prog[7]: one']);
    assert.match((await v6.received(1))[0] ?? '', new RegExp(`^<13>${TIME} \\S+ prog\\[7\\]: one$`));
  });

  test(`${receiver}: a name that nobody knows harms nothing, and is told once`, { skip }, async (t) => {
    const host = await UdpReceiver.start(t);
    const conf = `user.* @no.such.host.invalid\nuser.* @127.0.0.1:${host.port}\nuser.* DIR/all`;
    const daemon = await TestDaemon.start(t, { conf, receiver, args: ['-s'] });
    await daemon.line('self', /cannot resolve "no\.such\.host\.invalid" for loghost "@no\.such\.host\.invalid": .+/);
    await sendLocal(
      daemon.socket,
      Array.from({ length: 10_000 }, (_, i) => `<13>t: ${i} ${'x'.repeat(50)}`),
    );
    await daemon.line('all', /t: 9999 /);
    assert.equal(daemon.lines('all').length, 10_000);
    assert.equal((await daemon.stop()).code, 4, 'data was left unsent');
    const told = daemon.lines('self').filter((line) => line.includes('no.such.host.invalid'));
    assert.match(told.at(-1) ?? '', /dropped \d+ messages to loghost "@no\.such\.host\.invalid"$/);
    assert.equal(told.length, 2);
  });

  test(`${receiver}: a refused port is told and tried again with every message`, { skip }, async (t) => {
    const port = await freeUdpPort();
    const daemon = await TestDaemon.start(t, {
      conf: `user.* @127.0.0.1:${port}\nuser.* DIR/all`,
      receiver,
      args: ['-s'],
    });
    await sendLocal(daemon.socket, ['<13>t: lost']);
    await daemon.line('self', new RegExp(`cannot send to loghost "@127\\.0\\.0\\.1:${port}": connection refused$`));
    const host = await UdpReceiver.start(t, '127.0.0.1', port);
    await sendLocal(daemon.socket, ['<13>t: kept']);
    assert.deepEqual(await host.received(1), ['<13>t: kept']);
    await daemon.line('self', new RegExp(`dropped 1 message to loghost "@127\\.0\\.0\\.1:${port}"$`));
    assert.equal(daemon.lines('all').length, 2);
  });

  test(`${receiver}: 100 reloads leave forwarding alive and no descriptor behind`, { skip }, async (t) => {
    const host = await UdpReceiver.start(t);
    const kept = `user.* @127.0.0.1:${host.port}\nsyslog.* -DIR/self\n`;
    const daemon = await TestDaemon.start(t, { conf: kept, receiver, args: ['-s'] });
    await sendLocal(daemon.socket, ['<13>t: first']);
    await host.received(1);
    const before = socketCount(daemon.child.pid);
    for (let i = 0; i < 100; i++) {
      // One target stays, one changes its options each time, one its address.
      const ttl = 10 + (i % 20);
      daemon.configure(`${kept}mail.* @127.0.0.1:${host.port} ;ttl=${ttl}\nmail.* @127.0.0.${2 + (i % 20)}\n`);
      await daemon.reload();
    }
    await sendLocal(daemon.socket, ['<13>t: last', '<22>t: changed']);
    assert.deepEqual((await host.received(3)).toSorted(), ['<13>t: first', '<13>t: last', '<22>t: changed']);
    daemon.configure(kept);
    await daemon.reload();
    await until('the sockets of targets that are gone are closed', () => socketCount(daemon.child.pid) <= before);
  });
}

test('forward: 20,000 messages arrive in their order', async (t) => {
  const host = await UdpReceiver.start(t);
  const daemon = await TestDaemon.start(t, { conf: `user.* @127.0.0.1:${host.port}`, args: ['-s'] });
  const group = 500;
  for (let first = 0; first < 20_000; first += group) {
    await sendLocal(
      daemon.socket,
      Array.from({ length: group }, (_, i) => `<13>t: ${first + i}`),
    );
    await host.received(first + group);
  }
  assert.equal(
    host.messages.findIndex((message, i) => message !== `<13>t: ${i}`),
    -1,
  );
});

test('forward: udp_size cuts, -M wins over it, a reload changes it', async (t) => {
  const host = await UdpReceiver.start(t);
  const conf = (size: number): string => `udp_size ${size}\nuser.* @127.0.0.1:${host.port}\nsyslog.* -DIR/self\n`;
  const text = `<13>t: ${'x'.repeat(2000)}`;
  const daemon = await TestDaemon.start(t, { conf: conf(600), args: ['-s'] });
  await sendLocal(daemon.socket, [text]);
  assert.equal((await host.received(1))[0]?.length, 600);
  await daemon.line('self', /cutting messages to loghost ".*" longer than 600 bytes$/);
  daemon.configure(conf(700));
  await daemon.reload();
  await sendLocal(daemon.socket, [text]);
  assert.equal((await host.received(2))[1]?.length, 700);
  await daemon.stop();
  const other = await TestDaemon.start(t, { conf: conf(600), args: ['-s', '-M', '480'] });
  await sendLocal(other.socket, [text]);
  assert.equal((await host.received(3))[2]?.length, 480);
});

test('forward: with -ss there is no network socket; each rule is told, the others work', async (t) => {
  const host = await UdpReceiver.start(t);
  const conf = `user.* @127.0.0.1:${host.port}\nuser.* DIR/all`;
  const daemon = await TestDaemon.start(t, { conf, args: ['-ss'] });
  await sendLocal(daemon.socket, ['<13>t: here']);
  await daemon.line('all', /t: here$/);
  assert.match(
    daemon.lines('self').join('\n'),
    /conf:1:8: not forwarding to "127\.0\.0\.1": secure mode 2 allows no network socket$/m,
  );
  assert.equal((await daemon.stop()).code, 0);
  assert.deepEqual(host.messages, []);
});

test('forward: what the daemon says of a dead log host does not feed itself', async (t) => {
  const port = await freeUdpPort();
  const daemon = await TestDaemon.start(t, { conf: `*.* @127.0.0.1:${port}`, args: ['-s'] });
  await daemon.line('self', /connection refused$/);
  await sendLocal(daemon.socket, ['<13>t: a', '<13>t: b']);
  await daemon.stop();
  const told = daemon.lines('self').filter((line) => line.includes(`:${port}"`));
  assert.equal(told.length, 2);
  assert.match(told[1] ?? '', /dropped \d messages to loghost/);
});

for (const receiver of RECEIVERS)
  test(`${receiver}: while a network cannot be reached messages wait; they are sent when it is back`, {
    skip: ownNetMissing() === false ? skipFor(receiver) : ownNetMissing(),
  }, async (t) => {
    const daemon = await TestDaemon.start(t, {
      conf: 'mail.* @203.0.113.5:5140',
      receiver,
      wrapper: OWN_NET,
      args: ['-s'],
    });
    const host = await TestDaemon.start(t, {
      conf: 'mail.* DIR/mail',
      receiver,
      wrapper: sameNet(daemon),
      args: ['-b', ':5140'],
    });
    await sendLocal(daemon.socket, ['<22>t: waits', '<22>t: waits too']);
    await daemon.line('self', /cannot send to loghost "@203\.0\.113\.5:5140": network is unreachable$/);
    runInNet(daemon, 'ip', 'addr', 'add', '203.0.113.5/32', 'dev', 'lo');
    await host.line('mail', /t: waits too$/);
    await daemon.line('self', /writing to loghost "@203\.0\.113\.5:5140" again$/);
    assert.equal(host.lines('mail').length, 2);
  });

const TTL_READER = `
import socket
receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
receiver.bind(("127.0.0.1", 0))
receiver.setsockopt(socket.IPPROTO_IP, 12, 1)
print(receiver.getsockname()[1], flush=True)
_, control, _, _ = receiver.recvmsg(100, 100)
print(int.from_bytes(control[0][2], "little"), flush=True)
`;

for (const receiver of RECEIVERS)
  test(`${receiver}: ttl= is the number of hops`, {
    skip: spawnSync('python3', ['-c', '']).status === 0 ? skipFor(receiver) : 'python3 is not installed',
  }, async (t) => {
    const reader = spawn('python3', ['-c', TTL_READER], { stdio: ['ignore', 'pipe', 'inherit'] });
    t.after(() => reader.kill());
    let output = '';
    reader.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    const port = await until('the port is known', () => /^(\d+)\n/.exec(output)?.[1]);
    const daemon = await TestDaemon.start(t, { conf: `user.* @127.0.0.1:${port} ;ttl=37`, receiver, args: ['-s'] });
    await sendLocal(daemon.socket, ['<13>t: hops']);
    await once(reader, 'close');
    assert.equal(output.trim().split('\n')[1], '37');
  });
