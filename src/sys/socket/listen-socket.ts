/**
 * A Unix stream socket that has its permission bits from its first moment. Source: socket(2), bind(2), unix(7).
 *
 * The umask could do that too, but it belongs to the whole process, whose other threads may be making files.
 */
import { fchmodSync } from 'node:fs';
import { AF, SOCK } from '../call/abi.ts';
import { check, native } from '../call/native.ts';
import { bindUnix, closeSocket } from './sockets.ts';

/**
 * Makes a socket at `path`, where nothing may be; nobody can connect before it listens. It is closed on exec and does
 * not block.
 *
 * @param mode permission bits; those that the umask forbids are left out
 * @returns the descriptor
 * @throws SysError, or Error for a path that is too long
 */
export function bindUnixStream(path: string, mode: number): number {
  const { libc } = native();
  const fd = check(libc.socket(AF.UNIX, SOCK.STREAM | SOCK.NONBLOCK | SOCK.CLOEXEC, 0), 'socket');
  try {
    // The file that bind(2) makes has the mode of the socket.
    fchmodSync(fd, mode);
    bindUnix(fd, path);
    return fd;
  } catch (error) {
    closeSocket(fd);
    throw error;
  }
}
