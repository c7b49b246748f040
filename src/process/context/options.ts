/**
 * The options of a daemon's process, and their defaults. Source: daemon(7), PEP 3143.
 */
import { basename, extname } from 'node:path';
import { isServedSocket } from '../../sys/socket/served-socket.ts';
import type { StreamTarget } from './streams.ts';
import type { SignalMap } from '../signals.ts';

/** Every field may be left out; `null` means the same unless something else is said. */
export interface DaemonContextOptions {
  /** Program name in error messages on stderr. Default: the name of its file. */
  readonly name?: string;
  /** The daemon's working directory, in its root directory. Default `/`; `.`: where it was started. */
  readonly workingDirectory?: string;
  /** A new root directory, chroot(2). Needs root and native calls. */
  readonly rootDirectory?: string | null;
  /** File mode creation mask. Default 0o022. */
  readonly umask?: number;
  /** Become this user, a name or number, with all its groups as set by initgroups(3). Needs root. */
  readonly user?: string | number | null;
  /** Become this group, a name or number. Default: the primary group of `user`. Needs root. */
  readonly group?: string | number | null;
  /** Descriptors that the program was started with and keeps; all others above 2 are closed on detaching. */
  readonly preserve?: readonly number[];
  /** Default: /dev/null if it detaches, else 'inherit'. */
  readonly stdin?: StreamTarget;
  readonly stdout?: StreamTarget;
  readonly stderr?: StreamTarget;
  /** A file that gets the pid and a write lock: a second process is refused. */
  readonly pidFile?: string | null;
  /** The pid file is not taken by `open` but by `lock`. */
  readonly pidFileLater?: boolean;
  /** A missing folder of the pid file is not an error: `notice` is called, and `keepPidFile` tries again. */
  readonly pidFileMayWait?: boolean;
  /** The pid file as opened by the previous process. */
  readonly pidFileFd?: number | null;
  /** Default: {@link DEFAULT_SIGNALS}. `terminate` closes the context and ends the process with status 0. */
  readonly signals?: SignalMap;
  /** Default false: the limit is set to 0. */
  readonly coreDumps?: boolean;
  /** Whether to leave the session and the terminal. Default null: see {@link wantsDetaching}. */
  readonly detach?: boolean | null;
  /** Puts an error into words, for the command that starts the daemon. Default: its message. */
  readonly explain?: (error: unknown) => string;
  /** Called with one line for each thing that could not be done although the daemon runs. Default: prints to stderr. */
  readonly notice?: ((text: string) => void) | null;
}

export const DEFAULT_UMASK = 0o022;
export const DEFAULT_SIGNALS: SignalMap = {
  SIGTERM: 'terminate',
  SIGTSTP: 'ignore',
  SIGTTIN: 'ignore',
  SIGTTOU: 'ignore',
};

const INIT_PID = 1;

/** @returns the name of the program's file, without folder and extension */
export function programName(): string {
  const file = basename(process.argv[1] ?? process.argv0);
  return basename(file, extname(file));
}

/**
 * The default for `detach`: false if init started the process or it is init itself, if a service manager waits for its
 * notification (NOTIFY_SOCKET), or if it serves one connection of inetd(8).
 */
export function wantsDetaching(env: NodeJS.ProcessEnv = process.env): boolean {
  if (process.pid === INIT_PID || process.ppid === INIT_PID) return false;
  return env['NOTIFY_SOCKET'] === undefined && !isServedSocket(0);
}
