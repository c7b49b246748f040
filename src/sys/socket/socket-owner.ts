/**
 * Which process listens on a Unix socket, as far as /proc shows it, for messages to the operator. Only root sees the
 * descriptors of others, and only sockets of this network namespace are listed. Source: proc(5), unix(7).
 */
import { readdirSync, readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs';

export interface SocketOwner {
  readonly pid: number;
  /** Its command name, up to 15 characters. */
  readonly name: string;
}

/** Binds sockets for others. */
const INIT_PID = 1;
const INODE_COLUMN = 6;

/** Never throws. @returns null if unknown; prefers a service to the manager that bound its socket */
export function findSocketOwner(path: string): SocketOwner | null {
  const file = identityOf(path);
  const bound = realPath(path);
  const inodes = inodesAt(bound);
  if (file === null || inodes.size === 0) return null;
  const isOwner = (pid: number): boolean => holdsOneOf(pid, inodes) && identityOf(`/proc/${pid}/root${bound}`) === file;
  const pids = numbersIn('/proc').toSorted((a, b) => b - a);
  const pid = pids.find((candidate) => candidate !== INIT_PID && isOwner(candidate));
  const found = pid ?? (isOwner(INIT_PID) ? INIT_PID : null);
  return found === null ? null : { pid: found, name: nameOf(found) };
}

/** Inode numbers of sockets bound to a path, in any mount namespace. */
function inodesAt(path: string): ReadonlySet<string> {
  const rows = readText('/proc/net/unix').split('\n').slice(1);
  const inodes = rows.flatMap((row) => {
    const fields = row.trim().split(/\s+/);
    return fields.slice(INODE_COLUMN + 1).join(' ') === path ? [`socket:[${fields[INODE_COLUMN]}]`] : [];
  });
  return new Set(inodes);
}

function holdsOneOf(pid: number, inodes: ReadonlySet<string>): boolean {
  return numbersIn(`/proc/${pid}/fd`).some((fd) => inodes.has(readTarget(`/proc/${pid}/fd/${fd}`)));
}

/** Another mount namespace may have another file at the same path. */
function identityOf(path: string): string | null {
  try {
    const { dev, ino } = statSync(path);
    return `${dev}:${ino}`;
  } catch {
    return null;
  }
}

function nameOf(pid: number): string {
  return readText(`/proc/${pid}/comm`).trim() || 'a process';
}

function numbersIn(folder: string): readonly number[] {
  try {
    return readdirSync(folder).map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function readTarget(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return '';
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
