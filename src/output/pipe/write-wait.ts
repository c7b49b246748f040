/**
 * Waits until a descriptor that took no more bytes takes some again: by readiness, or without native calls by retrying
 * after a while.
 */
import { nativeAvailable } from '../../sys/call/native.ts';
import { type Readiness, watchWritable } from '../../sys/call/readiness.ts';

/** Time between two attempts without native calls. */
const ATTEMPT_MS = 20;

export class WriteWait {
  readonly #fd: number;
  readonly #ready: () => void;
  #readiness: Readiness | null = null;
  #timer: NodeJS.Timeout | null = null;
  #armed = false;

  /** @param ready is called once for each {@link arm} */
  constructor(fd: number, ready: () => void) {
    this.#fd = fd;
    this.#ready = ready;
  }

  get armed(): boolean {
    return this.#armed;
  }

  arm(): void {
    if (this.#armed) return;
    this.#armed = true;
    if (!nativeAvailable().ok) this.#timer = setTimeout(this.#onReady, ATTEMPT_MS);
    else if (this.#readiness === null) this.#readiness = watchWritable(this.#fd, this.#onReady);
    else this.#readiness.resume();
  }

  /** Call this before closing the descriptor. */
  close(): void {
    this.#armed = false;
    this.#readiness?.close();
    this.#readiness = null;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  readonly #onReady = (): void => {
    this.#armed = false;
    this.#timer = null;
    this.#readiness?.pause();
    this.#ready();
  };
}
