/**
 * How many datagrams per second each receiver takes from a socket, without parsing, and at what cost in CPU.
 *
 * Usage: node receive.js [unix|udp] [batch|portable] [seconds]. A child process sends 120-byte messages as fast as it
 * can with sendmmsg(2); on Unix sockets it waits for room, over UDP datagrams that do not fit are dropped and counted.
 */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Batch } from '../../../src/dgram-parser/columns/batch.ts';
import { Peers } from '../../../src/input/sender/peers.ts';
import { InputOpener } from '../../../src/input/input-opener.ts';
import type { ReceiverKind } from '../../../src/input/receivers.ts';
import { readHostNames } from '../../../src/sys/machine/host.ts';
import { PathWatcher } from '../../../src/sys/file/path-watch.ts';
import { SendBatch } from '../../../src/sys/socket/send-batch.ts';
import { connectUdp, connectUnix, createBlockingUnixSocket, createUdpSocket } from '../../../src/sys/socket/sockets.ts';

const MESSAGE_BYTES = 120;
const SEND_COUNT = 64;
const ROWS = 256;
const SLOT_BYTES = 8192;

function sendForEver(to: string): void {
  const payload = Buffer.from('<13>Nov 20 22:14:15 host bench[123]: '.padEnd(MESSAGE_BYTES, 'x'));
  const batch = new SendBatch(
    Array.from({ length: SEND_COUNT }, () => payload),
    null,
  );
  const port = Number(to);
  const fd = port > 0 ? createUdpSocket(4) : createBlockingUnixSocket();
  if (port > 0) connectUdp(fd, { family: 4, address: '127.0.0.1', port, scopeId: 0 });
  else connectUnix(fd, to);
  let sent = 0;
  while (sent >= 0) sent = batch.send(fd, 0, SEND_COUNT);
}

async function measure(socket: string, kind: ReceiverKind, seconds: number): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'receive-bench-'));
  const batch = new Batch(ROWS, SLOT_BYTES);
  const peers = new Peers({ hostNames: readHostNames(), reverse: null });
  const watcher = new PathWatcher();
  let rows = 0;
  let batches = 0;
  const receivers = new InputOpener({
    kind,
    batch,
    peers,
    watcher,
    family: 4,
    events: {
      deliver: (filled) => {
        rows += filled.count;
        batches++;
      },
      report: (_severity, text) => process.stderr.write(`${text}\n`),
    },
  });
  const path = join(dir, 'log');
  const udp = socket === 'udp' ? receivers.openUdp({ host: '127.0.0.1', port: 0, iface: null }) : null;
  const input = udp ?? receivers.openLogSocket(path);
  await delay(50);
  const child = fork(fileURLToPath(import.meta.url), ['--send', udp === null ? path : String(udp.addresses[0]?.port)]);
  await delay(500);
  [rows, batches] = [0, 0];
  const cpu = process.cpuUsage();
  const start = performance.now();
  await delay(seconds * 1000);
  const { user, system } = process.cpuUsage(cpu);
  const perSecond = Math.round((rows * 1000) / (performance.now() - start));
  const cost = ((user + system) / rows).toFixed(2);
  child.kill('SIGKILL');
  input.close();
  watcher.close();
  rmSync(dir, { recursive: true });
  const dropped = udp === null ? '' : `, ${udp.counters.kernelDropped} dropped`;
  process.stdout.write(
    `${socket} ${kind}: ${perSecond} msg/s, ${cost} µs CPU, ${(rows / batches).toFixed(1)} rows a batch${dropped}\n`,
  );
}

async function delay(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

const [, , first, second, third] = process.argv;
if (first === '--send') {
  sendForEver(second ?? '');
} else {
  const sockets = first === undefined ? ['unix', 'udp'] : [first];
  const kinds: readonly ReceiverKind[] = second === 'batch' || second === 'portable' ? [second] : ['batch', 'portable'];
  for (const socket of sockets) for (const kind of kinds) await measure(socket, kind, Number(third ?? 3));
}
