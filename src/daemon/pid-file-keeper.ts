/**
 * Keeps the pid file in place: recreates it when it was removed, and creates it when its folder appears.
 */
import type { Report } from '../output/output.ts';
import { SEVERITY } from '../protocol/priority.ts';
import { PathWatcher } from '../sys/file/path-watch.ts';
import { PidFileError } from '../process/pid-file.ts';

const RETRY_MS = 1000;

export interface PidFileKeeperOptions {
  readonly path: string;
  /** Checks, and creates it if it is missing. @returns whether it was created. @throws PidFileError */
  readonly keep: () => boolean;
  readonly report: Report;
  /** It could not be created at the start, and that was reported. */
  readonly isMissing: boolean;
}

export class PidFileKeeper {
  readonly #options: PidFileKeeperOptions;
  readonly #watcher = new PathWatcher();
  #retry: NodeJS.Timeout | null = null;
  #failing: boolean;

  constructor(options: PidFileKeeperOptions) {
    this.#options = options;
    this.#failing = options.isMissing;
  }

  /** Checks at once, and whenever something happens to the path, as long as the process lives. */
  start(): void {
    this.#watcher.watch(this.#options.path, () => this.#look());
    this.#look();
  }

  #look(): void {
    const { path, keep, report } = this.#options;
    try {
      if (keep()) report(SEVERITY.notice, `pid file "${path}" was missing and was created`);
      this.#failing = false;
      if (this.#retry !== null) clearInterval(this.#retry);
      this.#retry = null;
    } catch (error) {
      if (!(error instanceof PidFileError)) throw error;
      if (!this.#failing) report(SEVERITY.warning, `pid file "${path}" is missing: ${error.message}: retrying`);
      this.#failing = true;
      this.#retry ??= setInterval(() => this.#look(), RETRY_MS).unref();
    }
  }
}
