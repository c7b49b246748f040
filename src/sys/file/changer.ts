/**
 * Who may change what the names in a folder stand for: only root and this process, or also somebody else, who could
 * replace a file with a link. Source: inode(7), path_resolution(7), unlink(2).
 *
 * Access control lists are seen only through the mode: the group bits show the mask, whichever group has it. So a
 * folder of group root with these bits set counts as one that others may change, even for root.
 */
import { readFileSync, type Stats, statSync } from 'node:fs';

/** The widest class of users who may change a folder. */
export interface Changer {
  readonly kind: 'user' | 'group' | 'everybody';
  /** uid or gid; 0 for everybody. */
  readonly id: number;
}

const GROUP_WRITES = 0o020;
const OTHERS_WRITE = 0o002;
const STICKY = 0o1000;
const EVERYBODY: Changer = { kind: 'everybody', id: 0 };

/** @returns who besides root and this process may make, rename and remove names in a folder; null: nobody */
export function changerOf(folder: Stats): Changer | null {
  const { uid, gid, mode } = folder;
  if ((mode & OTHERS_WRITE) !== 0) return EVERYBODY;
  if ((mode & GROUP_WRITES) !== 0 && !isOwnGroup(gid)) return { kind: 'group', id: gid };
  return isOwnUser(uid) ? null : { kind: 'user', id: uid };
}

/**
 * Whether only root and this process can rename or remove a folder inside another that others may write to, such as
 * /tmp. Nor can somebody else have moved it there: that requires permission to write to it. On another file system the
 * owner cannot be trusted.
 */
export function isProtectedBySticky(parent: Stats, folder: Stats): boolean {
  return (parent.mode & STICKY) !== 0 && isOwnUser(parent.uid) && isOwnUser(folder.uid) && parent.dev === folder.dev;
}

/** Root, this process, and the owner of `/`: in a user namespace root may have no uid. user_namespaces(7) */
function isOwnUser(uid: number): boolean {
  return uid === 0 || uid === process.geteuid?.() || uid === statSync('/').uid;
}

/** The primary group of an ordinary user often has no other members. */
function isOwnGroup(gid: number): boolean {
  return process.geteuid?.() !== 0 && gid === process.getegid?.();
}

/** @returns e.g. `user app`, `group syslog`, `everybody` */
export function nameChanger({ kind, id }: Changer): string {
  if (kind === 'everybody') return kind;
  return `${kind} ${nameOf(kind === 'user' ? '/etc/passwd' : '/etc/group', id)}`;
}

/** The number if no line has it. */
function nameOf(table: string, id: number): string {
  try {
    const line = readFileSync(table, 'utf8')
      .split('\n')
      .find((text) => text.split(':')[2] === String(id));
    return line?.split(':')[0] ?? String(id);
  } catch {
    return String(id);
  }
}
