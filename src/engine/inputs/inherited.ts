/**
 * What this process was started with besides its command line: sockets of the service manager, or everything that the
 * previous process had open.
 *
 * The service manager's protocol is that of sd_listen_fds(3): descriptors from 3 on, counted by LISTEN_FDS and meant
 * for the process LISTEN_PID only. The command that becomes a daemon passes them on under their numbers; since the
 * pid is another one then, it says so in a variable of its own.
 */
import { readlinkSync } from 'node:fs';
import type { InheritedSocket } from '../../input/datagram/inherited-sockets.ts';
import type { OpenKernelLog } from '../../input/kernel/kernel-log.ts';
import { closePassed } from '../../sys/socket/passed-socket.ts';

/** Source: sd_listen_fds(3), SD_LISTEN_FDS_START. */
const FIRST_FD = 3;
/** More than any service has; a wrong number must not take long. */
const COUNT_MAX = 1024;
/** Set by the command for the daemon: the number, and the names, separated by colons. */
const PASSED_ON_VARIABLE = 'TSYSLOGD_LISTEN_FDS';

const VARIABLES: readonly string[] = ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES', PASSED_ON_VARIABLE];

export interface Inherited {
  readonly sockets: readonly InheritedSocket[];
  /** The kernel's log; null: open it. */
  readonly kernel: OpenKernelLog | null;
  /** The kernel's console messages were switched off and must be switched on at the end. */
  readonly consoleOff: boolean;
  /** The listening control socket; null: make it. */
  readonly control: InheritedPath | null;
  /** The control pipe; null: open it. */
  readonly controlPipe: InheritedPath | null;
  /** The pid file; null: open it. */
  readonly pidFile: InheritedPath | null;
}

export interface InheritedPath {
  readonly path: string;
  readonly fd: number;
}

export const NOTHING_INHERITED: Inherited = {
  sockets: [],
  kernel: null,
  consoleOff: false,
  control: null,
  controlPipe: null,
  pidFile: null,
};

/** @returns the descriptor if it is for this path; otherwise closes it and returns null */
export function takeInherited(found: InheritedPath | null, path: string | null): number | null {
  if (found === null) return null;
  if (found.path === path) return found.fd;
  closePassed(found.fd);
  return null;
}

/**
 * Removes the variables from the environment, so that commands do not inherit them. Ignores variables that are meant
 * for another process, and descriptors that were not passed: those of Node.js may have the same numbers.
 *
 * @param isPassed whether a descriptor may have been passed; for tests
 */
export function takePassedSockets(
  env: NodeJS.ProcessEnv = process.env,
  pid = process.pid,
  isPassed: (fd: number) => boolean = mayBePassed,
): Inherited {
  const { LISTEN_PID: listenPid, LISTEN_FDS: fds, LISTEN_FDNAMES: fdNames, [PASSED_ON_VARIABLE]: passedOn } = env;
  forgetPassedSockets(env);
  if (listenPid !== undefined && Number(listenPid) === pid) return passedSockets(fds ?? '', fdNames ?? '', isPassed);
  if (passedOn === undefined) return NOTHING_INHERITED;
  const colon = passedOn.indexOf(':');
  return passedSockets(passedOn.slice(0, colon), passedOn.slice(colon + 1), isPassed);
}

/** Removes the variables, which are not for programs that this process starts. */
export function forgetPassedSockets(env: NodeJS.ProcessEnv = process.env): void {
  for (const name of VARIABLES) delete env[name];
}

/** Prepares the environment of the daemon that this command starts, which inherits the descriptors. */
export function passOn({ sockets }: Inherited, env: NodeJS.ProcessEnv = process.env): void {
  if (sockets.length === 0) return;
  if (!sockets.every(({ record }) => record.kind === 'passed')) return;
  const names = sockets.map(({ record }) => (record.kind === 'passed' ? record.name : ''));
  env[PASSED_ON_VARIABLE] = `${sockets.length}:${names.join(':')}`;
}

/**
 * Node.js has opened descriptors of its own by now. Those are pipes and anonymous inodes, which no service manager
 * passes.
 */
function mayBePassed(fd: number): boolean {
  try {
    return !/^(?:anon_inode|pipe):/.test(readlinkSync(`/proc/self/fd/${fd}`));
  } catch {
    return false;
  }
}

function passedSockets(countText: string, namesText: string, isPassed: (fd: number) => boolean): Inherited {
  const count = /^\d+$/.test(countText) ? Math.min(Number(countText), COUNT_MAX) : 0;
  const names = namesText.split(':');
  const sockets = Array.from({ length: count }, (_, idx) => ({
    fd: FIRST_FD + idx,
    record: { kind: 'passed' as const, name: names[idx] ?? '' },
  }));
  return { ...NOTHING_INHERITED, sockets: sockets.filter(({ fd }) => isPassed(fd)) };
}
