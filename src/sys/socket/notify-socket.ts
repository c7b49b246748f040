/**
 * Sends single datagrams to the socket of a service manager, never waiting. Source: sd_notify(3).
 */
import { AF, SOCKADDR_UN } from '../call/abi.ts';
import { native, nativeAvailable } from '../call/native.ts';
import { SendBatch } from './send-batch.ts';
import { assertUnixPath } from './sockaddr.ts';
import { closeSocket, createUnixSocket } from './sockets.ts';
import { createUnixDgramSocket, unixDgramAvailable } from './unix-dgram.ts';

/** struct sockaddr_un; a leading `@` stands for the NUL of an abstract address. Source: unix(7) */
function packNotifyAddress(path: string): Buffer {
  assertUnixPath(path);
  const name = Buffer.from(path);
  const isAbstract = path.startsWith('@');
  if (isAbstract) name[0] = 0;
  const addr = Buffer.alloc(SOCKADDR_UN.path + name.length + (isAbstract ? 0 : 1));
  addr.writeUInt16LE(AF.UNIX, SOCKADDR_UN.family);
  name.copy(addr, SOCKADDR_UN.path);
  return addr;
}

function sendNatively(path: string, text: string): boolean {
  const fd = createUnixSocket();
  try {
    return new SendBatch([Buffer.from(text)], packNotifyAddress(path)).send(fd, 0, 1) === 1;
  } finally {
    closeSocket(fd);
  }
}

function sendPortably(path: string, text: string): boolean {
  if (path.startsWith('@') || !unixDgramAvailable().ok) return false;
  const socket = createUnixDgramSocket();
  const bytes = Buffer.from(text);
  let sent = false;
  socket.on('error', () => undefined);
  socket.sendto(bytes, 0, bytes.length, path, (error) => {
    sent = error === undefined;
  });
  socket.close();
  return sent;
}

/** A connection to the service manager's socket. It outlives a change to a root directory without that path. */
export class NotifySocket {
  readonly #path: string;
  /** Connected; -1: none. */
  readonly #fd: number;

  constructor(path: string) {
    this.#path = path;
    this.#fd = nativeAvailable().ok ? tryConnect(path) : -1;
  }

  /** @returns whether the datagram was sent */
  send(text: string): boolean {
    try {
      if (!nativeAvailable().ok) return sendPortably(this.#path, text);
      if (this.#fd !== -1 && new SendBatch([Buffer.from(text)], null).send(this.#fd, 0, 1) === 1) return true;
      return sendNatively(this.#path, text);
    } catch {
      return false;
    }
  }
}

function tryConnect(path: string): number {
  let fd = -1;
  try {
    const addr = packNotifyAddress(path);
    fd = createUnixSocket();
    if (native().libc.connect(fd, addr, addr.length) === 0) return fd;
  } catch {
    // Each datagram tries again.
  }
  if (fd !== -1) closeSocket(fd);
  return -1;
}
