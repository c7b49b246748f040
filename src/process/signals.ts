/**
 * Signals and their meaning: for any daemon as a map, and for this one. Source: signal(7), syslogd(8).
 */

/** `ignore`, `terminate` (as defined by the owner of the map), or a function called with the signal's name. */
export type SignalAction = 'ignore' | 'terminate' | ((name: NodeJS.Signals) => void);

export type SignalMap = Readonly<Partial<Record<NodeJS.Signals, SignalAction>>>;

/**
 * Handles the signals of a map.
 *
 * @param terminate what `terminate` means
 * @returns a function that removes the handlers
 */
export function handleSignals(map: SignalMap, terminate: (name: NodeJS.Signals) => void): () => void {
  const names = Object.keys(map).filter((name): name is NodeJS.Signals => name in map);
  const handlers = names.map((name) => [name, handlerOf(name, map[name] ?? 'ignore', terminate)] as const);
  for (const [name, handler] of handlers) process.on(name, handler);
  return () => {
    for (const [name, handler] of handlers) process.off(name, handler);
  };
}

function handlerOf(name: NodeJS.Signals, action: SignalAction, terminate: (name: NodeJS.Signals) => void): () => void {
  if (action === 'ignore') return () => undefined;
  const act = action === 'terminate' ? terminate : action;
  return () => act(name);
}

/** What tsyslogd does when signals come. */
export interface SignalActions {
  /** SIGHUP */
  readonly reload: () => void;
  /** SIGTERM, SIGINT, SIGQUIT: with the signal's name */
  readonly end: (name: NodeJS.Signals) => void;
  /** SIGUSR1 */
  readonly toggleDebug: () => void;
  /** SIGUSR2 */
  readonly rotate: () => void;
}

/** @returns the signals of tsyslogd */
export function daemonSignals(actions: SignalActions): SignalMap {
  return {
    SIGHUP: actions.reload,
    SIGTERM: actions.end,
    SIGINT: actions.end,
    SIGQUIT: actions.end,
    // sysklogd's timer for marks; an old script may still send it.
    SIGALRM: 'ignore',
    SIGUSR1: actions.toggleDebug,
    SIGUSR2: actions.rotate,
    // A reader that goes away shows as EPIPE in the write.
    SIGPIPE: 'ignore',
  };
}
