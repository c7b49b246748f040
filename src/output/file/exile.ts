/**
 * A file that is still written to although its path names another file, or none, because the remaining privileges do
 * not permit opening or creating that. Reports the beginning and the end; meanwhile retries the path.
 */
import { fstat } from 'node:fs';
import { promisify } from 'node:util';
import { SEVERITY } from '../../protocol/priority.ts';
import { errorText, isForbidden } from '../../sys/call/error-text.ts';
import type { OpenTarget } from '../target/open-target.ts';
import type { Report } from '../output.ts';

/** Time between two attempts to open the path. */
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
   * @returns whether to keep writing to that: it has a name somewhere, and permission is what is missing
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

  /** The file or its output is given up. */
  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#told = false;
  }
}

/** @returns false for a file that was removed: nobody would find what is written to it */
async function hasName(target: OpenTarget): Promise<boolean> {
  if (target.kind !== 'regular') return true;
  try {
    return (await fstatAsync(target.fd)).nlink > 0;
  } catch {
    return false;
  }
}
