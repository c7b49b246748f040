/**
 * Gives up the privileges of root: root directory, groups, user, capabilities. Everything is looked up and checked
 * first, so that a mistake stops the program before it has done anything. Source: chroot(2), setuid(2),
 * capabilities(7).
 *
 * With a user this is permanent, in every thread, and for all programs started later. With only a group, root stays
 * root.
 */
import { realpathSync, statSync } from 'node:fs';
import { findGroup, findUser, initGroups, type UserAccount } from '../sys/process/accounts.ts';
import {
  emptyBoundingSet,
  emptyCapabilitySets,
  emptyInheritableSet,
  forbidNewPrivileges,
} from '../sys/process/capabilities.ts';
import { closeOthersOnExec } from '../sys/process/close-on-exec.ts';
import { errorText } from '../sys/call/error-text.ts';
import { OperatorError } from '../sys/call/errors.ts';
import { nativeAvailable } from '../sys/call/native.ts';
import { enterRoot } from '../sys/call/root-directory.ts';

/** Privileges cannot be given up as requested; the message is for the operator. */
export class PrivilegeError extends OperatorError {
  override readonly name = 'PrivilegeError';
}

/** Only root can do what was requested. */
export class RootNeededError extends PrivilegeError {}

/** What to become; null: unchanged. */
export interface PrivilegeOptions {
  /** Name, or else number. */
  readonly user: string | null;
  readonly group: string | null;
  /** The root directory. */
  readonly directory: string | null;
}

/** What to become, looked up. */
export interface Privileges {
  readonly user: UserAccount | null;
  readonly gid: number | null;
  readonly directory: string | null;
}

/** io_uring requests run with the privileges of whoever created the ring, which was root. Source: io_uring_setup(2) */
const IO_URING_VARIABLE = 'UV_USE_IO_URING';

/** @throws PrivilegeError: no such user, group or directory, or this process may not do what was requested */
export function planPrivileges({ user, group, directory }: PrivilegeOptions): Privileges {
  const account = user === null ? null : findUser(user);
  if (user !== null && account === null) throw new PrivilegeError(`no such user: "${user}"`);
  const gid = group === null ? (account?.gid ?? null) : findGroup(group);
  if (group !== null && gid === null) throw new PrivilegeError(`no such group: "${group}"`);
  if (account !== null && gid === null)
    throw new PrivilegeError(`user ${account.uid} has no group: expected a group as well`);
  if (directory !== null) checkDirectory(directory);
  const plan = { user: account, gid, directory };
  if (!isThere(plan)) checkRights(plan);
  return plan;
}

function checkDirectory(path: string): void {
  try {
    if (!statSync(realpathSync(path)).isDirectory()) throw new Error('is not a directory');
  } catch (error) {
    throw new PrivilegeError(`cannot use "${path}" as root directory: ${errorText(error)}`);
  }
  const available = nativeAvailable();
  if (!available.ok)
    throw new PrivilegeError(`cannot use "${path}" as root directory: it needs native calls: ${available.reason}`);
}

/** Whoever started this process has already done it. */
function isThere({ user, gid, directory }: Privileges): boolean {
  if (directory !== null || process.geteuid?.() === 0) return false;
  const isUser = user === null || (process.getuid?.() === user.uid && process.geteuid?.() === user.uid);
  return isUser && (gid === null || (process.getgid?.() === gid && process.getegid?.() === gid));
}

function checkRights({ user, gid, directory }: Privileges): void {
  if (user === null && gid === null && directory === null) return;
  if (process.geteuid?.() !== 0) {
    const what = user !== null ? `become user "${user.name ?? user.uid}"` : gid !== null ? `become group ${gid}` : '';
    throw new RootNeededError(`only root can ${what === '' ? 'change the root directory' : what}`);
  }
  if (user !== null && user.uid !== 0 && Number(process.env[IO_URING_VARIABLE] ?? 0) > 0)
    throw new PrivilegeError(`cannot drop privileges while ${IO_URING_VARIABLE} is set: expected it unset`);
}

/** @returns whether the process permanently loses the privileges of root */
function isForGood({ user }: Privileges): boolean {
  return user !== null && user.uid !== 0;
}

/**
 * Call this first of all, in a process with few threads: a thread must itself give up what it has inherited.
 *
 * @returns whether the program must be executed again for that
 */
export function giveUpInheritable(plan: Privileges): boolean {
  return isForGood(plan) && !isThere(plan) && emptyInheritableSet();
}

/**
 * Carries out the plan. Load what the new root directory lacks before.
 *
 * @param notice called with one line for each thing that could not be given up although the rest was
 * @throws PrivilegeError: the process may have given up part of its privileges, and must not continue
 */
export function dropPrivileges(plan: Privileges, notice: (text: string) => void): void {
  const { user, gid, directory } = plan;
  if (user !== null) adoptEnvironment(user);
  if ((user === null && gid === null && directory === null) || isThere(plan)) return;
  const forGood = isForGood(plan);
  try {
    // The new root directory may have no /proc to find them.
    closeOthersOnExec();
    if (forGood && !forbidNewPrivileges())
      notice('programs it starts can still gain privileges: PR_SET_NO_NEW_PRIVS is not set in every thread');
    // The lists of groups are in the old root directory.
    if (gid !== null) setGroups(user, gid);
    const becomeUser = (): void => {
      if (gid !== null) process.setgid?.(gid);
      if (forGood && !emptyBoundingSet()) notice('the capability bounding set is not empty');
      if (user !== null) process.setuid?.(user.uid);
      if (forGood && !emptyCapabilitySets()) notice('the inheritable capability set may not be empty');
    };
    if (directory !== null) keepTimeZone();
    if (directory === null) becomeUser();
    else enterRoot(directory, becomeUser);
  } catch (error) {
    throw new PrivilegeError(`cannot drop privileges: ${errorText(error)}`, { cause: error });
  }
  if (forGood && canComeBack()) throw new PrivilegeError('cannot drop privileges: they could be regained');
}

const ANY_HOME = '/';
const ANY_SHELL = '/bin/sh';

/** Programs that are started find the files of their user, not those of root. Source: environ(7) */
function adoptEnvironment({ name, home, shell }: UserAccount): void {
  for (const variable of ['USER', 'LOGNAME']) {
    if (name === null) delete process.env[variable];
    else process.env[variable] = name;
  }
  process.env['HOME'] = home === '' ? ANY_HOME : home;
  process.env['SHELL'] = shell === '' ? ANY_SHELL : shell;
}

function setGroups(user: UserAccount | null, gid: number): void {
  if (user?.name != null) initGroups(user.name, gid);
  else process.setgroups?.([gid]);
}

/** The new root directory may lack /etc/localtime. */
function keepTimeZone(): void {
  process.env['TZ'] ??= Intl.DateTimeFormat().resolvedOptions().timeZone;
}

function canComeBack(): boolean {
  const ways = [() => process.setuid?.(0), () => process.seteuid?.(0)];
  return ways.some((way) => {
    try {
      way();
      return true;
    } catch {
      return process.getuid?.() === 0 || process.geteuid?.() === 0;
    }
  });
}
