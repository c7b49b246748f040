/**
 * What forwarding a record costs, by the kind of link: datagrams of 120 bytes to a socket on this machine that nobody
 * reads, so that only the sender's side is measured.
 *
 * Usage: node forward.js [rows of a batch]
 */
import { setImmediate as turn } from 'node:timers/promises';
import { openNativeLink } from '../../../src/output/forward/native-udp-link.ts';
import { openPortableLink } from '../../../src/output/forward/portable-udp-link.ts';
import type { LinkOpener, UdpLink } from '../../../src/output/forward/udp-link.ts';
import { bindUdp, createUdpSocket, localAddress } from '../../../src/sys/socket/sockets.ts';

const MESSAGE_BYTES = 120;
const MESSAGES = 400_000;
const ROWS = Number(process.argv[2] ?? 256);

const receiver = createUdpSocket(4);
bindUdp(receiver, { family: 4, address: '127.0.0.1', port: 0, scopeId: 0 });
const to = localAddress(receiver);

function open(opener: LinkOpener): Promise<UdpLink> {
  const target = { to, iface: null, ttl: null, payloadBytes: 1024 };
  return new Promise((resolve, reject) => {
    opener(
      target,
      (result) => (result.ok ? resolve(result.link) : reject(result.error)),
      () => undefined,
    );
  });
}

const record = `${'<13>Nov 20 22:14:15 host bench[123]: '.padEnd(MESSAGE_BYTES, 'x')}\n`;
const batch = Buffer.allocUnsafeSlow(record.length * ROWS).fill(record);

for (const [name, opener] of [
  ['native', openNativeLink],
  ['portable', openPortableLink],
] as const) {
  const link = await open(opener);
  for (const counted of [false, true]) {
    const before = process.cpuUsage();
    const startMs = performance.now();
    for (let sent = 0; sent < MESSAGES; sent += ROWS) {
      let at = 0;
      while (at < batch.length) {
        at += link.send(batch, at, batch.length);
        if (at < batch.length) await turn();
      }
      await turn();
    }
    const cpu = process.cpuUsage(before);
    const us = ((performance.now() - startMs) * 1000) / MESSAGES;
    const line = `${name}: ${us.toFixed(2)} us, ${((cpu.user + cpu.system) / MESSAGES).toFixed(2)} CPU us a message`;
    if (counted) process.stdout.write(`${line}\n`);
  }
  link.close();
}
