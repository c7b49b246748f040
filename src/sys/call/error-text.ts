/**
 * One phrase for a system error, worded like strerror(3). For the operator, never on the path of a message.
 */
import { getSystemErrorMap } from 'node:util';

/** Negative errno of an error that has one, like Node's own and SysError; 0 for anything else. */
export function errnoOf(error: unknown): number {
  if (!(error instanceof Error) || !('errno' in error)) return 0;
  const { errno } = error;
  return typeof errno === 'number' ? -Math.abs(errno) : 0;
}

/** `ENOSPC` and the like; an empty string if the error has no code. */
export function errorCode(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}

/** Permission for a path is missing or was given up; EOUTSIDE: see root-directory.ts. */
const RIGHTS_MISSING: ReadonlySet<string> = new Set(['EACCES', 'EOUTSIDE', 'EPERM']);

/** @returns whether the error means that this process lacks permission for what it tried */
export function isForbidden(error: unknown): boolean {
  return RIGHTS_MISSING.has(errorCode(error));
}

/** @returns e.g. `no space left on device`; for an error without errno its own message, on one line */
export function errorText(error: unknown): string {
  return getSystemErrorMap().get(errnoOf(error))?.[1] ?? messageLine(error);
}

/** @returns the message of whatever was thrown, on one line */
export function messageLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replaceAll(/\s*\n\s*/g, ' ');
}
