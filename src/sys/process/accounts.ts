/**
 * Users and groups by name or number, from /etc/passwd and /etc/group. For what these lack, getent(1) asks the other
 * sources of nsswitch.conf(5). Source: passwd(5), group(5).
 *
 * Only for the start of a program: getent may take its time.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const PASSWD = '/etc/passwd';
const GROUP = '/etc/group';
const GETENT_TIMEOUT_MS = 5000;
const NUMBER = /^[0-9]{1,10}$/;
/** One below (uid_t) -1, which means none. */
const ID_MAX = 0xffff_fffe;

export interface UserAccount {
  /** Null: no account has this number. */
  readonly name: string | null;
  readonly uid: number;
  /** The primary group; null: no account has this number. */
  readonly gid: number | null;
  /** Home directory and shell; empty if unknown. */
  readonly home: string;
  readonly shell: string;
}

/** @returns the number in the third field of the line of `name`, else `name` as a number */
export function findId(table: string, name: string): number | null {
  const line = table.split('\n').find((text) => text.startsWith(`${name}:`) && NUMBER.test(text.split(':')[2] ?? ''));
  return line === undefined ? parseId(name) : Number(line.split(':')[2]);
}

/** @returns the account with this name, else with this number; null: there is no such name */
export function findUser(name: string): UserAccount | null {
  const fields = findEntry(PASSWD, 'passwd', name);
  if (fields !== null) {
    const [own = null, , uid, gid, , home = '', shell = ''] = fields;
    return { name: own, uid: Number(uid), gid: Number(gid), home, shell };
  }
  const uid = parseId(name);
  return uid === null ? null : { name: null, uid, gid: null, home: '', shell: '' };
}

/** @returns the number of a group; null: there is no such name */
export function findGroup(name: string): number | null {
  const fields = findEntry(GROUP, 'group', name);
  return fields === null ? parseId(name) : Number(fields[2]);
}

function parseId(text: string): number | null {
  return NUMBER.test(text) && Number(text) <= ID_MAX ? Number(text) : null;
}

/** @returns the fields of the line whose name, or else whose number, is `key` */
function findEntry(file: string, database: string, key: string): readonly string[] | null {
  const lines = readTable(file).map((line) => line.split(':'));
  const sound = lines.filter((fields) => NUMBER.test(fields[2] ?? ''));
  const named = sound.find(([name]) => name === key);
  return named ?? sound.find((fields) => fields[2] === key) ?? askGetent(database, key);
}

function readTable(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    return [];
  }
}

function askGetent(database: string, key: string): readonly string[] | null {
  try {
    const stdio = ['ignore', 'pipe', 'ignore'] as const;
    const text = execFileSync('getent', ['--', database, key], {
      encoding: 'utf8',
      timeout: GETENT_TIMEOUT_MS,
      stdio: [...stdio],
    });
    const fields = text.trim().split(':');
    return NUMBER.test(fields[2] ?? '') ? fields : null;
  } catch {
    return null;
  }
}

/** process.initgroups is documented, but missing from the types of Node.js 20. */
interface WithInitgroups {
  initgroups(user: string, gid: number): void;
}

/**
 * Makes `gid` and all groups that list the user the supplementary groups of this process, in every thread.
 *
 * @throws the system's error
 */
export function initGroups(user: string, gid: number): void {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  (process as unknown as WithInitgroups).initgroups(user, gid);
}
