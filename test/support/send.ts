/**
 * Sends datagrams to a daemon under test, waiting while its socket is full, so that nothing is lost on the way.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { ERRNO } from '../../src/sys/call/errors.ts';
import { SendBatch } from '../../src/sys/socket/send-batch.ts';
import {
  closeSocket,
  connectUdp,
  connectUnix,
  createUdpSocket,
  createUnixSocket,
} from '../../src/sys/socket/sockets.ts';

/** Number of datagrams copied at a time. */
const GROUP = 500;

async function sendAll(fd: number, payloads: readonly (string | Uint8Array)[]): Promise<void> {
  for (let first = 0; first < payloads.length; first += GROUP) {
    const batch = new SendBatch(
      payloads.slice(first, first + GROUP).map((payload) => Buffer.from(payload)),
      null,
    );
    for (let sent = 0; sent < batch.count; ) {
      const result = batch.send(fd, sent, batch.count - sent);
      if (result >= 0) sent += result;
      else if (result === ERRNO.EAGAIN || result === ERRNO.ENOBUFS) await turn();
      else throw new Error(`sendmmsg failed with errno ${-result}`);
    }
  }
}

/** Sends to a log socket, as one client. */
export async function sendLocal(path: string, payloads: readonly (string | Uint8Array)[]): Promise<void> {
  const fd = createUnixSocket();
  try {
    connectUnix(fd, path);
    await sendAll(fd, payloads);
  } finally {
    closeSocket(fd);
  }
}

/** Sends over UDP on 127.0.0.1. */
export async function sendUdp(port: number, payloads: readonly (string | Uint8Array)[]): Promise<void> {
  const fd = createUdpSocket(4);
  try {
    connectUdp(fd, { family: 4, address: '127.0.0.1', port, scopeId: 0 });
    await sendAll(fd, payloads);
  } finally {
    closeSocket(fd);
  }
}
