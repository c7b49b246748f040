/**
 * What `-s` and `secure_mode` remove from a configuration. Source: syslogd(8).
 */
import type { Configuration, ConfigProblem } from '../../conf/config.ts';

/** No network socket at all, so nothing can be forwarded either. */
const NO_SOCKET = 2;

/**
 * Leaves out the rules that forward if no network socket is allowed.
 *
 * @param commandLine the mode given there, which overrides the configuration; null: none
 * @param leftOut called for each rule
 */
export function withoutForbidden(
  configuration: Configuration,
  commandLine: number | null,
  leftOut: (problem: ConfigProblem) => void,
): Configuration {
  const mode = commandLine ?? configuration.directives.secureMode ?? 0;
  if (mode < NO_SOCKET) return configuration;
  const rules = configuration.rules.filter(({ action, actionAt }) => {
    if (action.kind !== 'forward') return true;
    const what = `not forwarding to "${action.host}": secure mode ${NO_SOCKET} allows no network socket`;
    leftOut({ at: actionAt, what, expected: null });
    return false;
  });
  return { ...configuration, rules };
}
