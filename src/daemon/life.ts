/**
 * The life of a daemon as a table: what each event leads to in each state. Does nothing itself: the caller does what
 * the answer says.
 *
 *   prepared       everything is open, nothing is received yet
 *   running        messages are received and written; reloads happen here, see reload.ts
 *   restarting     a new process starts; the attempt can still be cancelled
 *   handing over   the new process reads; this one writes what it has, and goes on only if the new one fails
 *   ending         what was received is written, within the time limit
 *   ended          nothing is left to be done
 */

/** The states, in order. */
export const LIFE_STATES = ['prepared', 'running', 'restarting', 'handing over', 'ending', 'ended'] as const;
export type LifeState = (typeof LIFE_STATES)[number];

export const LIFE_EVENTS = [
  /** Messages are received from now on. */
  'run',
  /** It will not run after all. */
  'abandon',
  /** SIGHUP or a command requests a reload. */
  'reload',
  /** A command requests a restart. */
  'restart',
  /** The new process is prepared and waits for permission to read. */
  'successor ready',
  /** The new process cannot take over, or has died. */
  'restart failed',
  /** The new process has taken over. */
  'replaced',
  /** A signal, a command or a bug requests the end. */
  'end',
  /** Everything is written and closed, or was given up. */
  'ended',
] as const;
export type LifeEvent = (typeof LIFE_EVENTS)[number];

export type LifeAnswer =
  | 'do it'
  /** Not possible now. */
  | 'refuse'
  /** A reload: the process that continues does it. */
  | 'postpone'
  /** The end: cancel the restart first. */
  | 'cancel restart'
  /** The end: the new process must end. */
  | 'pass on'
  /** Nothing to do. */
  | 'ignore';

interface Transition {
  readonly to: LifeState;
  readonly answer: LifeAnswer;
}

type Row = Readonly<Partial<Record<LifeEvent, Transition>>>;

function move(to: LifeState, answer: LifeAnswer = 'do it'): Transition {
  return { to, answer };
}

/** Missing entries cannot happen: they would be a bug of the caller. */
const TABLE: Readonly<Record<LifeState, Row>> = {
  prepared: {
    run: move('running'),
    abandon: move('ended'),
    reload: move('prepared', 'refuse'),
    restart: move('prepared', 'refuse'),
    end: move('ending'),
  },
  running: {
    reload: move('running'),
    restart: move('restarting'),
    end: move('ending'),
  },
  restarting: {
    reload: move('restarting', 'postpone'),
    restart: move('restarting', 'refuse'),
    'successor ready': move('handing over'),
    'restart failed': move('running'),
    end: move('ending', 'cancel restart'),
  },
  'handing over': {
    reload: move('handing over', 'postpone'),
    restart: move('handing over', 'refuse'),
    'restart failed': move('running'),
    replaced: move('ended'),
    end: move('handing over', 'pass on'),
  },
  ending: {
    reload: move('ending', 'refuse'),
    restart: move('ending', 'refuse'),
    'successor ready': move('ending', 'refuse'),
    'restart failed': move('ending', 'ignore'),
    end: move('ending', 'ignore'),
    ended: move('ended'),
  },
  ended: {
    reload: move('ended', 'refuse'),
    restart: move('ended', 'refuse'),
    end: move('ended', 'ignore'),
  },
};

export class Life {
  #state: LifeState;
  #reloadPostponed = false;

  /** @param state not `prepared` only in tests */
  constructor(state: LifeState = 'prepared') {
    this.#state = state;
  }

  get state(): LifeState {
    return this.#state;
  }

  /**
   * Something has happened, or was requested.
   *
   * @returns what to do
   * @throws Error if the event is impossible in this state
   */
  on(event: LifeEvent): LifeAnswer {
    const transition = TABLE[this.#state][event];
    if (transition === undefined) throw new Error(`a daemon that is ${this.#state} got the event "${event}"`);
    this.#state = transition.to;
    if (transition.answer === 'postpone') this.#reloadPostponed = true;
    return transition.answer;
  }

  /** Call this after a restart. @returns whether a reload was postponed; true only once */
  takePostponedReload(): boolean {
    const postponed = this.#reloadPostponed;
    this.#reloadPostponed = false;
    return postponed;
  }
}
