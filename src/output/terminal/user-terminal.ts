/**
 * Texts on their way to one terminal of a user. It is opened for them and closed again, and never waited for: a
 * terminal that takes nothing for {@link PATIENCE_MS} is given up, and so is what it was sent.
 */
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { isatty } from 'node:tty';
import { errorCode, errorText } from '../../sys/call/error-text.ts';
import { inRoot } from '../../sys/call/root-directory.ts';

const { O_NOCTTY, O_NOFOLLOW, O_NONBLOCK, O_WRONLY } = constants;
const PATIENCE_MS = 1000;
const ATTEMPT_MS = 20;
/** Maximum bytes waiting for one terminal. */
const PENDING_BYTES = 64 * 1024;

/** The session has ended, or its record does not name a terminal. */
const STALE: ReadonlySet<string> = new Set(['EIO', 'EISDIR', 'ENODEV', 'ENOENT', 'ENOTDIR', 'ENXIO', 'ELOOP']);

/** What happened to the texts for one terminal. */
export interface Delivery {
  readonly terminal: string;
  /** Texts that it took. */
  readonly written: number;
  /** Texts that it did not take whole. */
  readonly lost: number;
  /** Why; null if nothing was lost. */
  readonly reason: string | null;
}

export class UserTerminal {
  readonly #path: string;
  readonly #neededMode: number;
  #texts: Buffer[] = [];
  #bytes = 0;
  #refused = 0;
  #written = 0;

  /** @param neededMode permission bits that a terminal must have to take messages */
  constructor(path: string, neededMode: number) {
    this.#path = path;
    this.#neededMode = neededMode;
  }

  /** Refuses a text if too much is waiting; {@link deliver} counts it. */
  add(text: Buffer): void {
    if (this.#bytes >= PENDING_BYTES) this.#refused++;
    else {
      this.#texts.push(text);
      this.#bytes += text.length;
    }
  }

  /** Texts waiting. */
  get waiting(): number {
    return this.#texts.length;
  }

  /**
   * Writes everything that was added, including what is added meanwhile; later additions need another call. Never
   * fails.
   */
  async deliver(): Promise<Delivery> {
    let handle: FileHandle | null = null;
    try {
      handle = await open(inRoot(this.#path), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);
      const { mode } = await handle.stat();
      if (isatty(handle.fd) && (mode & this.#neededMode) === this.#neededMode) return await this.#writeAll(handle);
      return this.#over(0, null);
    } catch (error) {
      const stale = STALE.has(errorCode(error));
      return this.#over(stale ? 0 : this.#texts.length + this.#refused, stale ? null : errorText(error));
    } finally {
      await handle?.close().catch(() => undefined);
    }
  }

  async #writeAll(handle: FileHandle): Promise<Delivery> {
    for (let text = this.#texts[0]; text !== undefined; text = this.#texts[0]) {
      if (!(await writeText(handle, text)))
        return this.#over(this.#texts.length + this.#refused, 'it accepts no output');
      this.#texts.shift();
      this.#written++;
      this.#bytes -= text.length;
    }
    return this.#over(this.#refused, this.#refused > 0 ? 'it accepts output too slowly' : null);
  }

  #over(lost: number, reason: string | null): Delivery {
    this.#texts = [];
    this.#bytes = 0;
    this.#refused = 0;
    const written = this.#written;
    this.#written = 0;
    return { terminal: this.#path, written, lost, reason };
  }
}

/** @returns false if the terminal took nothing for too long; throws the system's error */
async function writeText(handle: FileHandle, text: Buffer): Promise<boolean> {
  let triedMs = 0;
  for (let at = 0; at < text.length; ) {
    const written = await tryWrite(handle, text, at);
    at += written;
    if (written > 0) triedMs = 0;
    else if (triedMs >= PATIENCE_MS) return false;
    else {
      triedMs += ATTEMPT_MS;
      await new Promise((resolve) => setTimeout(resolve, ATTEMPT_MS));
    }
  }
  return true;
}

async function tryWrite(handle: FileHandle, text: Buffer, at: number): Promise<number> {
  try {
    return (await handle.write(text, at)).bytesWritten;
  } catch (error) {
    if (errorCode(error) === 'EAGAIN') return 0;
    throw error;
  }
}
