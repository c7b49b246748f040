/**
 * One phrase for a system error, as strerror(3) would put it. For the operator, never on the path of a message.
 */
import { getSystemErrorMap } from 'node:util';

/** Negative errno of an error that carries one, as Node's own and SysError do; 0 for any other value. */
export function errnoOf(error: unknown): number {
  if (!(error instanceof Error) || !('errno' in error)) return 0;
  const { errno } = error;
  return typeof errno === 'number' ? -Math.abs(errno) : 0;
}

/** `ENOSPC` and the like; an empty string where the error carries none. */
export function errorCode(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}

/** The rights for a path are missing, or were given up; EOUTSIDE: see root-directory.ts. */
const RIGHTS_MISSING: ReadonlySet<string> = new Set(['EACCES', 'EOUTSIDE', 'EPERM']);

/** @returns whether the error says that this process may not do with a path what it tried */
export function isForbidden(error: unknown): boolean {
  return RIGHTS_MISSING.has(errorCode(error));
}

/** @returns e.g. `no space left on device`; for an error without errno its own message, on one line. */
export function errorText(error: unknown): string {
  return getSystemErrorMap().get(errnoOf(error))?.[1] ?? messageLine(error);
}

/** @returns the message of whatever was thrown, on one line */
export function messageLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replaceAll(/\s*\n\s*/g, ' ');
}
