/**
 * The process of a daemon: detached, with its own session, directory, root directory, mask, user, streams, pid file and
 * signals. For any program of Node.js; exported as `tsyslogd/daemon`. Source: daemon(7), PEP 3143.
 *
 * It knows nothing of what the daemon does. Node cannot fork: to detach, the program is started again with the same
 * arguments, so what it does before `open` happens twice.
 */
import { resolve } from 'node:path';
import { forbidCoreDumps } from '../../sys/process/core-limit.ts';
import { errorText, messageLine } from '../../sys/call/error-text.ts';
import { startAnew } from '../../sys/process/exec-program.ts';
import { printStderr } from '../../sys/print/print.ts';
import { planCommandRoot } from '../../sys/call/root-directory.ts';
import { type DaemonContextOptions, DEFAULT_SIGNALS, DEFAULT_UMASK, programName, wantsDetaching } from './options.ts';
import { ContextPidFile } from './context-pid-file.ts';
import { INHERIT, StandardStreams, type StreamTargets } from './streams.ts';
import { startDetached } from './detach.ts';
import { closeInherited, type ReadyPipe, takeReadyPipe } from './detached.ts';
import { dropPrivileges, giveUpInheritable, planPrivileges, type Privileges } from '../privileges.ts';
import { handleSignals } from '../signals.ts';

export type { DaemonContextOptions } from './options.ts';
export type { StreamTarget } from './streams.ts';
export { PidFileError } from '../pid-file.ts';
export { PrivilegeError } from '../privileges.ts';
export type { SignalAction, SignalMap } from '../signals.ts';

type Step = () => unknown;
const nothing: Step = () => undefined;
const NOWHERE = '/dev/null';
const COMMAND_GONE = 'the command that started it is gone';

/** The context is misused, or the process cannot be made what was asked for. */
export class DaemonContextError extends Error {
  override readonly name = 'DaemonContextError';
}

export class DaemonContext {
  readonly #options: DaemonContextOptions;
  readonly #name: string;
  #state: 'new' | 'opening' | 'open' | 'closed' = 'new';
  readonly #pidFile: ContextPidFile;
  /** Undoes the completed steps, in order. */
  readonly #undo: (() => void)[] = [];
  /** This process was started to be the daemon, or stays in the foreground. */
  #detached = false;

  constructor(options: DaemonContextOptions = {}) {
    const { pidFile, pidFileFd } = options;
    this.#options = options;
    this.#name = options.name ?? programName();
    this.#pidFile = new ContextPidFile({
      program: this.#name,
      // The working directory will change.
      path: pidFile == null ? null : resolve(pidFile),
      inheritedFd: pidFileFd ?? null,
      notice: this.#notice,
    });
  }

  /** True between the end of {@link open} and {@link close}. */
  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** This process has left the session it was started from. */
  get isDetached(): boolean {
    return this.#detached;
  }

  /**
   * Makes this process a daemon. In the command that starts one it does not return: it waits until the daemon is ready
   * and then exits, with 0, or with 1 after saying why not.
   *
   * First what needs no `prepare`: detaching, core dumps, inherited descriptors, mask, pid file, signals. Then
   * `prepare`, with all privileges: bind sockets, open files, load what a new root directory lacks. Then what cannot be
   * undone: root directory, groups, user, working directory, streams; finally the command is notified.
   *
   * @param undo undoes what `prepare` did if a later step fails
   * @returns what `prepare` returned
   * @throws PidFileError, PrivilegeError, DaemonContextError, the system's errors, and what `prepare` throws.
   *   Everything but privileges and detaching is undone; in a detached process the command already has the reason.
   */
  open(): Promise<void>;
  open<T>(prepare: () => T | Promise<T>, undo?: (prepared: T) => unknown): Promise<T>;
  async open(prepare: Step = nothing, undo: (prepared: unknown) => unknown = nothing): Promise<unknown> {
    if (this.#state !== 'new') throw new DaemonContextError('a context can be opened only once');
    this.#state = 'opening';
    const pipe = takeReadyPipe();
    try {
      const privileges = await this.#detach(pipe);
      this.#begin(pipe);
      const prepared = await prepare();
      try {
        this.#finish(privileges, pipe);
      } catch (error) {
        await undo(prepared);
        throw error;
      }
      this.#state = 'open';
      return prepared;
    } catch (error) {
      this.#giveUp();
      if (pipe !== null) this.#sayWhyNot(pipe, error);
      throw error;
    }
  }

  /**
   * Takes the pid file that `pidFileLater` left alone: within `prepare`, with all privileges, or later. Or takes it
   * back after {@link releaseForSuccessor}, if no process took over.
   *
   * @throws PidFileError if another process holds it, or the file cannot be written
   */
  lock(): void {
    if (this.#options.pidFile == null) return;
    if (this.#state === 'new' || this.#state === 'closed') throw new DaemonContextError('the context is not open');
    const isFirst = this.#pidFile.fd === null;
    this.#pidFile.lock();
    if (!isFirst || this.#state !== 'open') return;
    this.#pidFile.publish();
    this.#pidFile.noticeFixed();
  }

  /**
   * Recreates a pid file that was removed, or creates one whose folder was missing.
   *
   * @returns whether it did
   * @throws PidFileError
   */
  keepPidFile(): boolean {
    return this.#state === 'open' && this.#pidFile.keep();
  }

  /** Sets the time of the pid file to now, as daemons do after reading their configuration again. */
  touchPidFile(): void {
    if (this.#state === 'open') this.#pidFile.touch();
  }

  /** Descriptor of the open pid file, for the process that takes over; null: none. */
  get pidFileFd(): number | null {
    return this.#pidFile.fd;
  }

  /** Releases the lock on the pid file but leaves the file, for the process that takes over. */
  releaseForSuccessor(): void {
    this.#pidFile.handOver();
  }

  /** Removes the pid file, or empties it, and removes the signal handlers. May be called more than once. */
  close(): void {
    if (this.#state === 'closed') return;
    this.#giveUp();
  }

  /**
   * Leaves the session, if requested; gives up first what the new process would inherit. Does not return in the command
   * that starts a daemon.
   */
  async #detach(pipe: ReadyPipe | null): Promise<Privileges> {
    const { user, group, rootDirectory, detach } = this.#options;
    const directory = rootDirectory ?? null;
    const privileges = planPrivileges({ user: toName(user), group: toName(group), directory });
    const stale = giveUpInheritable(privileges);
    if (pipe === null && (detach ?? wantsDetaching())) await this.#leave();
    if (pipe === null && stale) startAnew();
    this.#detached = pipe !== null;
    planCommandRoot(directory);
    return privileges;
  }

  async #leave(): Promise<never> {
    const { preserve, stdin, stdout } = this.#options;
    const ready = await startDetached({
      name: this.#name,
      preserve: preserve ?? [],
      inheritStdin: stdin === INHERIT,
      inheritStdout: stdout === INHERIT,
    });
    process.exit(ready ? 0 : 1);
  }

  /** What needs no `prepare`, and is undone at the end. */
  #begin(pipe: ReadyPipe | null): void {
    const { preserve, umask, coreDumps, pidFileLater, signals } = this.#options;
    if (coreDumps !== true) this.#forbidCoreDumps();
    if (pipe !== null) closeInherited([...(preserve ?? []), pipe.fd]);
    const before = process.umask(umask ?? DEFAULT_UMASK);
    this.#undo.push(
      () => process.umask(before),
      () => this.#pidFile.release(),
    );
    if (pidFileLater !== true) this.#lockFirst();
    this.#undo.push(handleSignals(signals ?? DEFAULT_SIGNALS, () => this.#terminate()));
  }

  #lockFirst(): void {
    if (this.#options.pidFileMayWait !== true) {
      this.#pidFile.lock();
      return;
    }
    const failure = this.#pidFile.tryLock();
    if (failure === null) return;
    if (this.#options.notice != null) printStderr(`${this.#name}: ${failure}\n`);
    this.#notice(failure);
  }

  /** What cannot be undone; finally the command is notified. */
  #finish(privileges: Privileges, pipe: ReadyPipe | null): void {
    // The starting command has reported a failure or was killed: then there must be no daemon.
    if (pipe?.isHeard() === false) throw new DaemonContextError(COMMAND_GONE);
    this.#settle(privileges);
    this.#pidFile.publish();
    if (pipe?.ready() === false) throw new DaemonContextError(COMMAND_GONE);
  }

  /** Sets privileges, working directory and streams to their final state. */
  #settle(privileges: Privileges): void {
    const { workingDirectory } = this.#options;
    const streams = new StandardStreams(this.#streamTargets());
    try {
      dropPrivileges(privileges, this.#notice);
      process.chdir(workingDirectory ?? '/');
    } catch (error) {
      streams.close();
      throw error;
    }
    this.#pidFile.noticeFixed();
    streams.putInPlace();
  }

  #sayWhyNot(pipe: ReadyPipe, error: unknown): void {
    pipe.failed((this.#options.explain ?? messageLine)(error));
    // The message is out; nothing more belongs on the terminal.
    this.#silence();
  }

  #streamTargets(): StreamTargets {
    const { stdin, stdout, stderr } = this.#options;
    const other = this.#detached ? NOWHERE : INHERIT;
    return [stdin ?? other, stdout ?? other, stderr ?? other];
  }

  #silence(): void {
    try {
      new StandardStreams([NOWHERE, NOWHERE, NOWHERE]).putInPlace();
    } catch {
      // Without /dev/null in a new root directory the message appears twice.
    }
  }

  #forbidCoreDumps(): void {
    try {
      forbidCoreDumps();
    } catch (error) {
      this.#notice(`cannot disable core dumps: ${errorText(error)}`);
    }
  }

  readonly #notice = (text: string): void => {
    const { notice } = this.#options;
    if (notice == null) printStderr(`${this.#name}: ${text}\n`);
    else notice(text);
  };

  #giveUp(): void {
    this.#state = 'closed';
    for (const step of this.#undo.splice(0).toReversed()) step();
  }

  #terminate(): never {
    this.close();
    process.exit(0);
  }
}

function toName(account: string | number | null | undefined): string | null {
  return account == null ? null : String(account);
}
