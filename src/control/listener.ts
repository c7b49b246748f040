/**
 * A listening control socket: made with mode 0600 from its first moment, or taken over from the process before.
 *
 * Node.js removes the path of a socket that it bound itself when it closes it, whatever stands there by then. So the
 * socket is bound here and Node.js is given the descriptor; it then leaves the path alone. Without native calls the
 * socket is bound under another name and renamed: what Node.js removes is the name that is gone.
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
/** So that the umask leaves {@link MODE}. */
const UMASK = 0o177;
/** Clients that the kernel lets wait. */
const BACKLOG = 64;
/** Ends the name that is renamed. */
const NEW_SUFFIX = '.new';

export interface Listening {
  readonly server: Server;
  /** Of the socket that listens; null where it is not known. */
  readonly fd: number | null;
  /** The path while it is ours; null: something else is there by now. */
  readonly file: OwnedPath | null;
}

/** The path cannot be had; the message completes a line about it. */
export class ControlPathError extends Error {
  override readonly name = 'ControlPathError';
}

/**
 * Makes a socket at `path` and listens there. What a dead daemon left is replaced.
 *
 * @throws ControlPathError where something else is there or another program answers, SysError
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

/** Goes on with a socket that the process before made at `path`. @throws the system's error */
export async function listenInherited(path: string, fd: number, accept: (socket: Socket) => void): Promise<Listening> {
  const file = tryStat(path)?.isSocket() === true ? new OwnedPath(path) : null;
  return { server: await listening({ fd }, accept), fd, file };
}

async function listenRenamed(path: string, accept: (socket: Socket) => void): Promise<Listening> {
  const first = `${path}${NEW_SUFFIX}`;
  await clearStale(first);
  const opening = withUmask(UMASK, () =>
    // The socket is bound before the call returns; waiting for it comes after.
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
    // It stays: what fails between here and the next listener must not be without one.
    server.on('error', reject);
    server.listen({ ...at, backlog: BACKLOG }, () => resolve(server));
  });
}

/** @throws ControlPathError where what stands there is in use, or is no socket */
async function clearStale(path: string): Promise<void> {
  const there = tryStat(path);
  if (there === null) return;
  if (!there.isSocket()) throw new ControlPathError(`${kindOf(there)} is in the way`);
  if (await isAnswered(path)) throw new ControlPathError('another program is listening on it');
  withSpotSync(path, 'look', ({ at, stats }) => {
    if (stats?.isSocket() === true) unlinkSync(at);
  });
}

/** Whether somebody listens at a socket. @throws the system's error where that cannot be told */
function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(inRoot(path));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', (error) => {
      const code = errorCode(error);
      // EAGAIN: so many clients wait already.
      if (code === 'ECONNREFUSED' || code === 'ENOENT' || code === 'EAGAIN') resolve(code === 'EAGAIN');
      else reject(error);
    });
  });
}
