/**
 * Which daemon is meant: its control socket, its pid file, and who holds the lock on that.
 *
 * Native code is loaded only to query the lock, which a command usually never does.
 */
import { closeSync, constants, openSync, readFileSync, statSync } from 'node:fs';
import { controlPath, DEFAULT_PID_FILE } from '../../control/protocol.ts';
import { errorCode } from '../../sys/call/error-text.ts';
import { ControlError } from './client.ts';
import type { ControlRequest } from './options.ts';

export interface Target {
  readonly pidFile: string;
  /** Null: there is none. */
  readonly control: string | null;
}

export function targetOf({ pidFile, control }: Pick<ControlRequest, 'pidFile' | 'control'>): Target {
  const file = pidFile ?? DEFAULT_PID_FILE;
  return { pidFile: file, control: controlPath(control, file) };
}

/** The holder of the lock on the pid file: a process, nobody, or unknown. */
export type Holder =
  | { readonly kind: 'pid'; readonly pid: number }
  | { readonly kind: 'nobody' }
  | { readonly kind: 'hidden'; readonly reason: string };

/**
 * Asks the kernel or, without native calls, checks whether the pid in the file is a daemon's. Source: fcntl(2),
 * proc(5).
 */
export async function findHolder(pidFile: string): Promise<Holder> {
  const { O_RDONLY, O_NONBLOCK, O_NOCTTY } = constants;
  let fd: number;
  try {
    fd = openSync(pidFile, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  } catch (error) {
    const code = errorCode(error);
    return code === 'ENOENT' || code === 'ENOTDIR'
      ? { kind: 'nobody' }
      : { kind: 'hidden', reason: 'permission denied' };
  }
  try {
    const { nativeAvailable } = await import('../../sys/call/native.ts');
    if (!nativeAvailable().ok) return holderByName(fd);
    const { lockOwner } = await import('../../sys/file/record-lock.ts');
    const pid = lockOwner(fd);
    if (pid === null) return { kind: 'nobody' };
    return pid > 0 ? { kind: 'pid', pid } : { kind: 'hidden', reason: 'it runs in another pid namespace' };
  } finally {
    closeSync(fd);
  }
}

function holderByName(fd: number): Holder {
  try {
    const pid = Number(readFileSync(fd, 'latin1').trim());
    if (readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('tsyslogd')) return { kind: 'pid', pid };
  } catch {
    // No such process.
  }
  return { kind: 'nobody' };
}

/** The failure of a command in one line, and the exit status. */
export class ControlFailed extends Error {
  override readonly name = 'ControlFailed';
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

/** Exit statuses by kind of failure. */
export interface FailureStatuses {
  readonly notRunning: number;
  /** It runs, or may run, but does not answer. */
  readonly noAnswer: number;
}

/** Turns a failed request into one line that says what was tried and what was found. */
export async function explainFailure(
  error: ControlError,
  target: Target,
  statuses: FailureStatuses,
): Promise<ControlFailed> {
  const where = target.control === null ? 'no control socket' : `control socket ${target.control}`;
  if (error.kind === 'forbidden') {
    const who = target.control === null ? 'root' : whoMay(target.control);
    return new ControlFailed(`permission denied: ${who} may use ${where}`, statuses.noAnswer);
  }
  const holder = await findHolder(target.pidFile);
  const file = `pid file ${target.pidFile}`;
  if (error.kind === 'absent') {
    const tried = target.control === null ? where : `${where}: ${error.message}`;
    if (holder.kind === 'nobody')
      return new ControlFailed(`tsyslogd is not running (${tried}; ${file}: not locked)`, statuses.notRunning);
    if (holder.kind === 'pid')
      return new ControlFailed(
        `tsyslogd is running, pid ${holder.pid}, but cannot be queried (${tried})`,
        statuses.noAnswer,
      );
    return new ControlFailed(
      `cannot tell whether tsyslogd is running (${tried}; ${file}: ${holder.reason})`,
      statuses.noAnswer,
    );
  }
  const who =
    holder.kind === 'pid' ? `tsyslogd, pid ${holder.pid}, holds the lock on ${file} but does not answer` : 'no answer';
  return new ControlFailed(`${who} (${where}: ${error.message})`, statuses.noAnswer);
}

/** @returns who may connect to a socket, e.g. `only root` or `only root and syslog` */
function whoMay(path: string): string {
  let uid = 0;
  try {
    uid = statSync(path).uid;
  } catch {
    // Its folder is not accessible either.
  }
  return uid === 0 ? 'only root' : `only root and ${userName(uid)}`;
}

/** Source: passwd(5). */
function userName(uid: number): string {
  try {
    const line = readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .find((entry) => entry.split(':')[2] === String(uid));
    const name = line?.split(':', 1)[0];
    if (name !== undefined) return name;
  } catch {
    // The number will do.
  }
  return `uid ${uid}`;
}

/** @returns the path of the control socket. @throws ControlError `absent` if there is none at all */
export function requireControl(target: Target): string {
  if (target.control === null) throw new ControlError('absent', 'disabled');
  return target.control;
}
