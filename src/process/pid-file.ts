/**
 * The pid file and the write lock on it, by which there is one daemon only. Source: fcntl(2), daemon(7).
 *
 * Nothing else in this process may open and close that file: the first close of any descriptor of it would
 * release the lock.
 */
import { closeSync, constants, fstatSync, ftruncateSync, readFileSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { errorCode, errorText } from '../sys/call/error-text.ts';
import { OperatorError } from '../sys/call/errors.ts';
import { NOT_REGULAR, NotRegularError, type OpenedFile, openSafely } from '../sys/file/open-safely.ts';
import { withSpotSync } from '../sys/file/spot.ts';
import { nativeAvailable } from '../sys/call/native.ts';
import { whyFixed } from '../sys/file/path-access.ts';
import { lockOwner, tryWriteLock, unlock } from '../sys/file/record-lock.ts';

const MODE = 0o644;
/** What is written over: a pid, or nothing; NULs are what a power failure leaves of it. */
const OWN = /^(?:\s*\d{0,10}\s*|\0*)$/;
/** Longer than any pid. */
const LOOK_BYTES = 64;

/** The pid file cannot be had; the message is for the operator. */
export class PidFileError extends OperatorError {
  override readonly name = 'PidFileError';
}

export class PidFile {
  readonly path: string;
  #fd: number;
  #handedOver = false;
  /** Another process made it, and has it back where this one does not get so far as to {@link publish}. */
  #adopted = false;
  #published = false;

  private constructor(path: string, fd: number) {
    this.path = path;
    this.#fd = fd;
    // Without locks the pid is all that keeps a second process from starting.
    if (!nativeAvailable().ok) this.publish();
  }

  /**
   * Takes the lock, and empties what a crash left: the pid comes with {@link publish}.
   *
   * @param program part of the command line by which another instance is known where there are no locks
   * @throws PidFileError where another process holds it, or the file cannot be written
   */
  static acquire(path: string, program = 'tsyslogd'): PidFile {
    for (;;) {
      const { fd, made } = PidFile.#obtain(path);
      const owner = PidFile.#otherOwner(fd, program);
      if (owner !== null) {
        closeSync(fd);
        throw new PidFileError(`already running, pid ${owner}`);
      }
      // Its last owner may have removed the file between our open and our lock.
      if (PidFile.#isAt(path, fd)) {
        PidFile.#refuseForeign(path, fd);
        if (!made) ftruncateSync(fd, 0);
        return new PidFile(path, fd);
      }
      closeSync(fd);
    }
  }

  /**
   * Takes the file over from the process before this one, which has released its lock: by its descriptor, since the
   * rights of this process may not suffice to open it.
   *
   * @throws PidFileError, also where the lock is not released yet; the descriptor stays open then
   */
  static takeOver(path: string, fd: number, program = 'tsyslogd'): PidFile {
    const owner = PidFile.#otherOwner(fd, program);
    if (owner !== null) throw new PidFileError(`already running, pid ${owner}`);
    if (!PidFile.#isAt(path, fd)) return PidFile.acquire(path, program);
    const file = new PidFile(path, fd);
    file.#adopted = true;
    return file;
  }

  /** Writes the pid, for whoever waits for it: the daemon is ready. @throws PidFileError */
  publish(): void {
    if (this.#fd === -1 || this.#published) return;
    this.#write();
    this.#published = true;
  }

  /**
   * Makes the file again where it was removed, and takes its lock.
   *
   * @returns whether that was so
   * @throws PidFileError where it cannot be made, or another process has it
   */
  keep(program = 'tsyslogd'): boolean {
    if (this.#fd === -1 || this.#handedOver || PidFile.#isAt(this.path, this.#fd)) return false;
    this.#replace(program);
    return true;
  }

  /** Its time is that of the last reload. Never fails: it is for who looks. */
  touch(): void {
    if (this.#fd === -1 || this.#handedOver) return;
    try {
      // The same again: setting its time needs to be its owner, writing does not.
      writeSync(this.#fd, `${process.pid}\n`, 0);
    } catch {
      // What it says is right all the same.
    }
  }

  #replace(program: string): void {
    const { fd } = PidFile.acquire(this.path, program).#detach();
    this.#close();
    this.#fd = fd;
    this.#adopted = false;
    this.#write();
  }

  #detach(): { readonly fd: number } {
    const fd = this.#fd;
    this.#fd = -1;
    return { fd };
  }

  #write(): void {
    try {
      ftruncateSync(this.#fd, 0);
      writeSync(this.#fd, `${process.pid}\n`, 0);
    } catch (error) {
      throw new PidFileError(`cannot write pid file "${this.path}": ${errorText(error)}`);
    }
  }

  /** Null: released. */
  get fd(): number | null {
    return this.#fd === -1 ? null : this.#fd;
  }

  /**
   * Removes the file, if it is still ours, and then releases the lock. A file that cannot be removed any more is
   * emptied: without lock and without pid it is no obstacle and says nothing wrong. One that was handed over is left
   * alone.
   */
  release(): void {
    if (this.#fd === -1) return;
    const isOthers = this.#handedOver || (this.#adopted && !this.#published);
    if (!isOthers && !PidFile.#remove(this.path, this.#fd)) PidFile.#empty(this.#fd);
    this.#close();
  }

  /** Releases the lock and leaves the file, for the process that takes over: that writes its own pid into it. */
  handOver(): void {
    if (this.#fd === -1 || this.#handedOver) return;
    this.#handedOver = true;
    if (nativeAvailable().ok) unlock(this.#fd);
  }

  /**
   * Takes back what was handed over, with the descriptor that is still open: the rights to open the file anew may
   * have been given up.
   *
   * @throws PidFileError where another process has it now, or it was removed and cannot be made again
   */
  takeBack(program = 'tsyslogd'): void {
    if (this.#fd === -1 || !this.#handedOver) return;
    const owner = nativeAvailable().ok ? PidFile.#otherOwner(this.#fd, program) : null;
    if (owner !== null) throw new PidFileError(`already running, pid ${owner}`);
    this.#handedOver = false;
    if (fstatSync(this.#fd).nlink === 0) this.#replace(program);
    else this.#write();
  }

  /** @returns why {@link release} would not be able to remove the file, or null */
  whyFixed(): string | null {
    return this.#fd === -1 ? null : whyFixed(this.path);
  }

  #close(): void {
    closeSync(this.#fd);
    this.#fd = -1;
  }

  /** @returns whether the file is no longer there */
  static #remove(path: string, fd: number): boolean {
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

  /** Another process may have written its own pid where there are no locks. */
  static #empty(fd: number): void {
    const own = Buffer.from(`${process.pid}\n`);
    const found = Buffer.alloc(own.length + 1);
    try {
      if (readSync(fd, found, 0, found.length, 0) === own.length && found.subarray(0, own.length).equals(own))
        ftruncateSync(fd, 0);
    } catch {
      // It stays as it is: without lock it does no harm.
    }
  }

  /** Takes the lock. @returns who has it instead of us. */
  static #otherOwner(fd: number, program: string): string | null {
    if (!nativeAvailable().ok) return PidFile.#livingOwner(fd, program);
    if (tryWriteLock(fd)) return null;
    const pid = lockOwner(fd);
    return pid === null || pid <= 0 ? PidFile.#written(fd) : String(pid);
  }

  /** Without native calls there is no lock: a daemon lives if its pid does and is one of ours. Source: proc(5). */
  static #livingOwner(fd: number, program: string): string | null {
    const pid = PidFile.#written(fd);
    try {
      return readFileSync(`/proc/${Number(pid)}/cmdline`, 'latin1').includes(program) ? pid : null;
    } catch {
      return null;
    }
  }

  static #obtain(path: string): OpenedFile {
    try {
      return openSafely(path, constants.O_RDWR, MODE);
    } catch (error) {
      if (error instanceof NotRegularError || errorCode(error) === 'EISDIR')
        throw new PidFileError(`cannot use pid file "${path}": ${NOT_REGULAR}`);
      throw new PidFileError(`cannot open pid file "${path}": ${errorText(error)}`, { cause: error });
    }
  }

  /** In other daemons `-P` names a file that is read. @throws PidFileError */
  static #refuseForeign(path: string, fd: number): void {
    const found = Buffer.alloc(LOOK_BYTES);
    if (OWN.test(found.toString('latin1', 0, readSync(fd, found, 0, found.length, 0)))) return;
    closeSync(fd);
    throw new PidFileError(`"${path}" is not a pid file: expected one, or no file there`);
  }

  static #written(fd: number): string {
    const text = Buffer.alloc(LOOK_BYTES);
    try {
      return text.toString('latin1', 0, readSync(fd, text, 0, text.length, 0)).trim() || 'unknown';
    } catch {
      return 'unknown';
    }
  }

  static #isAt(path: string, fd: number): boolean {
    try {
      const ours = fstatSync(fd);
      return withSpotSync(path, 'follow', ({ stats }) => stats?.dev === ours.dev && stats.ino === ours.ino);
    } catch {
      return false;
    }
  }
}
