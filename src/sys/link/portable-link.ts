/**
 * Links without native calls: the package unix-dgram, a stream socket of Node.js, UDP on this machine.
 *
 * The first two write with fs.writeSync(2) to a descriptor that does not block, so that what is sent has left the
 * process when the call returns, in an exit handler too. Room is looked for by a timer.
 */
import { createSocket } from 'node:dgram';
import { writeSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { errnoOf } from '../call/error-text.ts';
import { ERRNO } from '../call/errors.ts';
import { assertUnixPath } from '../socket/sockaddr.ts';
import { createUnixDgramSocket, type UnixDgramSocket } from '../socket/unix-dgram.ts';
import { type Link, type LinkKind, pause } from './link.ts';

/** Between two looks for room. */
const LOOK_MS = 10;
/** Payload of a datagram over IPv4. */
const UDP_MAX_BYTES = 65_507;
const LOCALHOST = '127.0.0.1';

/** Looks for room by a timer. */
abstract class TimedLink implements Link {
  abstract readonly kind: LinkKind;
  #timer: NodeJS.Timeout | null = null;

  abstract send(bytes: Buffer, off: number, len: number): number;
  protected abstract release(): void;

  waitForRoom(maxMs: number): void {
    pause(Math.min(1, maxMs));
  }

  watch(callback: () => void): void {
    this.#timer ??= setInterval(callback, LOOK_MS).unref();
  }

  unwatch(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  close(): void {
    this.unwatch();
    this.release();
  }
}

/** fs.writeSync with its error as a number. */
function tryWrite(fd: number, bytes: Buffer, off: number, len: number): number {
  try {
    return writeSync(fd, bytes, off, len);
  } catch (error) {
    return errnoOf(error);
  }
}

/**
 * unix-dgram reads from its sockets, throws where nobody can catch it when the daemon goes, and keeps the process from
 * ending. So the socket is open only until the code that sends returns to the event loop.
 */
class PackageLink extends TimedLink {
  readonly kind = 'datagram';
  readonly #path: string;
  #socket: UnixDgramSocket | null = null;

  constructor(path: string) {
    super();
    this.#path = path;
  }

  send(bytes: Buffer, off: number, len: number): number {
    const failed = this.open();
    return failed < 0 || this.#socket === null ? failed : tryWrite(this.#socket.fd, bytes, off, len);
  }

  /** @returns 0 or -errno */
  open(): number {
    if (this.#socket !== null) return 0;
    let failed = 0;
    const socket = createUnixDgramSocket();
    socket.on('error', (error) => {
      failed = errnoOf(error);
    });
    socket.connect(this.#path);
    if (failed < 0) {
      socket.close();
      return failed;
    }
    this.#socket = socket;
    queueMicrotask(() => this.release());
    return 0;
  }

  protected override release(): void {
    this.#socket?.close();
    this.#socket = null;
  }
}

/** @returns the link, or -errno */
export function openPackageLink(path: string): Link | number {
  try {
    assertUnixPath(path);
    const link = new PackageLink(path);
    const failed = link.open();
    return failed < 0 ? failed : link;
  } catch (error) {
    return errnoOf(error) || ERRNO.ENOENT;
  }
}

/** The descriptor of a socket is not documented, and no other way leads to a synchronous write. */
interface WithHandle {
  readonly _handle: { readonly fd: number } | null;
}

class StreamLink extends TimedLink {
  readonly kind = 'stream';
  readonly #socket: Socket;
  /** -errno once it has failed. */
  #failed = 0;

  /** @param onWrongType the path leads to a socket for datagrams; told by a later turn of the event loop */
  constructor(path: string, onWrongType: () => void) {
    super();
    this.#socket = connect({ path });
    this.#socket.on('error', (error) => {
      this.#failed = errnoOf(error);
      if (this.#failed === ERRNO.EPROTOTYPE) onWrongType();
    });
    this.#socket.on('close', () => {
      this.#failed ||= ERRNO.ENOTCONN;
    });
    this.#socket.unref();
  }

  send(bytes: Buffer, off: number, len: number): number {
    if (this.#failed !== 0) return this.#failed;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion, no-underscore-dangle -- see WithHandle
    const handle = (this.#socket as unknown as WithHandle)._handle;
    return handle === null ? ERRNO.ENOTCONN : tryWrite(handle.fd, bytes, off, len);
  }

  protected override release(): void {
    // What it is about to learn of the path is still wanted.
    if (this.#socket.connecting) this.#socket.once('connect', () => this.#socket.destroy());
    else this.#socket.destroy();
  }
}

/** Connected, or about to fail; what it makes of the path is known at the first {@link Link.send}. */
export function openStreamLink(path: string, onWrongType: () => void): Link | number {
  try {
    assertUnixPath(path);
    return new StreamLink(path, onWrongType);
  } catch (error) {
    return errnoOf(error) || ERRNO.ENOENT;
  }
}

/** Nobody learns whether somebody listens there. */
class UdpLink extends TimedLink {
  readonly kind = 'udp';
  readonly #port: number;
  // Without a lookup that waits, a datagram is sent before the call returns.
  readonly #socket = createSocket({ type: 'udp4', lookup: (_name, _options, done) => done(null, LOCALHOST, 4) });

  constructor(port: number) {
    super();
    this.#port = port;
    this.#socket.on('error', () => undefined);
    this.#socket.bind({ port: 0, address: LOCALHOST, exclusive: true });
    this.#socket.unref();
  }

  send(bytes: Buffer, off: number, len: number): number {
    if (len > UDP_MAX_BYTES) return ERRNO.EMSGSIZE;
    this.#socket.send(Buffer.from(bytes.subarray(off, off + len)), this.#port, LOCALHOST, () => undefined);
    return len;
  }

  protected override release(): void {
    this.#socket.close();
  }
}

export function openUdpLink(port: number): Link {
  return new UdpLink(port);
}
