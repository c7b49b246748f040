/**
 * Which log sockets the daemon makes itself, beside those of the service manager; and that one of several which cannot
 * be made does not keep the others from working.
 */
import { realpathSync } from 'node:fs';
import type { Input } from '../../input/input.ts';
import { InputError } from '../../input/input.ts';
import type { LogSocket } from '../../input/datagram/log-socket.ts';
import type { PassedInput } from '../../input/datagram/passed-input.ts';
import type { Receivers } from '../../input/receivers.ts';

const DEFAULT_PATH = '/dev/log';

/**
 * @param wanted `-p`; empty: the default, unless the service manager has passed a log socket
 * @param passed log sockets of the service manager
 * @param report called with one line for each that cannot be made yet
 * @returns those that were made, or will be
 * @throws InputError where no log socket is open then
 */
export function openLogSockets(
  receivers: Receivers,
  wanted: readonly string[],
  passed: readonly PassedInput[],
  report: (text: string) => void,
): readonly Input[] {
  const paths = ownPaths(wanted, passed);
  const mayWait = paths.length + passed.length > 1;
  const own: LogSocket[] = [];
  try {
    for (const path of paths) own.push(receivers.openLogSocket(path, mayWait));
  } catch (error) {
    for (const socket of own) socket.close();
    throw error;
  }
  const failures = own.flatMap(({ failure }) => failure ?? []);
  if (passed.length === 0 && failures.length === own.length) {
    for (const socket of own) socket.close();
    throw new InputError(failures[0] ?? 'no log socket');
  }
  for (const failure of failures) report(`${failure}: trying again`);
  return own;
}

/** What the service manager has bound is not made once more. */
function ownPaths(wanted: readonly string[], passed: readonly PassedInput[]): readonly string[] {
  if (wanted.length === 0) return passed.length > 0 ? [] : [DEFAULT_PATH];
  const taken = new Set(passed.map(({ path }) => path));
  return wanted.filter((path) => !taken.has(path) && !taken.has(realPath(path)));
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
