/**
 * A control group below that of the tests, in each hierarchy that systemd uses, for a container: the container creates
 * its own groups there, and they are removed with it. Needs root. Source: cgroups(7).
 */
import { mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { until } from './until.ts';

/** Fields of proc_pid_mountinfo(5): root and mount point, then after ` - ` type, source and options. */
interface Hierarchy {
  readonly root: string;
  readonly place: string;
  /** As named in /proc/self/cgroup; empty for version 2. */
  readonly name: string;
}

function hierarchies(): readonly Hierarchy[] {
  return readFileSync('/proc/self/mountinfo', 'latin1')
    .split('\n')
    .flatMap((line) => {
      const [, root = '', place = '', type = '', options = ''] =
        /^\d+ \d+ \S+ (\S+) (\S+) .* - (\S+) \S+ (\S+)$/.exec(line) ?? [];
      const name = options.split(',').find((option) => option.startsWith('name='));
      if (type === 'cgroup2') return [{ root, place, name: '' }];
      return type === 'cgroup' && name !== undefined ? [{ root, place, name }] : [];
    });
}

/** @returns folders of the group of this process */
function ownGroups(): readonly string[] {
  const lines = readFileSync('/proc/self/cgroup', 'latin1').split('\n');
  return hierarchies().flatMap(({ root, place, name }) => {
    const path = lines.map((line) => /^\d+:([^:]*):(.*)$/.exec(line)).find((match) => match?.[1] === name)?.[2];
    if (path === undefined) return [];
    return [join(place, root === '/' ? path : path.slice(root.length))];
  });
}

/** @returns the folders created: a process that writes `0` to their `cgroup.procs` joins the group */
export function makeCgroup(name: string): readonly string[] {
  return ownGroups().map((parent) => {
    const path = join(parent, name);
    mkdirSync(path);
    return path;
  });
}

/** Removes it once all its processes have ended. */
export async function removeCgroup(paths: readonly string[]): Promise<void> {
  for (const path of paths) await until(`the control group ${path} is empty`, () => removed(path));
}

function removed(path: string): boolean {
  try {
    for (const entry of readdirSync(path, { withFileTypes: true }))
      if (entry.isDirectory() && !removed(join(path, entry.name))) return false;
    rmdirSync(path);
    return true;
  } catch {
    return false;
  }
}
