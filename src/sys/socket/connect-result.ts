/**
 * What an attempt to connect says about a Unix socket. Source: connect(2), unix(7).
 */
import { errnoOf } from '../call/error-text.ts';
import { ERRNO } from '../call/errors.ts';

/** What connect(2) says to whom nobody listens. */
const NOBODY: readonly number[] = [ERRNO.ECONNREFUSED, ERRNO.ENOENT];
/** And where somebody does who takes no datagrams, or those of one peer only. Source: connect(2), unix(7). */
const SOMEBODY_ELSE: readonly number[] = [ERRNO.EPROTOTYPE, ERRNO.EPERM];

/** @param error of connect(2). @returns whether somebody listens. @throws the error where it does not say that */
export function judgeConnect(error: unknown): boolean {
  const errno = errnoOf(error);
  if (NOBODY.includes(errno)) return false;
  if (SOMEBODY_ELSE.includes(errno)) return true;
  throw error;
}
