/**
 * The life of a daemon as a table: what each event leads to in each state. Nothing is done here: the
 * caller does what the answer says.
 *
 *   prepared       everything is open, nothing is received yet
 *   running        messages are received and written; a reload belongs here, and has a sequence of its own
 *   restarting     a new process starts; the attempt can still be cancelled
 *   handing over   the new process reads; this one writes what it has, and goes on only if the new one fails
 *   ending         what was received is written, within the time limit
 *   ended          nothing is left to be done
 */

/** The states, in the order in which a life goes through them. */
export const LIFE_STATES = ['prepared', 'running', 'restarting', 'handing over', 'ending', 'ended'] as const;
export type LifeState = (typeof LIFE_STATES)[number];

export const LIFE_EVENTS = [
  /** Messages are received from now on. */
  'run',
  /** It does not run after all. */
  'abandon',
  /** SIGHUP, or a command, asks for a reload. */
  'reload',
  /** A command asks for a restart. */
  'restart',
  /** The new process is prepared, and waits for permission to read. */
  'successor ready',
  /** The new process cannot take over, or has died. */
  'restart failed',
  /** The new process has taken over. */
  'replaced',
  /** A signal, a command, or a bug asks for the end. */
  'end',
  /** Everything is written and closed, or was given up. */
  'ended',
] as const;
export type LifeEvent = (typeof LIFE_EVENTS)[number];

export type LifeAnswer =
  | 'do it'
  /** It is not possible now. */
  | 'refuse'
  /** A reload: the process that goes on does it. */
  | 'postpone'
  /** The end: the restart has to be cancelled first. */
  | 'cancel restart'
  /** The end: the new process has to end. */
  | 'pass on'
  /** Nothing has to be done. */
  | 'ignore';

interface Transition {
  readonly to: LifeState;
  readonly answer: LifeAnswer;
}

type Row = Readonly<Partial<Record<LifeEvent, Transition>>>;

function move(to: LifeState, answer: LifeAnswer = 'do it'): Transition {
  return { to, answer };
}

/** What is missing cannot happen: it would be a bug of the caller. */
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

  /** @param state another one than `prepared` in tests */
  constructor(state: LifeState = 'prepared') {
    this.#state = state;
  }

  get state(): LifeState {
    return this.#state;
  }

  /**
   * Something has happened, or is asked for.
   *
   * @returns what is to be done
   * @throws Error for an event that is impossible in this state
   */
  on(event: LifeEvent): LifeAnswer {
    const transition = TABLE[this.#state][event];
    if (transition === undefined) throw new Error(`a daemon that is ${this.#state} got the event "${event}"`);
    this.#state = transition.to;
    if (transition.answer === 'postpone') this.#reloadPostponed = true;
    return transition.answer;
  }

  /** To be asked once a restart is over. @returns whether a reload was postponed; true only once */
  takePostponedReload(): boolean {
    const postponed = this.#reloadPostponed;
    this.#reloadPostponed = false;
    return postponed;
  }
}
