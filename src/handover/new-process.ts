/**
 * The new process of a restart, seen from the old one. A service manager accepts only a child of its own as main
 * process, so a shell stands between the two until the new one has taken over: when it ends, its child becomes a child
 * of the service manager, or of process 1. Until then it waits, and its exit status tells how the new process ended.
 * Source: sd_notify(3), MAINPID; prctl(2), PR_SET_CHILD_SUBREAPER.
 */
import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { Duplex } from 'node:stream';
import { watchProcess } from '../sys/process/pidfd.ts';
import { spawnProgram } from '../sys/process/spawn-program.ts';
import { CHANNEL_FD, LAUNCHER_VARIABLE } from './protocol.ts';

const SHELL = '/bin/sh';
/**
 * Sends the pid first: without it a process that hangs could not be ended. The end of the channel must be seen, too.
 * What ended the process is told by the exit status, not by a word of the shell's own.
 */
const SCRIPT = `
${LAUNCHER_VARIABLE}=$$ "$@" &
printf '{"say":"started","pid":%d}\\n' $! >&${CHANNEL_FD}
exec ${CHANNEL_FD}>&- 2> /dev/null
wait $!
`;
/** What a shell adds to the number of the signal that ended a command. Source: POSIX, XCU 2.8.2. */
const SIGNALLED = 128;
/** Limit for the end of a process that has closed its connection or was killed. */
const END_MS = 2000;

export class NewProcess {
  /** The end that stays in this process. */
  readonly channel: Duplex;
  readonly #launcher: ChildProcess;
  /** Known once the launcher has sent it. */
  #pid: number | null = null;

  private constructor(launcher: ChildProcess, channel: Duplex) {
    this.#launcher = launcher;
    this.channel = channel;
  }

  /**
   * Starts this program with its arguments.
   *
   * @throws the system's error
   */
  static async start(options: SpawnOptions): Promise<NewProcess> {
    const program = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
    const launcher = await spawnProgram(SHELL, ['-c', SCRIPT, 'sh', ...program], options);
    const channel: unknown = launcher.stdio[CHANNEL_FD];
    if (channel instanceof Duplex) return new NewProcess(launcher, channel);
    throw new Error('the new process has no channel');
  }

  started(pid: number): void {
    this.#pid = pid;
  }

  /** Sends a signal to the new process, unless the launcher said that it has ended. */
  signal(name: NodeJS.Signals): void {
    if (this.#pid === null || this.#launcher.exitCode !== null) return;
    try {
      process.kill(this.#pid, name);
    } catch {
      // It has just ended.
    }
  }

  /** The new process has taken over. When this resolves, it has a new parent, the process that adopts orphans. */
  async release(): Promise<void> {
    this.#launcher.kill('SIGKILL');
    await this.#ended();
  }

  /** Resolves when it is gone, or after a while. */
  async kill(): Promise<void> {
    if (this.#pid === null) this.#launcher.kill('SIGKILL');
    this.signal('SIGKILL');
    await this.#ended();
    // Somebody else ended the launcher, which could not wait.
    if (this.#pid === null || this.#launcher.signalCode === null) return;
    const watched = watchProcess(this.#pid);
    await watched?.ended(END_MS);
    watched?.close();
  }

  /** Resolves when it has ended, or after a while. @returns `ended with status 1`, for example */
  async describeEnd(): Promise<string> {
    await this.#ended();
    const { exitCode, signalCode } = this.#launcher;
    if (signalCode !== null) return `was killed by ${signalCode}`;
    if (exitCode === null) return 'closed the connection';
    const signal = Object.entries(constants.signals).find(([, number]) => number === exitCode - SIGNALLED);
    return signal === undefined ? `exited with status ${exitCode}` : `was killed by ${signal[0]}`;
  }

  /** Waits for the launcher. A process stuck in the kernel may take longer. */
  async #ended(): Promise<void> {
    const { exitCode, signalCode } = this.#launcher;
    if (exitCode !== null || signalCode !== null) return;
    await once(this.#launcher, 'exit', { signal: AbortSignal.timeout(END_MS) }).catch(() => undefined);
  }
}
