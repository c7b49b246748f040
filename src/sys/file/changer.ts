/**
 * Who may change what the names in a folder stand for: only root and this process, or somebody else too, who could put
 * a link in the place of what was meant. Source: inode(7), path_resolution(7), unlink(2).
 *
 * An access control list counts as far as the mode shows it: its mask stands in the bits of the group, whichever that
 * is. So for root even a folder of group root, with these set, is one that others may change.
 */
import { readFileSync, type Stats, statSync } from 'node:fs';

/** The widest of those who may. */
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
 * Whether only root and this process can rename or remove one folder in another that others may write to, as in
 * /tmp. A folder there can neither have come from elsewhere: to move it takes the right to write into it. One of
 * another file system may be its maker's word only.
 */
export function isProtectedBySticky(parent: Stats, folder: Stats): boolean {
  return (parent.mode & STICKY) !== 0 && isOwnUser(parent.uid) && isOwnUser(folder.uid) && parent.dev === folder.dev;
}

/** Root, this process, and whoever owns `/`: in a user namespace root may have no number. user_namespaces(7) */
function isOwnUser(uid: number): boolean {
  return uid === 0 || uid === process.geteuid?.() || uid === statSync('/').uid;
}

/** The primary group of an ordinary user is often his alone. */
function isOwnGroup(gid: number): boolean {
  return process.geteuid?.() !== 0 && gid === process.getegid?.();
}

/** @returns e.g. `user app`, `group syslog`, `everybody` */
export function nameChanger({ kind, id }: Changer): string {
  if (kind === 'everybody') return kind;
  return `${kind} ${nameOf(kind === 'user' ? '/etc/passwd' : '/etc/group', id)}`;
}

/** The number where no line has it. */
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
