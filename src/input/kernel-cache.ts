/**
 * Remembers over restarts which records of the kernel's log were taken: `BOOT-ID SEQUENCE` in one line. A new
 * boot begins anew.
 */
import { closeSync, constants, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';

const BOOT_ID_FILE = '/proc/sys/kernel/random/boot_id';
/** Sequence numbers are written with leading zeros, so that a new one overwrites the whole old one. */
const DIGITS = 20;

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
  /** What a former daemon wrote may still be there. */
  #fresh = false;

  constructor(path: string, bootIdFile = BOOT_ID_FILE) {
    this.#path = path;
    this.#bootId = readText(bootIdFile);
  }

  /** @returns the last sequence number taken since this boot; -1: none. */
  read(): number {
    const [bootId, sequence] = readText(this.#path).split(' ');
    if (bootId === '' || bootId !== this.#bootId || sequence === undefined) return -1;
    const number = Number(sequence);
    return Number.isSafeInteger(number) ? number : -1;
  }

  /** Opens the file while that is allowed; what goes wrong is told by {@link write}. */
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
    const { O_CREAT, O_NOCTTY, O_WRONLY } = constants;
    return openSync(this.#path, O_WRONLY | O_CREAT | O_NOCTTY, 0o600);
  }

  close(): void {
    if (this.#fd !== -1) closeSync(this.#fd);
    this.#fd = -1;
  }
}
