/**
 * The root directory of this process, and where a path of the whole system lies in it. Source: chroot(2).
 *
 * Everything that keeps paths keeps those of the whole system, as the operator wrote them, and asks {@link inRoot}
 * just before it uses one: so the same configuration means the same files before and after.
 */
import { openSync, constants, realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { check, native } from './native.ts';

/** A path that this process can no longer reach: what is open stays open. */
export class OutsideRootError extends Error {
  override readonly name = 'OutsideRootError';
  /** As system errors have it. */
  readonly code = 'EOUTSIDE';
}

interface Root {
  /** As it was given, and where that leads through all links. */
  readonly prefixes: readonly string[];
  /** Leads to /dev/null, which need not be in the new root. */
  readonly nowhereFd: number;
}

// A process has one root directory, and so does this module.
let root: Root | null = null;
let commandRoot: string | null = null;

/**
 * Makes `directory` the root and the working directory of this process, for ever.
 *
 * @throws SysError, e.g. with EPERM; Error where there are no native calls
 */
export function enterRoot(directory: string): void {
  const full = resolve(directory);
  const real = realpathSync(full);
  const nowhereFd = openSync('/dev/null', constants.O_RDWR | constants.O_NOCTTY);
  check(native().libc.chroot(real), 'chroot', directory);
  process.chdir('/');
  if (real !== '/') root = { prefixes: [...new Set([full, real])], nowhereFd };
}

/** @returns the root directory as it was given to {@link enterRoot}, or null */
export function rootDirectory(): string | null {
  return root?.prefixes[0] ?? null;
}

/**
 * @param path absolute, of the whole system
 * @returns the path to be used now
 * @throws OutsideRootError
 */
export function inRoot(path: string): string {
  if (root === null) return path;
  const full = resolve(path);
  for (const prefix of root.prefixes) {
    if (full === prefix) return '/';
    if (full.startsWith(`${prefix}/`)) return full.slice(prefix.length);
  }
  throw new OutsideRootError(`it lies outside of the root directory "${root.prefixes[0]}"`);
}

/** The reverse of {@link inRoot}. */
export function outOfRoot(path: string): string {
  return root === null ? path : `${root.prefixes[0]}${path === '/' ? '' : path}`;
}

/** The root directory is going to be `directory`: commands will be looked for there. */
export function planCommandRoot(directory: string | null): void {
  commandRoot = directory === null || resolve(directory) === '/' ? null : resolve(directory);
}

/** @returns where a path that a command names, and finds in the root directory that it will run in, lies now */
export function pathOfCommand(path: string): string {
  return root !== null || commandRoot === null ? path : `${commandRoot}${resolve(path)}`;
}

/** @returns what leads a child's descriptor to /dev/null, for child_process */
export function nowhere(): number | 'ignore' {
  return root?.nowhereFd ?? 'ignore';
}
