/**
 * Ports of this machine that no other test uses, in any process, while this process is alive.
 *
 * They are below those that the system assigns by itself, so that no socket bound to any port, or to none, takes one
 * meanwhile. Names of abstract Unix sockets record which test has which. Source: ip(7) ip_local_port_range, unix(7).
 */
import { createSocket } from 'node:dgram';
import { createServer, type Server } from 'node:net';

const FIRST = 10_000;
const END = 30_000;

/** @returns a port of 127.0.0.1 that is free for UDP and TCP, reserved for this process */
export async function freeUdpPort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * (END - FIRST));
    const claim = await listen({ path: `\0tsyslogd-test-port-${port}` });
    if (claim === null) continue;
    // Held, without keeping the process alive.
    claim.unref();
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const tcp = await listen({ port, host: '127.0.0.1' });
  if (tcp === null) return false;
  await new Promise((resolve) => tcp.close(resolve));
  return await isFreeForUdp(port);
}

/** @returns null if it is taken */
function listen(
  where: { readonly path: string } | { readonly port: number; readonly host: string },
): Promise<Server | null> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(null));
    server.listen(where, () => resolve(server));
  });
}

/** At any address: the daemon may be told to listen on all of them. */
function isFreeForUdp(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  return new Promise((resolve) => {
    socket.once('error', () => socket.close(() => resolve(false)));
    socket.bind(port, () => socket.close(() => resolve(true)));
  });
}
