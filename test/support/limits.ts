/**
 * Limits of a running process, lowered and raised again. Source: prlimit(1).
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Why limits cannot be set here, or false. */
export function limitsMissing(): string | false {
  return spawnSync('prlimit', ['--version']).status === 0 ? false : 'prlimit(1) is missing';
}

/** Sets the soft limit. `uid`: user of the process, if it is not ours. */
export function limit(pid: number, name: 'nofile' | 'nproc', count: number, uid: number | null = null): void {
  const options = uid === null ? {} : { uid, gid: uid };
  execFileSync('prlimit', ['--pid', String(pid), `--${name}=${count}:`], options);
}

/** Sets soft and hard limit permanently: the process and its children cannot raise them. */
export function limitForGood(pid: number, name: 'nofile' | 'nproc', count: number): void {
  execFileSync('prlimit', ['--pid', String(pid), `--${name}=${count}:${count}`]);
}

/** @returns a limit that lets a process open this many more descriptors */
export function limitWithFree(pid: number, freeCount: number): number {
  let count = 0;
  // Gaps between open descriptors are free as well.
  for (let free = 0; free < freeCount; count++) if (!existsSync(`/proc/${pid}/fd/${count}`)) free++;
  return count;
}
