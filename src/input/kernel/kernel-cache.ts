/**
 * Remembers across restarts which records of the kernel's log were read: `BOOT-ID SEQUENCE` in one line. A new boot
 * starts over.
 *
 * Overwrites only an empty file, or one that this class has written: in OpenBSD `-C` names a certificate.
 */
import { closeSync, constants, ftruncateSync, readFileSync, readSync, writeSync } from 'node:fs';
import { NotRegularError, openSafely } from '../../sys/file/open-safely.ts';
import { InputError } from '../input.ts';

const BOOT_ID_FILE = '/proc/sys/kernel/random/boot_id';
/** Sequence numbers are written with leading zeros, so that a new one overwrites the whole old one. */
const DIGITS = 20;
/** What may be overwritten. NULs are what a power failure leaves of a line. */
const OWN = /^(?:[!-~]{0,40} \d{20}\n|\0*)$/;
/** Longer than any line. */
const LOOK_BYTES = 128;
const MODE = 0o600;

function readText(path: string): string {
  try {
    return readFileSync(path, 'latin1').trim();
  } catch {
    return '';
  }
}

export class KernelCache {
  readonly #path: string;
  readonly #bootId: string;
  #fd = -1;
  /** The file may still hold what an earlier daemon wrote. */
  #fresh = false;

  constructor(path: string, bootIdFile = BOOT_ID_FILE) {
    this.#path = path;
    this.#bootId = readText(bootIdFile);
  }

  /** @returns the last sequence number read since this boot; -1: none */
  read(): number {
    const [bootId, sequence] = this.#readLine().split(' ');
    if (bootId === '' || bootId !== this.#bootId || sequence === undefined) return -1;
    const number = Number(sequence);
    return Number.isSafeInteger(number) ? number : -1;
  }

  /** @throws InputError where the file is not a cache; {@link write} throws all other errors */
  check(): void {
    try {
      closeSync(this.#openOwn(null));
    } catch (error) {
      if (error instanceof InputError) throw error;
    }
  }

  /** Opens the file before privileges are dropped. Never throws: {@link write} tries again. */
  prepare(): void {
    try {
      if (this.#fd === -1) this.#fd = this.#open();
    } catch {
      // Tried again with the first record.
    }
  }

  /** @throws the system's error */
  write(sequence: number): void {
    if (this.#fd === -1) this.#fd = this.#open();
    const line = `${this.#bootId} ${String(sequence).padStart(DIGITS, '0')}\n`;
    writeSync(this.#fd, line, 0);
    if (this.#fresh) ftruncateSync(this.#fd, line.length);
    this.#fresh = false;
  }

  #open(): number {
    this.#fresh = true;
    return this.#openOwn(MODE);
  }

  /** @param mode of a file that is made; null: none is made */
  #openOwn(mode: number | null): number {
    try {
      const { fd } = openSafely(this.#path, constants.O_RDWR, mode);
      if (isOwn(fd)) return fd;
      closeSync(fd);
    } catch (error) {
      if (!(error instanceof NotRegularError)) throw error;
    }
    throw new InputError(`"${this.#path}" is not a kernel log cache: expected one, or no file`);
  }

  #readLine(): string {
    try {
      const { fd } = openSafely(this.#path, constants.O_RDONLY, null);
      try {
        return readBegin(fd).trim();
      } finally {
        closeSync(fd);
      }
    } catch {
      return '';
    }
  }

  close(): void {
    if (this.#fd !== -1) closeSync(this.#fd);
    this.#fd = -1;
  }
}

function isOwn(fd: number): boolean {
  return OWN.test(readBegin(fd));
}

/** No more than one line: the file may be something else. */
function readBegin(fd: number): string {
  const found = Buffer.alloc(LOOK_BYTES);
  return found.toString('latin1', 0, readSync(fd, found, 0, found.length, 0));
}
