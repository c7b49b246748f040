/**
 * The root directory of this process, and where a path of the whole system lies in it. Source: chroot(2).
 *
 * Everything that keeps paths keeps those of the whole system, as the operator wrote them, and asks {@link inRoot}
 * just before it uses one: so the same configuration means the same files before and after.
 */
import { closeSync, constants, openSync, realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { check, native } from './native.ts';

/** A path that this process can no longer reach: what is open stays open. */
export class OutsideRootError extends Error {
  override readonly name = 'OutsideRootError';
  /** As system errors have it. */
  readonly code = 'EOUTSIDE';
}

/** Source: open(2): needs no right to read. */
const O_PATH = 0o10000000;

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
 * Makes `directory` the root and the working directory of this process, and for ever once `then` has come to its end;
 * where that throws, the process is where it was before, so that it can still remove what it has made.
 *
 * @param then what belongs to it: giving up the right to come back
 * @throws SysError, e.g. with EPERM; Error where there are no native calls; what `then` throws
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
    // In the new root directory it would be a way out.
    closeSync(oldRootFd);
  }
}

/** Never throws: without the rights it stays where it is. */
function comeBack(oldRootFd: number, directory: string): void {
  const { libc } = native();
  if (libc.fchdir(oldRootFd) !== 0 || libc.chroot('.') !== 0) return;
  try {
    process.chdir(directory);
  } catch {
    // It was removed: the root directory will do.
  }
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
  throw new OutsideRootError(`it is outside the root directory "${root.prefixes[0]}"`);
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
