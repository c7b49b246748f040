/**
 * Keeps a socket or FIFO of the daemon at its path: recreates it when it disappears, retrying until that works.
 */
import type { Report } from '../output/output.ts';
import { SEVERITY } from '../protocol/priority.ts';
import { errorText } from '../sys/call/error-text.ts';
import type { PathWatcher } from '../sys/file/path-watch.ts';

/** Time between two attempts to recreate it. */
const RETRY_MS = 5000;

export interface KeptPathOptions {
  readonly path: string;
  /** For the log: it has been recreated, or it cannot be for now. */
  readonly madeAgain: string;
  readonly isGone: (reason: string) => string;
  readonly watcher: PathWatcher;
  readonly report: Report;
  readonly retryMs: number | undefined;
  /** Recreates it if it is gone. @returns whether it was gone. @throws the reason if it cannot be created */
  readonly restore: () => Promise<boolean> | boolean;
}

export class KeptPath {
  readonly #options: KeptPathOptions;
  readonly #unwatch: () => void;
  #state: 'there' | 'retrying' | 'closed' = 'there';
  #retry: NodeJS.Timeout | null = null;
  /** A check is in progress, or another one is needed after it. */
  #looking = false;
  #lookAgain = false;

  /** It exists; checks at once, since something may have happened between its creation and the watch. */
  constructor(options: KeptPathOptions) {
    this.#options = options;
    this.#unwatch = options.watcher.watch(options.path, () => void this.#look());
    void this.#look();
  }

  /** Stops keeping the path. */
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

  /** Reads the state without narrowing by the compiler: it changes during an await. */
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
