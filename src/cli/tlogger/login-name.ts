/**
 * The name that messages carry unless the command line says otherwise: of whom the session belongs to, as getlogin(3)
 * finds it, else of the user that the process runs as.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import { utf8Bytes } from './raw-arguments.ts';
import { userName } from './surroundings.ts';

/** `(uid_t) -1`: no session. Source: proc_pid_loginuid(5). */
const NO_UID = '4294967295';
const NOBODY = '<someone>';

export async function loginName(): Promise<string> {
  return (await sessionName()) ?? userName() ?? NOBODY;
}

async function sessionName(): Promise<string | null> {
  const uid = readLoginUid();
  if (uid === null) return await terminalUser();
  if (uid === NO_UID) return null;
  if (uid === String(process.geteuid?.())) return userName();
  const { findUser } = await import('../../sys/process/accounts.ts');
  const name = findUser(uid)?.name;
  return name === undefined || name === null ? null : utf8Bytes(name);
}

/** @returns null: this kernel keeps none */
function readLoginUid(): string | null {
  try {
    return readFileSync('/proc/self/loginuid', 'latin1').trim();
  } catch {
    return null;
  }
}

/** Who is logged in on the terminal of standard input. Source: utmp(5). */
async function terminalUser(): Promise<string | null> {
  try {
    const terminal = readlinkSync('/proc/self/fd/0');
    if (!terminal.startsWith('/dev/')) return null;
    const { parseUtmp } = await import('../../sys/machine/utmp.ts');
    const session = parseUtmp(readFileSync('/var/run/utmp')).findLast(({ line }) => `/dev/${line}` === terminal);
    return session === undefined || session.user === '' ? null : utf8Bytes(session.user);
  } catch {
    return null;
  }
}
