/**
 * Keeps a socket or FIFO of the daemon at its path: it is made again when it disappears, and tried until that works.
 */
import type { Report } from '../output/output.ts';
import { SEVERITY } from '../protocol/priority.ts';
import { errorText } from '../sys/call/error-text.ts';
import type { PathWatcher } from '../sys/file/path-watch.ts';

/** Between two attempts to make it again. */
const RETRY_MS = 5000;

export interface KeptPathOptions {
  readonly path: string;
  /** For the log: it has been made again; or it cannot be, for the time being. */
  readonly madeAgain: string;
  readonly isGone: (reason: string) => string;
  readonly watcher: PathWatcher;
  readonly report: Report;
  readonly retryMs: number | undefined;
  /** Makes it where it is gone. @returns whether it was gone. @throws the reason why it cannot be made */
  readonly restore: () => Promise<boolean> | boolean;
}

export class KeptPath {
  readonly #options: KeptPathOptions;
  readonly #unwatch: () => void;
  #state: 'there' | 'retrying' | 'closed' = 'there';
  #retry: NodeJS.Timeout | null = null;
  /** The path is being looked at; it is to be looked at once more. */
  #looking = false;
  #lookAgain = false;

  /** It is there; looks at once, since something may have happened between the making and the watch. */
  constructor(options: KeptPathOptions) {
    this.#options = options;
    this.#unwatch = options.watcher.watch(options.path, () => void this.#look());
    void this.#look();
  }

  /** The path is no longer the caller's concern. */
  close(): void {
    this.#state = 'closed';
    this.#unwatch();
    if (this.#retry !== null) clearTimeout(this.#retry);
  }

  /** Something happened to the path, or it is time to try again. */
  async #look(): Promise<void> {
    this.#lookAgain = true;
    if (this.#looking) return;
    this.#looking = true;
    while (this.#lookAgain && !this.#isClosed()) {
      this.#lookAgain = false;
      await this.#restore();
    }
    this.#looking = false;
  }

  /** A look at the state that the compiler does not narrow: it changes while something is awaited. */
  #isClosed(): boolean {
    return this.#state === 'closed';
  }

  async #restore(): Promise<void> {
    const { madeAgain, report, restore } = this.#options;
    try {
      const wasGone = await restore();
      if (this.#isClosed()) return;
      this.#state = 'there';
      if (wasGone) report(SEVERITY.notice, madeAgain);
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    const { isGone, report, retryMs } = this.#options;
    if (this.#isClosed()) return;
    if (this.#state !== 'retrying') report(SEVERITY.warning, isGone(errorText(error)));
    this.#state = 'retrying';
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = setTimeout(() => void this.#look(), retryMs ?? RETRY_MS).unref();
  }
}
