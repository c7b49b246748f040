/**
 * Makes relative paths absolute: a daemon changes its working directory, but they start where it was started.
 */
import { isAbsolute, resolve as resolvePath } from 'node:path';
import { UsageError } from '../command-line/usage-error.ts';
import type { Options } from './options.ts';

/** If the working directory was removed, only absolute paths mean anything. */
export const NO_DIRECTORY = '/';

/** @returns the working directory, or null if it was removed */
export function workingDirectory(): string | null {
  try {
    return process.cwd();
  } catch {
    return null;
  }
}

/**
 * @param directory where relative paths start; null: there is none
 * @throws UsageError if a path is relative and there is no directory
 */
export function absolutePaths(options: Options, directory: string | null): Options {
  const resolve = (path: string): string => {
    if (directory === null && !isAbsolute(path))
      throw new UsageError(`the working directory was removed: '${path}': expected an absolute path`);
    return resolvePath(directory ?? NO_DIRECTORY, path);
  };
  const resolveAny = (path: string | null): string | null => (path === null ? null : resolve(path));
  return {
    ...options,
    configFile: resolveAny(options.configFile),
    kernelCache: resolve(options.kernelCache),
    pidFile: resolve(options.pidFile),
    controlSocket: resolveAny(options.controlSocket),
    controlPipe: resolveAny(options.controlPipe),
    rootDirectory: resolveAny(options.rootDirectory),
    sockets: options.sockets.map(resolve),
  };
}
