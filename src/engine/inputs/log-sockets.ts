/**
 * The log sockets: those of the service manager and those that the daemon makes itself. If one of several cannot be
 * made, the others still work.
 */
import { realpathSync } from 'node:fs';
import type { LogSocket } from '../../input/datagram/log-socket.ts';
import type { PassedInput } from '../../input/datagram/passed-input.ts';
import { type Input, InputError } from '../../input/input.ts';
import { SEVERITY } from '../../protocol/priority.ts';
import type { GroupParts, InputGroup } from './input-group.ts';

const DEFAULT_PATH = '/dev/log';

export class LogSockets implements InputGroup {
  readonly #parts: GroupParts;
  #passed: readonly PassedInput[] = [];
  #own: readonly LogSocket[] = [];
  /** Handed over by the previous process and no longer wanted. */
  #others: readonly LogSocket[] = [];

  constructor(parts: GroupParts) {
    this.#parts = parts;
  }

  get inputs(): readonly Input[] {
    return [...this.#passed, ...this.#own, ...this.#others];
  }

  /** @throws InputError where no log socket can be opened */
  open(): void {
    const { opener } = this.#parts;
    this.#passed = opener.openPassed('local');
    this.#own = this.#openOwn(ownPaths(this.#parts.settings.sockets, this.#passed));
    this.#others = opener.openOtherLogSockets();
  }

  released(): void {
    for (const input of this.#others) input.close();
    this.#others = [];
  }

  ended(): void {
    this.#passed = [];
    this.#own = [];
    this.#others = [];
  }

  /** @returns sockets that are open or retried. @throws InputError; then none is open */
  #openOwn(paths: readonly string[]): readonly LogSocket[] {
    const { opener, report } = this.#parts;
    const mayWait = paths.length + this.#passed.length > 1;
    const own: LogSocket[] = [];
    try {
      for (const path of paths) own.push(opener.openLogSocket(path, mayWait));
      const failures = own.flatMap(({ failure }) => failure ?? []);
      if (this.#passed.length === 0 && failures.length === own.length)
        throw new InputError(failures[0] ?? 'no log socket');
      for (const failure of failures) report(SEVERITY.warning, `${failure}: retrying`);
      return own;
    } catch (error) {
      for (const socket of own) socket.close();
      throw error;
    }
  }
}

/**
 * Leaves out paths that the service manager has bound.
 *
 * @param wanted `-p`; empty: the default path, unless the service manager has passed a log socket
 */
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
