/**
 * A Unix stream socket with the right permission bits from the start. Source: socket(2), bind(2), unix(7).
 *
 * The umask could do that too, but it belongs to the whole process, whose other threads may be creating files.
 */
import { fchmodSync } from 'node:fs';
import { AF, SOCK } from '../call/abi.ts';
import { check, native } from '../call/native.ts';
import { bindUnix, closeSocket } from './sockets.ts';

/**
 * Makes a socket at `path`, which must not exist; nobody can connect before it listens. It is close-on-exec and
 * non-blocking.
 *
 * @param mode permission bits, less those of the umask
 * @returns the descriptor
 * @throws SysError, or Error if the path is too long
 */
export function bindUnixStream(path: string, mode: number): number {
  const { libc } = native();
  const fd = check(libc.socket(AF.UNIX, SOCK.STREAM | SOCK.NONBLOCK | SOCK.CLOEXEC, 0), 'socket');
  try {
    // The file that bind(2) creates gets the mode of the socket.
    fchmodSync(fd, mode);
    bindUnix(fd, path);
    return fd;
  } catch (error) {
    closeSocket(fd);
    throw error;
  }
}
