/**
 * Signals and what they mean to the daemon. Source: signal(7), syslogd(8).
 */

export interface SignalActions {
  /** SIGHUP */
  readonly reload: () => void;
  /** SIGTERM, SIGINT: by its name */
  readonly end: (name: NodeJS.Signals) => void;
  /** SIGUSR1 */
  readonly toggleDebug: () => void;
  /** SIGUSR2 */
  readonly rotate: () => void;
}

/** @returns what takes the handlers away again. */
export function installSignals(actions: SignalActions): () => void {
  const handlers: readonly (readonly [NodeJS.Signals, () => void])[] = [
    ['SIGHUP', actions.reload],
    ['SIGTERM', () => actions.end('SIGTERM')],
    ['SIGINT', () => actions.end('SIGINT')],
    ['SIGUSR1', actions.toggleDebug],
    ['SIGUSR2', actions.rotate],
    // A reader that goes away is seen as EPIPE by the write concerned.
    ['SIGPIPE', () => undefined],
  ];
  for (const [name, handler] of handlers) process.on(name, handler);
  return () => {
    for (const [name, handler] of handlers) process.off(name, handler);
  };
}
