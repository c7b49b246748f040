/**
 * A listening control socket: created with mode 0600 from the start, or taken over from the previous process.
 *
 * When Node.js closes a socket that it bound itself, it removes the path, whatever is there by then. So the socket is
 * bound here and Node.js gets only the descriptor, which makes it leave the path alone. Without native calls the socket
 * is bound under another name and then renamed: Node.js removes the name that no longer exists.
 */
import { closeSync, renameSync, unlinkSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { kindOf, tryStat } from '../sys/socket/socket-file.ts';
import { errorCode } from '../sys/call/error-text.ts';
import { withSpotSync } from '../sys/file/spot.ts';
import { bindUnixStream } from '../sys/socket/listen-socket.ts';
import { nativeAvailable } from '../sys/call/native.ts';
import { inRoot } from '../sys/call/root-directory.ts';
import { assertUnixPath } from '../sys/socket/sockaddr.ts';
import { OwnedPath } from './owned-path.ts';

const MODE = 0o600;
/** Makes the umask leave {@link MODE}. */
const UMASK = 0o177;
/** Clients that the kernel lets wait. */
const BACKLOG = 64;
/** Suffix of the name before the renaming. */
const NEW_SUFFIX = '.new';

export interface Listening {
  readonly server: Server;
  /** Of the listening socket; null if unknown. */
  readonly fd: number | null;
  /** The path while it is ours; null: something else is there now. */
  readonly file: OwnedPath | null;
}

/** The path cannot be used; the message completes a line about it. */
export class ControlPathError extends Error {
  override readonly name = 'ControlPathError';
}

/**
 * Creates a socket at `path` and listens on it. Replaces what a dead daemon left.
 *
 * @throws ControlPathError if something else is there or another program answers, SysError
 */
export async function listenAt(path: string, accept: (socket: Socket) => void): Promise<Listening> {
  assertUnixPath(path);
  await clearStale(path);
  if (!nativeAvailable().ok) return await listenRenamed(path, accept);
  const fd = bindUnixStream(path, MODE);
  const file = new OwnedPath(path);
  try {
    return { server: await listening({ fd }, accept), fd, file };
  } catch (error) {
    file.remove();
    closeSync(fd);
    throw error;
  }
}

/** Continues with a socket that the previous process created at `path`. @throws the system's error */
export async function listenInherited(path: string, fd: number, accept: (socket: Socket) => void): Promise<Listening> {
  const file = tryStat(path)?.isSocket() === true ? new OwnedPath(path) : null;
  return { server: await listening({ fd }, accept), fd, file };
}

async function listenRenamed(path: string, accept: (socket: Socket) => void): Promise<Listening> {
  const first = `${path}${NEW_SUFFIX}`;
  await clearStale(first);
  const opening = withUmask(UMASK, () =>
    // The socket is bound before the call returns; waiting comes after that.
    withSpotSync(first, 'skip', ({ at }) => listening({ path: at }, accept)),
  );
  const server = await opening;
  withSpotSync(first, 'skip', (from) => withSpotSync(path, 'skip', (to) => renameSync(from.at, to.at)));
  return { server, fd: null, file: new OwnedPath(path) };
}

function withUmask<T>(mask: number, act: () => T): T {
  const before = process.umask(mask);
  try {
    return act();
  } finally {
    process.umask(before);
  }
}

function listening(at: { fd: number } | { path: string }, accept: (socket: Socket) => void): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, accept);
  return new Promise((resolve, reject) => {
    // Stays: an error between here and the next listener must not go unhandled.
    server.on('error', reject);
    server.listen({ ...at, backlog: BACKLOG }, () => resolve(server));
  });
}

/** @throws ControlPathError if what is there is in use, or is not a socket */
async function clearStale(path: string): Promise<void> {
  const there = tryStat(path);
  if (there === null) return;
  if (!there.isSocket()) throw new ControlPathError(`${kindOf(there)} is in the way`);
  if (await isAnswered(path)) throw new ControlPathError('another program is listening on it');
  withSpotSync(path, 'look', ({ at, stats }) => {
    if (stats?.isSocket() === true) unlinkSync(at);
  });
}

/** Whether somebody listens on a socket. @throws the system's error if that cannot be known */
function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(inRoot(path));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', (error) => {
      const code = errorCode(error);
      // EAGAIN: the backlog is full, so somebody listens.
      if (code === 'ECONNREFUSED' || code === 'ENOENT' || code === 'EAGAIN') resolve(code === 'EAGAIN');
      else reject(error);
    });
  });
}
