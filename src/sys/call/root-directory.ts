/**
 * The root directory of this process, and where a path of the whole system lies in it. Source: chroot(2).
 *
 * Paths are kept as the operator wrote them, as paths of the whole system, and pass {@link inRoot} just before use. So
 * one configuration means the same files before and after chroot(2).
 */
import { closeSync, constants, openSync, realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { check, native } from './native.ts';

/** A path that this process can no longer reach; what is open stays open. */
export class OutsideRootError extends Error {
  override readonly name = 'OutsideRootError';
  /** Like the code of a system error. */
  readonly code = 'EOUTSIDE';
}

/** Source: open(2): needs no permission to read. */
const O_PATH = 0o10000000;

interface Root {
  /** The root directory as given, and with all links resolved. */
  readonly prefixes: readonly string[];
  /** Leads to /dev/null, which need not be in the new root. */
  readonly nowhereFd: number;
}

// Module state, since a process has one root directory.
let root: Root | null = null;
let commandRoot: string | null = null;

/**
 * Makes `directory` the root and the working directory of this process, permanently once `then` has returned. If `then`
 * throws, the process goes back, so that it can still remove what it has made.
 *
 * @param then gives up the privilege to come back
 * @throws SysError, e.g. with EPERM; Error without native calls; what `then` throws
 */
export function enterRoot(directory: string, then: () => void = () => undefined): void {
  const full = resolve(directory);
  const real = realpathSync(full);
  const nowhereFd = openSync('/dev/null', constants.O_RDWR | constants.O_NOCTTY);
  const oldRootFd = openSync('/', O_PATH);
  const before = process.cwd();
  try {
    check(native().libc.chroot(real), 'chroot', directory);
    process.chdir('/');
    if (real !== '/') root = { prefixes: [...new Set([full, real])], nowhereFd };
    then();
  } catch (error) {
    root = null;
    comeBack(oldRootFd, before);
    closeSync(nowhereFd);
    throw error;
  } finally {
    // In the new root directory this descriptor would be a way out.
    closeSync(oldRootFd);
  }
}

/** Never throws: without privileges the process stays where it is. */
function comeBack(oldRootFd: number, directory: string): void {
  const { libc } = native();
  if (libc.fchdir(oldRootFd) !== 0 || libc.chroot('.') !== 0) return;
  try {
    process.chdir(directory);
  } catch {
    // The directory was removed; the root directory will do.
  }
}

/** @returns the root directory as given to {@link enterRoot}, or null */
export function rootDirectory(): string | null {
  return root?.prefixes[0] ?? null;
}

/**
 * @param path absolute, of the whole system
 * @returns the path to use now
 * @throws OutsideRootError
 */
export function inRoot(path: string): string {
  if (root === null) return path;
  const full = resolve(path);
  for (const prefix of root.prefixes) {
    if (full === prefix) return '/';
    if (full.startsWith(`${prefix}/`)) return full.slice(prefix.length);
  }
  throw new OutsideRootError(`it is outside the root directory "${root.prefixes[0]}"`);
}

/** The reverse of {@link inRoot}. */
export function outOfRoot(path: string): string {
  return root === null ? path : `${root.prefixes[0]}${path === '/' ? '' : path}`;
}

/** The root directory is going to be `directory`: commands will be looked up there. */
export function planCommandRoot(directory: string | null): void {
  commandRoot = directory === null || resolve(directory) === '/' ? null : resolve(directory);
}

/** @returns the current location of a command's path, which is relative to the root directory it will run in */
export function pathOfCommand(path: string): string {
  return root !== null || commandRoot === null ? path : `${commandRoot}${resolve(path)}`;
}

/** @returns the child_process option that connects a child's descriptor to /dev/null */
export function nowhere(): number | 'ignore' {
  return root?.nowhereFd ?? 'ignore';
}
