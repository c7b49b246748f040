/**
 * One running instance of a command: `sh -c`, in a session of its own, its standard input a pipe, its output to
 * /dev/null, no other descriptor of the daemon.
 *
 * Signals go to its whole process group. An instance that is dismissed gets end of file on its input and time to
 * finish, then SIGTERM, then SIGKILL. Source: sh(1p), setsid(2), kill(2).
 */
import type { ChildProcess } from 'node:child_process';
import { closeSync } from 'node:fs';
import { closeOthersOnExec } from '../../sys/process/close-on-exec.ts';
import { openPipe, tryOpenReadSide } from '../../sys/file/fifo.ts';
import { errorCode, errorText } from '../../sys/call/error-text.ts';
import { nowhere, rootDirectory } from '../../sys/call/root-directory.ts';
import { startProgram } from '../../sys/process/spawn-program.ts';
import { countRecords } from '../../queue/line-queue.ts';
import { readToEnd } from './pipe-writer.ts';

/** Time for a dismissed instance to finish, and again after SIGTERM. */
const LINGER_MS = 5000;
const SHELL = '/bin/sh';
/** Polling interval for the end of a process group. */
const GROUP_POLL_MS = 20;

/** How an instance ended: one of the three is set. */
export interface CommandEnd {
  readonly status: number | null;
  readonly signal: string | null;
  /** It could not be started. */
  readonly failure: string | null;
}

/** Variables that the service manager sets for the daemon alone. Source: sd_listen_fds(3), sd_notify(3). */
const OWN_VARIABLES: readonly string[] = [
  'LISTEN_FDS',
  'LISTEN_FDNAMES',
  'LISTEN_PID',
  'NOTIFY_SOCKET',
  'DAEMON_CONTEXT_READY_FD',
  'WATCHDOG_PID',
  'WATCHDOG_USEC',
];

function environment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !OWN_VARIABLES.includes(name)));
}

export class CommandProcess {
  /** 0 if it could not be started. */
  readonly pid: number;
  /** Resolves when the shell has ended; its children may live on. */
  readonly ended: Promise<CommandEnd>;
  readonly startedMs = performance.now();
  /** The write end of its input, -1 once closed. */
  #inputFd: number;
  /** For counting what it left unread, -1 if there is none. */
  #witnessFd = -1;
  #running = true;

  /** @throws the system's error if there is no pipe */
  constructor(command: string) {
    const { readFd, writeFd } = openPipe();
    this.#inputFd = writeFd;
    const child = trySpawn(command, readFd);
    closeSync(readFd);
    this.pid = (child instanceof Error ? undefined : child.pid) ?? 0;
    this.ended = (child instanceof Error ? Promise.resolve(failed(child)) : watch(child)).then((end) => {
      this.#running = false;
      return end;
    });
  }

  get inputFd(): number {
    return this.#inputFd;
  }

  /** Closes its input, once. */
  endInput(): void {
    if (this.#inputFd === -1) return;
    this.#witnessFd = tryOpenReadSide(this.#inputFd);
    closeSync(this.#inputFd);
    this.#inputFd = -1;
  }

  /** @returns records it was given but did not read; call this when it has ended and its input is closed */
  takeUnread(): number {
    if (this.#witnessFd === -1) return 0;
    const unread = readToEnd(this.#witnessFd);
    closeSync(this.#witnessFd);
    this.#witnessFd = -1;
    return countRecords(unread, 0, unread.length);
  }

  /** Closes its input and lets it finish, by force if necessary. */
  async dismiss(): Promise<void> {
    const nowMs = performance.now();
    await this.finish(nowMs + LINGER_MS, nowMs + 2 * LINGER_MS);
  }

  /**
   * Closes its input and waits until it and its children are gone: by themselves before `termMs`, by SIGTERM before
   * `killMs`, else by SIGKILL. Times of performance.now().
   */
  async finish(termMs: number, killMs: number): Promise<void> {
    this.endInput();
    if (await this.#isGoneBy(termMs)) return;
    this.#signal('SIGTERM');
    if (await this.#isGoneBy(killMs)) return;
    this.#signal('SIGKILL');
  }

  async #isGoneBy(deadlineMs: number): Promise<boolean> {
    while (this.#signal(0)) {
      const leftMs = deadlineMs - performance.now();
      if (leftMs <= 0) return false;
      await (this.#running ? pause(leftMs, this.ended) : pause(Math.min(leftMs, GROUP_POLL_MS), null));
    }
    return true;
  }

  /** @returns whether its group exists */
  #signal(signal: NodeJS.Signals | 0): boolean {
    if (this.pid === 0) return false;
    try {
      process.kill(-this.pid, signal);
      return true;
    } catch {
      return false;
    }
  }
}

function trySpawn(command: string, stdin: number): ChildProcess | Error {
  try {
    closeOthersOnExec();
    return startProgram(SHELL, ['-c', command], {
      detached: true,
      stdio: [stdin, nowhere(), nowhere()],
      env: environment(),
    });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function failed(error: Error): CommandEnd {
  const root = rootDirectory();
  const missing = root !== null && errorCode(error) === 'ENOENT';
  return { status: null, signal: null, failure: missing ? `no ${SHELL} in "${root}"` : errorText(error) };
}

function watch(child: ChildProcess): Promise<CommandEnd> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(failed(error)));
    child.once('exit', (status, signal) => resolve({ status, signal, failure: null }));
  });
}

/** Waits for a time, or less if `event` comes. */
async function pause(ms: number, event: Promise<unknown> | null): Promise<void> {
  let timer: NodeJS.Timeout | null = null;
  const passed = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await (event === null ? passed : Promise.race([passed, event]));
  if (timer !== null) clearTimeout(timer);
}
