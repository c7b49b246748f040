/**
 * A daemon with its own /dev and /run, to try clients that know only /dev/log without touching the machine's. Needs
 * root, unshare(1) and nsenter(1).
 */
import { execFileSync, spawnSync } from 'node:child_process';
import type { TestDaemon } from './daemon.ts';

const SCRIPT = `
set -e
mount --make-rprivate /
new=$1/dev
shift
mkdir -p "$new"
mount -t tmpfs tmpfs "$new"
for node in null zero full random urandom tty; do touch "$new/$node"; mount --bind "/dev/$node" "$new/$node"; done
ln -s /proc/self/fd "$new/fd"
mount --move "$new" /dev
mount -t tmpfs tmpfs /run
exec "$@"
`;

/** Why this cannot be done here, or false. */
export function ownDevMissing(): string | false {
  if (process.getuid?.() !== 0) return 'needs root for a /dev of its own';
  const tried = spawnSync('unshare', ['-m', 'true']);
  return tried.status === 0 ? false : 'unshare -m does not work here';
}

/** The wrapper for {@link DaemonOptions}; `dir` is the daemon's folder. */
export function ownDev(dir: string): readonly string[] {
  return ['unshare', '-m', 'bash', '-c', SCRIPT, 'own-dev', dir];
}

/** Runs a program in the daemon's namespaces. @returns its output */
export function runInside(daemon: TestDaemon, program: string, args: readonly string[]): string {
  return execFileSync('nsenter', ['-t', `${daemon.child.pid}`, '-m', program, ...args], { encoding: 'utf8' });
}
