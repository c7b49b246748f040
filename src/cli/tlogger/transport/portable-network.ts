/**
 * Sends without koffi: datagrams to Unix sockets with the package unix-dgram, all else with Node.js. What cannot be done
 * this way: credentials of another process, and asking whether messages have been taken.
 */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { type LookupAddress, promises as dns } from 'node:dns';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect as connectStream, type NetConnectOpts, type Socket } from 'node:net';
import { errnoOf, errorCode } from '../../../sys/call/error-text.ts';
import { SOCKET_PATH_MAX_BYTES, type SocketKind } from '../../../sys/sending/blocking-socket.ts';
import { createUnixDgramSocket, unixDgramAvailable, type UnixDgramSocket } from '../../../sys/socket/unix-dgram.ts';
import { LoggerFailure } from '../failure.ts';
import { type Connection, type Network, type Place, SERVICES } from './connection.ts';

const EPROTONOSUPPORT = -93;
const ECONNREFUSED = -111;
const PORTS = 65_536;
/** What the binding of unix-dgram says where the queue is full. */
const CONGESTION = 1;
const CANNOT_TELL = 'that cannot be seen without koffi';

export class PortableNetwork implements Network {
  async connect(kind: SocketKind, place: Place): Promise<Connection | number> {
    if (place.family === 'inet') return await connectInet(kind, place);
    const { path } = place;
    if (path.length > SOCKET_PATH_MAX_BYTES) throw new LoggerFailure(`openlog ${path}: pathname too long`);
    const name = Buffer.from(path, 'latin1').toString();
    return kind === 'datagram' ? connectUnixDatagram(name) : await openStream({ path: name });
  }
}

function connectUnixDatagram(path: string): Connection | number {
  if (!unixDgramAvailable().ok) return EPROTONOSUPPORT;
  const socket = createUnixDgramSocket();
  const failures: number[] = [];
  socket.on('error', (error) => failures.push(errnoOf(error) || ECONNREFUSED));
  socket.connect(path);
  const [failure] = failures;
  if (failure !== undefined) {
    socket.close();
    return failure;
  }
  return {
    kind: 'datagram',
    send: (bytes) => sendUnix(socket, bytes),
    taken: () => CANNOT_TELL,
    close: () => socket.close(),
  };
}

async function sendUnix(socket: UnixDgramSocket, bytes: Buffer): Promise<number> {
  for (;;) {
    let failure: Error | null = null;
    let isFull = false;
    socket.send(bytes, (error) => {
      isFull = error !== undefined && 'code' in error && error.code === CONGESTION;
      failure = error ?? null;
    });
    if (failure === null) return 0;
    if (!isFull) return errnoOf(failure) || ECONNREFUSED;
    await new Promise<void>((resolve) => socket.once('writable', resolve));
  }
}

async function connectInet(kind: SocketKind, place: Extract<Place, { family: 'inet' }>): Promise<Connection | number> {
  const port = portOf(kind, place);
  const { address, family } = await lookUp(place, place.port ?? SERVICES[kind].name);
  if (kind === 'stream') return await openStream({ host: address, port });
  const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
  socket.connect(port, address);
  try {
    await once(socket, 'connect');
  } catch (error) {
    return errnoOf(error) || ECONNREFUSED;
  }
  return udpConnection(socket);
}

function udpConnection(socket: UdpSocket): Connection {
  // The answer to an earlier datagram; the next send fails with it.
  socket.on('error', () => undefined);
  const send = (bytes: Buffer): Promise<number> =>
    new Promise((resolve) =>
      socket.send(bytes, (error) => resolve(error === null ? 0 : errnoOf(error) || ECONNREFUSED)),
    );
  return { kind: 'datagram', send, taken: () => CANNOT_TELL, close: () => socket.close() };
}

async function lookUp(place: Extract<Place, { family: 'inet' }>, port: string): Promise<LookupAddress> {
  try {
    return await dns.lookup(place.host);
  } catch (error) {
    const text =
      errorCode(error) === 'EAI_AGAIN' ? 'Temporary failure in name resolution' : 'Name or service not known';
    throw new LoggerFailure(`failed to resolve name ${place.host} port ${port}: ${text}`);
  }
}

/** Source: services(5). */
function portOf(kind: SocketKind, place: Extract<Place, { family: 'inet' }>): number {
  const name = place.port ?? SERVICES[kind].name;
  if (/^\d+$/.test(name)) return Number(name) % PORTS;
  const protocol = kind === 'datagram' ? 'udp' : 'tcp';
  for (const line of readServices()) {
    const [first, number = '', ...others] = (line.split('#', 1)[0] ?? '').trim().split(/\s+/);
    if ((first === name || others.includes(name)) && number.endsWith(`/${protocol}`))
      return Number.parseInt(number, 10);
  }
  if (place.port === null) return Number(SERVICES[kind].port);
  const text = 'Servname not supported for ai_socktype';
  throw new LoggerFailure(`failed to resolve name ${place.host} port ${name}: ${text}`);
}

function readServices(): readonly string[] {
  try {
    return readFileSync('/etc/services', 'latin1').split('\n');
  } catch {
    return [];
  }
}

async function openStream(to: NetConnectOpts): Promise<Connection | number> {
  const socket = connectStream(to);
  try {
    await once(socket, 'connect');
  } catch (error) {
    return errnoOf(error) || ECONNREFUSED;
  }
  return streamConnection(socket);
}

function streamConnection(socket: Socket): Connection {
  // The next write fails with it.
  socket.on('error', () => undefined);
  socket.resume();
  const send = (bytes: Buffer): Promise<number> =>
    new Promise((resolve) =>
      socket.write(bytes, (error) =>
        resolve(error === undefined || error === null ? 0 : errnoOf(error) || ECONNREFUSED),
      ),
    );
  return { kind: 'stream', send, taken: () => CANNOT_TELL, close: () => socket.end() };
}
