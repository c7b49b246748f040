/**
 * Forbids core dumps of this process, which may have read secrets. Source: setrlimit(2), core(5).
 */
import { execFileSync } from 'node:child_process';
import { check, native, nativeAvailable } from '../call/native.ts';

const RLIMIT_CORE = 4;
/** struct rlimit: two 64-bit numbers, soft and hard. */
const RLIMIT_SIZE = 16;
const PROGRAM_TIMEOUT_MS = 2000;

/**
 * Sets soft and hard limit to 0, for this process and its children. Without native calls prlimit(1) does it.
 *
 * @throws SysError; without native calls an Error if there is no prlimit(1)
 */
export function forbidCoreDumps(): void {
  if (nativeAvailable().ok) {
    check(native().libc.setrlimit(RLIMIT_CORE, Buffer.alloc(RLIMIT_SIZE)), 'setrlimit');
    return;
  }
  execFileSync('prlimit', ['--pid', String(process.pid), '--core=0:0'], {
    stdio: 'ignore',
    timeout: PROGRAM_TIMEOUT_MS,
  });
}
