/**
 * A failed system call, in the shape of Node's own system errors: code, errno, syscall, path.
 *
 * Hot calls do not throw: they return the negative errno itself.
 */
import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';

/** Negative errno values that hot calls return, for comparison. Source: errno(3). */
export const ERRNO = {
  EINTR: -constants.errno.EINTR,
  EAGAIN: -constants.errno.EAGAIN,
  ENOBUFS: -constants.errno.ENOBUFS,
  ECONNREFUSED: -constants.errno.ECONNREFUSED,
  ENOENT: -constants.errno.ENOENT,
  EMSGSIZE: -constants.errno.EMSGSIZE,
  ENOMEM: -constants.errno.ENOMEM,
  ENOTCONN: -constants.errno.ENOTCONN,
  EPERM: -constants.errno.EPERM,
  EPROTOTYPE: -constants.errno.EPROTOTYPE,
} as const;

/** An error that the operator can fix: shown on one line, without a stack trace. */
export class OperatorError extends Error {}

/** A cold system call failed. `errno` is negative, as in Node's own errors. */
export class SysError extends Error {
  override readonly name = 'SysError';
  readonly code: string;
  readonly errno: number;
  readonly syscall: string;
  readonly path: string | undefined;

  constructor(syscall: string, errno: number, path?: string) {
    const negative = -Math.abs(errno);
    const [code, text] = getSystemErrorMap().get(negative) ?? [`E${-negative}`, 'unknown error'];
    super(`${code}: ${text}, ${syscall}${path === undefined ? '' : ` "${path}"`}`);
    this.code = code;
    this.errno = negative;
    this.syscall = syscall;
    this.path = path;
  }
}
