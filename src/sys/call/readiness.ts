/**
 * Readiness of any descriptor on the main event loop, through koffi's libuv poll.
 *
 * koffi calls its callback bare: an exception in it is swallowed and stops all later callbacks, and neither promises
 * nor process.nextTick run after it. So the callback only schedules an immediate, which Node runs properly right after
 * the poll phase, and the owner's code runs there. On an idle machine this costs 8 µs per wake-up; an owner that can
 * say it left nothing to promises is called directly.
 */
import { native, type PollHandle, type PollInterest } from './native.ts';

/** A watched descriptor. Hold on to it: nothing else does. */
export interface Readiness {
  /** No callbacks between pause and resume. */
  pause(): void;
  resume(): void;
  /** Call this before closing the descriptor. No callbacks after it. */
  close(): void;
}

/** As {@link Readiness}, for what must not keep a process from ending. */
export interface LooseReadiness extends Readiness {
  /** From now on it does not keep the event loop alive. */
  unref(): void;
}

/** After an error on the descriptor libuv stops polling it; polling resumes after this time. */
const ERROR_PAUSE_MS = 50;

/** Calls back as long as there is something to read (level-triggered). Makes the descriptor non-blocking. */
export function watchReadable(fd: number, callback: () => void): Readiness {
  return new PolledFd(fd, { readable: true, writable: false }, callback);
}

/**
 * As {@link watchReadable}, but calls back directly from the poll.
 *
 * @param callback returns whether it may have left work to promises or process.nextTick: if so, a turn of the event
 *   loop follows in which they run. What it throws is rethrown in such a turn
 */
export function watchReadableAtOnce(fd: number, callback: () => boolean): Readiness {
  return new PolledFd(fd, { readable: true, writable: false }, callback, true);
}

/** Calls back as long as something can be written. Makes the descriptor non-blocking. */
export function watchWritable(fd: number, callback: () => void): LooseReadiness {
  return new PolledFd(fd, { readable: false, writable: true }, callback);
}

/** A turn for this runs pending promises and process.nextTick. */
function nothing(): void {}

class PolledFd implements LooseReadiness {
  /** Kept here: once collected, it stops polling. */
  readonly #handle: PollHandle;
  readonly #interest: PollInterest;
  readonly #callback: () => unknown;
  readonly #atOnce: boolean;
  readonly #onPoll = (status: number): void => this.#polled(status);
  readonly #onImmediate = (): void => this.#run();
  #state: 'polling' | 'paused' | 'closed' = 'polling';
  #asked = false;
  #keeps = true;
  #restart: NodeJS.Timeout | null = null;

  constructor(fd: number, interest: PollInterest, callback: () => unknown, atOnce = false) {
    this.#interest = interest;
    this.#callback = callback;
    this.#atOnce = atOnce;
    this.#handle = native().poll(fd, interest, this.#onPoll);
  }

  pause(): void {
    if (this.#state !== 'polling') return;
    this.#state = 'paused';
    this.#handle.stop();
  }

  resume(): void {
    if (this.#state !== 'paused') return;
    this.#state = 'polling';
    this.#handle.start(this.#interest, this.#onPoll);
  }

  unref(): void {
    this.#handle.unref();
    this.#keeps = false;
  }

  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    if (this.#restart !== null) clearTimeout(this.#restart);
    this.#handle.close();
  }

  /** Called bare by koffi: must not throw, nor run anything that may. */
  #polled(status: number): void {
    if (status < 0) this.#restart ??= this.#restartLater();
    if (this.#atOnce && status === 0) {
      this.#runAtOnce();
      return;
    }
    if (this.#asked) return;
    this.#asked = true;
    setImmediate(this.#onImmediate);
  }

  #runAtOnce(): void {
    if (this.#state !== 'polling') return;
    try {
      if (this.#callback() === true) setImmediate(nothing);
    } catch (error) {
      setImmediate(() => {
        throw error;
      });
    }
  }

  #run(): void {
    this.#asked = false;
    if (this.#state === 'polling') this.#callback();
  }

  #restartLater(): NodeJS.Timeout {
    const timer = setTimeout(() => this.#takeUpAgain(), ERROR_PAUSE_MS);
    if (!this.#keeps) timer.unref();
    return timer;
  }

  #takeUpAgain(): void {
    this.#restart = null;
    if (this.#state === 'polling') this.#handle.start(this.#interest, this.#onPoll);
  }
}
