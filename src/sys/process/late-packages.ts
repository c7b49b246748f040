/**
 * Packages that few configurations need, loaded on first use: reading them takes a tenth of the start-up time.
 *
 * Loading is synchronous, since reading a configuration is. After chroot(2) the process can no longer reach them: call
 * {@link loadLatePackages} before.
 */
import { createRequire } from 'node:module';

type FastGlob = typeof import('fast-glob', { with: { 'resolution-mode': 'require' }});
type Re2 = typeof import('re2js');

const require = createRequire(import.meta.url);

/** Patterns of file names. @throws the module loader's error if the package is missing */
export function fastGlob(): FastGlob {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what a package exports is its word
  return require('fast-glob') as FastGlob;
}

/** Regular expressions in linear time. @throws the module loader's error if the package is missing */
export function re2(): Re2 {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what a package exports is its word
  return require('re2js') as Re2;
}

/** Loads all of them; call this before the root directory changes. @throws the module loader's error */
export function loadLatePackages(): void {
  fastGlob();
  re2();
}
