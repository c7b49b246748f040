/**
 * Whether the tests can compile programs in C.
 */
import { spawnSync } from 'node:child_process';

/** Why they cannot, or false. */
export function compilerMissing(): string | false {
  return spawnSync('cc', ['--version']).status === 0 ? false : 'needs a C compiler';
}
