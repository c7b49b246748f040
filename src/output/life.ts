/**
 * The states of an output as a table: what each event leads to in each state. The end is final: whatever happens late,
 * an output that is draining or closed does not come back. Its timers end with it.
 *
 *              works      fails      drain      close
 *   opening    open       retrying   draining   closed
 *   open       open       retrying   draining   closed
 *   retrying   open       retrying   draining   closed
 *   draining   draining   draining   draining   closed
 *   closed     closed     closed     closed     closed
 */
import type { OutputState } from './output.ts';

/** What happens to an output: a write or an open succeeds or fails, the end begins, the end is reached. */
export type LifeEvent = 'works' | 'fails' | 'drain' | 'close';

type Next = Readonly<Record<LifeEvent, OutputState>>;

const ALIVE: Next = { works: 'open', fails: 'retrying', drain: 'draining', close: 'closed' };

const NEXT: Readonly<Record<OutputState, Next>> = {
  opening: ALIVE,
  open: ALIVE,
  retrying: ALIVE,
  draining: { works: 'draining', fails: 'draining', drain: 'draining', close: 'closed' },
  closed: { works: 'closed', fails: 'closed', drain: 'closed', close: 'closed' },
};

export class OutputLife {
  #state: OutputState = 'opening';
  readonly #timers: LifeTimer[] = [];

  get state(): OutputState {
    return this.#state;
  }

  on(event: LifeEvent): void {
    this.#state = NEXT[this.#state][event];
    if (this.ending) for (const timer of this.#timers) timer.stop();
  }

  /** `timer` stops when the end begins. */
  own(timer: LifeTimer): void {
    this.#timers.push(timer);
  }

  /** Draining or closed: nothing is retried, nothing starts by itself. */
  get ending(): boolean {
    return this.#state === 'draining' || this.#state === 'closed';
  }

  get closed(): boolean {
    return this.#state === 'closed';
  }
}

/** One timer of an output. It runs only while the output is alive. */
export class LifeTimer {
  readonly #life: OutputLife;
  readonly #due: () => void;
  #timer: NodeJS.Timeout | null = null;

  constructor(life: OutputLife, due: () => void) {
    this.#life = life;
    this.#due = due;
    life.own(this);
  }

  /** Does nothing if it is running already. */
  start(delayMs: number): void {
    if (this.#life.ending) return;
    this.#timer ??= setTimeout(this.#onTimer, Math.ceil(Math.max(0, delayMs)));
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  readonly #onTimer = (): void => {
    this.#timer = null;
    if (!this.#life.ending) this.#due();
  };
}
