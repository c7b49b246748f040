/**
 * A file that is written on to though its path names another one, or none, because the rights that are left do not
 * suffice to open or make that. Told when it begins and when it ends; meanwhile the path is tried again and again.
 */
import { fstat } from 'node:fs';
import { promisify } from 'node:util';
import { SEVERITY } from '../../protocol/priority.ts';
import { errorText, isForbidden } from '../../sys/call/error-text.ts';
import type { OpenTarget } from '../target/open-target.ts';
import type { Report } from '../output.ts';

/** Between two attempts to open the path. */
const RETRY_MS = 1000;

const fstatAsync = promisify(fstat);

export class Exile {
  readonly #label: string;
  readonly #report: Report;
  readonly #retry: () => void;
  #timer: NodeJS.Timeout | null = null;
  #told = false;

  constructor(label: string, report: Report, retry: () => void) {
    this.#label = label;
    this.#report = report;
    this.#retry = retry;
  }

  /**
   * The path could not be opened.
   *
   * @param current what is still open
   * @returns whether to write on to that: it has a name somewhere, and it is rights that are missing
   */
  async begins(current: OpenTarget | null, error: unknown): Promise<boolean> {
    const stays = current !== null && isForbidden(error) && (await hasName(current));
    if (!stays) {
      this.close();
      return false;
    }
    if (!this.#told) {
      const reason = errorText(error);
      this.#report(SEVERITY.err, `cannot open ${this.#label}: ${reason}: still writing to the old file`);
    }
    this.#told = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#retry, RETRY_MS).unref();
    return true;
  }

  /** The path is open again. */
  ends(): void {
    if (this.#told) this.#report(SEVERITY.notice, `writing to ${this.#label} again`);
    this.close();
  }

  /** The file is given up, or its output is. */
  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#told = false;
  }
}

/** @returns false for a file that was removed: nobody would find what is written there */
async function hasName(target: OpenTarget): Promise<boolean> {
  if (target.kind !== 'regular') return true;
  try {
    return (await fstatAsync(target.fd)).nlink > 0;
  } catch {
    return false;
  }
}
