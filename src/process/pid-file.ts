/**
 * The pid file and the write lock on it, which ensure that there is only one daemon. Source: fcntl(2), daemon(7).
 *
 * Nothing else in this process may open and close that file: the first close of any descriptor of it would release the
 * lock.
 */
import { closeSync, constants, fstatSync, ftruncateSync, unlinkSync, writeSync } from 'node:fs';
import { errorCode, errorText } from '../sys/call/error-text.ts';
import { OperatorError } from '../sys/call/errors.ts';
import { NOT_REGULAR, NotRegularError, type OpenedFile, openSafely } from '../sys/file/open-safely.ts';
import { whyFixed } from '../sys/file/path-access.ts';
import { withSpotSync } from '../sys/file/spot.ts';
import { hasLocks, readBeginning, releaseLock, takeLock } from './pid-lock.ts';

const MODE = 0o644;
/** Content that may be overwritten: a pid, or nothing; NULs are what a power failure leaves of it. */
const OWN = /^(?:\s*\d{0,10}\s*|\0*)$/;

/** Another root directory, or given up rights: they say nothing about what is at the path. */
const UNSEEN: ReadonlySet<string> = new Set(['EOUTSIDE', 'EACCES']);

/** The pid file cannot be had; the message is for the operator. */
export class PidFileError extends OperatorError {
  override readonly name = 'PidFileError';
}

export class PidFile {
  readonly path: string;
  /** See {@link takeLock}. */
  readonly #program: string;
  /** -1: released. */
  #fd: number;
  #handedOver = false;
  /** Another process created it, and gets it back if this one does not reach {@link publish}. */
  #adopted: boolean;
  #published = false;

  private constructor(path: string, program: string, fd: number, adopted: boolean) {
    this.path = path;
    this.#program = program;
    this.#fd = fd;
    this.#adopted = adopted;
    // Without locks only the pid keeps a second process from starting.
    if (!hasLocks()) this.publish();
  }

  /**
   * Takes the lock, and empties what a crash left: {@link publish} writes the pid.
   *
   * @param program part of the command line by which another instance is recognized if there are no locks
   * @throws PidFileError if another process holds it, or the file cannot be written
   */
  static acquire(path: string, program = 'tsyslogd'): PidFile {
    return new PidFile(path, program, openLocked(path, program), false);
  }

  /**
   * Takes the file over from the previous process, which has released its lock: by its descriptor, since this process
   * may lack the privileges to open it.
   *
   * @throws PidFileError, also if the lock is not released yet; the descriptor stays open then
   */
  static takeOver(path: string, fd: number, program = 'tsyslogd'): PidFile {
    refuseOther(takeLock(fd, program));
    if (!isAt(path, fd)) return PidFile.acquire(path, program);
    return new PidFile(path, program, fd, true);
  }

  /** Null: released. */
  get fd(): number | null {
    return this.#fd === -1 ? null : this.#fd;
  }

  /** Writes the pid, which others may wait for: the daemon is ready. @throws PidFileError */
  publish(): void {
    if (this.#fd === -1 || this.#published) return;
    this.#write();
    this.#published = true;
  }

  /**
   * Recreates a file that was removed, and takes its lock.
   *
   * @returns whether it did
   * @throws PidFileError if it cannot be created, or another process has it
   */
  keep(): boolean {
    if (this.#fd === -1 || this.#handedOver || !isGone(this.path, this.#fd)) return false;
    this.#replace();
    return true;
  }

  /** Its time shows the last reload. Never fails: nothing depends on it. */
  touch(): void {
    if (this.#fd === -1 || this.#handedOver) return;
    try {
      // The same content again: only the owner may set the time, but writing also updates it.
      writeSync(this.#fd, pidLine(), 0);
    } catch {
      // Its content is right anyway.
    }
  }

  /**
   * Removes the file if it is still ours, then releases the lock. A file that can no longer be removed is emptied:
   * without lock and pid it blocks nothing and says nothing wrong. One that was handed over is left alone.
   */
  release(): void {
    if (this.#fd === -1) return;
    const isOthers = this.#handedOver || (this.#adopted && !this.#published);
    if (!isOthers && !remove(this.path, this.#fd)) empty(this.#fd);
    closeSync(this.#fd);
    this.#fd = -1;
  }

  /** Releases the lock but leaves the file for the process that takes over, which writes its own pid to it. */
  handOver(): void {
    if (this.#fd === -1 || this.#handedOver) return;
    this.#handedOver = true;
    releaseLock(this.#fd);
  }

  /**
   * Takes back what was handed over, by the descriptor that is still open: the privileges to open the file may be gone.
   *
   * @throws PidFileError if another process has it now, or it was removed and cannot be recreated
   */
  takeBack(): void {
    if (this.#fd === -1 || !this.#handedOver) return;
    if (hasLocks()) refuseOther(takeLock(this.#fd, this.#program));
    this.#handedOver = false;
    if (fstatSync(this.#fd).nlink === 0) this.#replace();
    else this.#write();
  }

  /** @returns why {@link release} could not remove the file, or null */
  whyFixed(): string | null {
    return this.#fd === -1 ? null : whyFixed(this.path);
  }

  #replace(): void {
    const fd = openLocked(this.path, this.#program);
    closeSync(this.#fd);
    this.#fd = fd;
    this.#adopted = false;
    this.#write();
  }

  #write(): void {
    try {
      ftruncateSync(this.#fd, 0);
      writeSync(this.#fd, pidLine(), 0);
    } catch (error) {
      throw new PidFileError(`cannot write pid file "${this.path}": ${errorText(error)}`);
    }
  }
}

function pidLine(): string {
  return `${process.pid}\n`;
}

/** @throws PidFileError */
function refuseOther(owner: string | null): void {
  if (owner !== null) throw new PidFileError(`already running, pid ${owner}`);
}

/** @returns the descriptor of an empty, locked file. @throws PidFileError */
function openLocked(path: string, program: string): number {
  for (;;) {
    const { fd, made } = obtain(path);
    try {
      refuseOther(takeLock(fd, program));
      // Its last owner may have removed the file between our open and our lock.
      if (isAt(path, fd)) {
        refuseForeign(path, fd);
        if (!made) ftruncateSync(fd, 0);
        return fd;
      }
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    closeSync(fd);
  }
}

function obtain(path: string): OpenedFile {
  try {
    return openSafely(path, constants.O_RDWR, MODE);
  } catch (error) {
    if (error instanceof NotRegularError || errorCode(error) === 'EISDIR')
      throw new PidFileError(`cannot use pid file "${path}": ${NOT_REGULAR}`);
    throw new PidFileError(`cannot open pid file "${path}": ${errorText(error)}`, { cause: error });
  }
}

/** In other daemons `-P` names a file to read. @throws PidFileError */
function refuseForeign(path: string, fd: number): void {
  if (!OWN.test(readBeginning(fd))) throw new PidFileError(`"${path}" is not a pid file: expected one, or no file`);
}

function isAt(path: string, fd: number): boolean {
  try {
    const ours = fstatSync(fd);
    return withSpotSync(path, 'follow', ({ stats }) => stats?.dev === ours.dev && stats.ino === ours.ino);
  } catch {
    return false;
  }
}

/** Where the path cannot be looked at any more, what tells is whether the file still has a name. */
function isGone(path: string, fd: number): boolean {
  try {
    const ours = fstatSync(fd);
    if (ours.nlink === 0) return true;
    return withSpotSync(path, 'follow', ({ stats }) => stats?.dev !== ours.dev || stats.ino !== ours.ino);
  } catch (error) {
    return !UNSEEN.has(errorCode(error) ?? '');
  }
}

/** @returns whether the file is no longer there */
function remove(path: string, fd: number): boolean {
  try {
    const ours = fstatSync(fd);
    withSpotSync(path, 'follow', ({ at, stats }) => {
      if (stats?.dev === ours.dev && stats.ino === ours.ino) unlinkSync(at);
    });
    return fstatSync(fd).nlink === 0;
  } catch {
    return false;
  }
}

/** Without locks another process may have written its own pid. */
function empty(fd: number): void {
  try {
    if (readBeginning(fd) === pidLine()) ftruncateSync(fd, 0);
  } catch {
    // Left as it is: without a lock it does no harm.
  }
}
