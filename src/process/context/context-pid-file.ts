/**
 * The pid file of a context: taken at the beginning or later, published when the daemon is ready, kept in place, handed
 * over.
 */
import { errorCode } from '../../sys/call/error-text.ts';
import { PidFile, PidFileError } from '../pid-file.ts';

export interface PidFileSettings {
  /** Name by which another instance is recognized if there are no locks. */
  readonly program: string;
  /** Null: the daemon has none. */
  readonly path: string | null;
  /** The file as opened by the previous process; null: none. */
  readonly inheritedFd: number | null;
  /** Called with one line for each thing that will not work. */
  readonly notice: (text: string) => void;
}

export class ContextPidFile {
  readonly #settings: PidFileSettings;
  #file: PidFile | null = null;

  constructor(settings: PidFileSettings) {
    this.#settings = settings;
  }

  /** Descriptor of the open file; null: none. */
  get fd(): number | null {
    return this.#file?.fd ?? null;
  }

  /** Takes it, or takes it back after {@link handOver}. @throws PidFileError */
  lock(): void {
    const { path, inheritedFd, program } = this.#settings;
    if (path === null) return;
    if (this.#file !== null) this.#file.takeBack();
    else
      this.#file = inheritedFd === null ? PidFile.acquire(path, program) : PidFile.takeOver(path, inheritedFd, program);
  }

  /** @returns why it cannot be taken until its folder is created, or null: it was taken. @throws PidFileError */
  tryLock(): string | null {
    try {
      this.lock();
      return null;
    } catch (error) {
      if (!(error instanceof PidFileError) || errorCode(error.cause) !== 'ENOENT') throw error;
      return `cannot create pid file "${this.#settings.path}": its directory is missing: retrying`;
    }
  }

  /** The daemon is ready. @throws PidFileError */
  publish(): void {
    this.#file?.publish();
  }

  /** The privileges of the process are final. */
  noticeFixed(): void {
    const reason = this.#file?.whyFixed() ?? null;
    if (reason !== null)
      this.#settings.notice(`pid file "${this.#settings.path}" will be emptied at exit, not removed: ${reason}`);
  }

  /** Recreates it if it was removed, or creates it at last. @returns whether it did. @throws PidFileError */
  keep(): boolean {
    if (this.#settings.path === null) return false;
    if (this.#file !== null) return this.#file.keep();
    this.lock();
    this.publish();
    this.noticeFixed();
    return true;
  }

  touch(): void {
    this.#file?.touch();
  }

  handOver(): void {
    this.#file?.handOver();
  }

  release(): void {
    this.#file?.release();
    this.#file = null;
  }
}
