/**
 * The pid file and the write lock on it, by which there is one daemon only. Source: fcntl(2), daemon(7).
 *
 * Nothing else in this process may open and close that file: the first close of any descriptor of it would
 * release the lock.
 */
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  type Stats,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { errorText } from '../sys/error-text.ts';
import { nativeAvailable } from '../sys/native.ts';
import { lockOwner, tryWriteLock } from '../sys/record-lock.ts';

const MODE = 0o644;

/** The pid file cannot be had; the message is for the operator. */
export class PidFileError extends Error {
  override readonly name = 'PidFileError';
}

export class PidFile {
  readonly path: string;
  readonly #fd: number;

  private constructor(path: string, fd: number) {
    this.path = path;
    this.#fd = fd;
  }

  /**
   * Takes the lock and writes the pid.
   *
   * @throws PidFileError where another process holds it, or the file cannot be written
   */
  static acquire(path: string): PidFile {
    for (;;) {
      const before = PidFile.#look(path);
      const fd = PidFile.#open(path);
      if (!fstatSync(fd).isFile()) {
        closeSync(fd);
        continue;
      }
      const owner = PidFile.#otherOwner(path, fd);
      if (owner !== null) {
        closeSync(fd);
        throw new PidFileError(`already running, pid ${owner}`);
      }
      // Its last owner may have removed the file between our open and our lock.
      if (PidFile.#isAt(path, fd)) {
        PidFile.#write(path, fd, before === null);
        return new PidFile(path, fd);
      }
      closeSync(fd);
    }
  }

  /** Removes the file, if it is still ours, and then releases the lock. */
  release(): void {
    try {
      if (PidFile.#isAt(this.path, this.#fd)) unlinkSync(this.path);
    } catch {
      // Its directory may have become read-only or forbidden; a file without lock does no harm.
    }
    closeSync(this.#fd);
  }

  /** Takes the lock. @returns who has it instead of us. */
  static #otherOwner(path: string, fd: number): string | null {
    if (!nativeAvailable().ok) return PidFile.#livingOwner(path);
    if (tryWriteLock(fd)) return null;
    const pid = lockOwner(fd);
    return pid === null || pid <= 0 ? PidFile.#written(path) : String(pid);
  }

  /** Without native calls there is no lock: a daemon lives if its pid does and is one of ours. Source: proc(5). */
  static #livingOwner(path: string): string | null {
    const pid = PidFile.#written(path);
    try {
      return readFileSync(`/proc/${Number(pid)}/cmdline`, 'latin1').includes('tsyslogd') ? pid : null;
    } catch {
      return null;
    }
  }

  /**
   * What is there before we open it: devices may act on an open already.
   *
   * @returns null: nothing, or nothing that we may see
   */
  static #look(path: string): Stats | null {
    let stat: Stats;
    try {
      stat = statSync(path);
    } catch {
      return null;
    }
    if (!stat.isFile()) throw new PidFileError(`cannot use pid file "${path}": is not a regular file`);
    return stat;
  }

  static #open(path: string): number {
    const { O_RDWR, O_CREAT, O_NOCTTY, O_NONBLOCK } = constants;
    try {
      return openSync(path, O_RDWR | O_CREAT | O_NOCTTY | O_NONBLOCK, MODE);
    } catch (error) {
      throw new PidFileError(`cannot open pid file "${path}": ${errorText(error)}`);
    }
  }

  /** @param made the file is ours alone: it is removed again if nothing can be written */
  static #write(path: string, fd: number, made: boolean): void {
    try {
      ftruncateSync(fd, 0);
      writeSync(fd, `${process.pid}\n`, 0);
    } catch (error) {
      if (made) unlinkSync(path);
      closeSync(fd);
      throw new PidFileError(`cannot write pid file "${path}": ${errorText(error)}`);
    }
  }

  static #written(path: string): string {
    try {
      return readFileSync(path, 'latin1').trim() || 'unknown';
    } catch {
      return 'unknown';
    }
  }

  static #isAt(path: string, fd: number): boolean {
    try {
      const there = statSync(path);
      const ours = fstatSync(fd);
      return there.dev === ours.dev && there.ino === ours.ino;
    } catch {
      return false;
    }
  }
}
